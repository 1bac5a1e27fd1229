"""From a recipe to a model."""

from pathlib import Path
from typing import TYPE_CHECKING

import keras

from lrcn_keras import datasets
from lrcn_keras.models import ImageCaptioner
from lrcn_keras.text import Vocabulary
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.stages import StageRunner

if TYPE_CHECKING:
    import tensorflow as tf


def train(
    recipe: Recipe,
    data_dir: str | Path,
    output_dir: str | Path,
    strategy: "tf.distribute.Strategy | None" = None,
) -> ImageCaptioner:
    """Run a recipe's stages; called again after an interruption, it goes on.

    Order of examples, augmentation and dropout are functions of the recipe's seed and the step, so
    that an interrupted training ends with the weights of an uninterrupted one.

    Args:
        recipe: what to do.
        data_dir: folder of the data sets.
        output_dir: where progress, cached features and TensorBoard logs go.
        strategy: where to run; see `strategy_for`. None for one device.

    Returns:
        The captioner with the weights of the last stage's best epoch on dev.
    """
    import tensorflow as tf

    output_dir = Path(output_dir)
    train_data = datasets.get(recipe.train, data_dir)
    sentences = [
        text for file in recipe.sentences for text in datasets.sentences(Path(data_dir) / file)
    ]
    captions = [text for texts in train_data.captions for text in texts]
    keras.utils.set_random_seed(recipe.seed)
    captioner = ImageCaptioner(
        Vocabulary.from_captions([*sentences, *captions], recipe.min_count),
        name=recipe.name.replace("-", "_"),
        **recipe.model,
    )
    runner = StageRunner(
        captioner,
        train_data,
        datasets.get(recipe.dev, data_dir),
        sentences,
        output_dir,
        recipe.seed,
        strategy or tf.distribute.get_strategy(),
    )
    for number, stage in enumerate(recipe.stages, 1):
        runner.run(number, stage)
    return captioner
