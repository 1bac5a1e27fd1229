"""From a recipe to a model in its folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from lrcn_keras import datasets, zoo
from lrcn_keras.models import ImageCaptioner
from lrcn_keras.text import Vocabulary, shared_rows
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.scoring import predict_captions, score_captions
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
        The captioner with the weights of the last stage's best epoch on dev. It is also in
        ``output_dir/trained``, with a card that says how it does on test: by greedy, beam and
        sampled decoding, and by its default decoder after each stage.
    """
    import tensorflow as tf

    output_dir = Path(output_dir)
    train_data = datasets.get(recipe.train, data_dir)
    sentences = [
        text for file in recipe.sentences for text in datasets.sentences(Path(data_dir) / file)
    ]
    captions = [text for texts in train_data.captions for text in texts]
    keras.utils.set_random_seed(recipe.seed)
    vocabulary = Vocabulary.from_captions([*sentences, *captions], recipe.min_count)
    try:
        captioner = ImageCaptioner(vocabulary, name=recipe.name.replace("-", "_"), **recipe.model)
    except TypeError as error:  # an argument that there is not
        raise ValueError(f"The recipe {recipe.name}, [model]: {error}") from error
    if recipe.start:
        start = zoo.load(recipe.start)
        captioner.backbone.set_weights(start.backbone.get_weights())
        rows = shared_rows(start.vocabulary, captioner.vocabulary)
        captioner.word_decoder.copy_from(start.word_decoder, *rows)
    runner = StageRunner(
        captioner,
        datasets.get(recipe.dev, data_dir),
        sentences,
        output_dir,
        recipe.seed,
        strategy or tf.distribute.get_strategy(),
    )
    test_data = datasets.get(recipe.test, data_dir)
    metrics = []
    for number, stage in enumerate(recipe.stages, 1):
        stage_data = datasets.get(stage.train, data_dir) if stage.train else train_data
        runner.run(number, stage, stage_data)
        if stage.kind != "sentences":
            last = number == len(recipe.stages)
            decoders = ("greedy", "sample", recipe.decoder) if last else (recipe.decoder,)
            path = output_dir / f"{number}-{stage.name}" / "test.json"
            metrics += _tested(captioner, test_data, stage.name, decoders, captions, path)
    zoo.save(
        captioner,
        output_dir / "trained",
        card={
            "name": recipe.name,
            "description": recipe.description,
            "datasets": _sources(recipe, data_dir),
            "metrics": metrics,
            **recipe.card,
        },
        recipe=recipe.text,
        decoder=recipe.decoder,
    )
    return captioner


def _tested(
    captioner: ImageCaptioner,
    dataset: datasets.CaptionDataset,
    stage: str,
    decoders: tuple[str | dict[str, Any] | None, ...],
    training_captions: list[str],
    path: Path,
) -> list[dict[str, Any]]:
    """Score a stage's weights, rounded as they are published; kept in a file for the next run."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    weights = captioner.get_weights()
    captioner.set_weights([weight.astype(np.float16) for weight in weights])
    name, _, split = dataset.name.partition(":")
    results = []
    for decoder in decoders:
        captions = predict_captions(captioner, dataset, decoder)
        scores = score_captions(captions, dataset, training_captions=training_captions)
        results.append(
            {
                "dataset": name,
                "split": split,
                "stage": stage,
                "decoding": captioner.resolve_decoder(decoder).get_config(),
                "interval": scores.pop("interval"),
                "values": scores,
            }
        )
    captioner.set_weights(weights)
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    return results


def _sources(recipe: Recipe, data_dir: str | Path) -> list[dict[str, Any]]:
    photos = [
        {"name": name, "photos": len(datasets.get(name, data_dir))}
        for name in recipe.train.split("+")
    ]
    use = "language" if any(s.kind == "sentences" for s in recipe.stages) else "vocabulary only"
    texts = [
        {
            "name": Path(file).name,
            "sentences": len(datasets.sentences(Path(data_dir) / file)),
            "use": use,
        }
        for file in recipe.sentences
    ]
    return photos + texts
