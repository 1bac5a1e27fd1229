"""From a recipe to a model in its folder."""

from pathlib import Path
from typing import TYPE_CHECKING

import keras

from lrcn_keras.training.captioning import train_captioner
from lrcn_keras.training.description import train_describer
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.recognition import train_recognizer

if TYPE_CHECKING:
    import tensorflow as tf

_TRAIN = {
    "image-captioning": train_captioner,
    "activity-recognition": train_recognizer,
    "video-description": train_describer,
}


def train(
    recipe: Recipe,
    data_dir: str | Path,
    output_dir: str | Path,
    strategy: "tf.distribute.Strategy | None" = None,
) -> keras.Model:
    """Run a recipe's stages; called again after an interruption, it goes on.

    Order of examples, augmentation and dropout are functions of the recipe's seed and the step, so
    that an interrupted training ends with the weights of an uninterrupted one.

    Args:
        recipe: what to do.
        data_dir: folder of the data sets.
        output_dir: where progress, cached features and TensorBoard logs go.
        strategy: where to run; see `strategy_for`. None for one device.

    Returns:
        The model with the weights of the last stage's best epoch on dev. It is also in
        ``output_dir/trained``, with a card that says how it does on test: a captioner or describer
        by greedy, beam and sampled decoding, and by its default decoder after each stage; a
        recognizer by its protocol, each stream and the fused one.
    """
    import tensorflow as tf

    strategy = strategy or tf.distribute.get_strategy()
    return _TRAIN[recipe.task](recipe, data_dir, Path(output_dir), strategy)
