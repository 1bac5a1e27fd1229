"""How the model of one stream, the whole of most recognizers, goes through a recipe's stages."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras.datasets import ClipDataset, cached_clip_features
from lrcn_keras.models import ActivityRecognizer, Protocol
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.scoring import predict_clips, score_clips, seen_by
from lrcn_keras.training.stages import StageRunner, batches_of, from_pixels


class RecognitionStages(StageRunner):
    """The stages of an `ActivityRecognizer`.

    Args:
        recognizer: the float32 model that the recipe ends with.
        dev: data on which the epoch is chosen; None keeps the last epoch's weights.
        cache_dir: folder of the frozen CNN's features.
        *args: directory, seed and strategy, as of `StageRunner`.
    """

    def __init__(
        self,
        recognizer: ActivityRecognizer,
        dev: ClipDataset | None,
        cache_dir: Path,
        *args: Any,
    ):
        super().__init__(recognizer, *args)
        self.dev = dev
        self.cache_dir = cache_dir

    def take_over(self, trained: keras.Model) -> None:
        if trained.backbone is not None:
            _copy_shared_layers(trained.backbone, self.model.backbone)
        if _shapes(trained.head) == _shapes(self.model.head):
            self.model.head.set_weights(trained.head.get_weights())

    def loss_options(self, stage: Stage) -> dict[str, Any]:
        return {"step_power": stage.step_power}

    def _features(self, stage: Stage, train: ClipDataset, seed: int):
        model = self.model.without_backbone()
        features = cached_views(self.model, train, self.cache_dir, stage.mirrored)
        dev = None
        if self.dev is not None:
            dev = cached_views(self.model, self.dev, self.cache_dir, self.model.protocol.crops == 2)
        return (
            model,
            batches_of(model, train, stage, seed, features=features),
            lambda trained: self._dev_scores(trained, dev),
        )

    def _clips(self, stage: Stage, train: ClipDataset, seed: int):
        model = self._on_frames(stage) if stage.single_frame else from_pixels(self.model, stage)
        return model, batches_of(model, train, stage, seed), self._dev_scores

    def _on_frames(self, stage: Stage) -> ActivityRecognizer:
        config = self.model.get_config()
        config |= {
            "units": None,
            "clip_length": 1,
            "trainable_backbone": stage.trainable_backbone,
            "feature": config["feature"] if stage.single_frame is True else stage.single_frame,
        }
        model = ActivityRecognizer.from_config(config)
        _copy_shared_layers(self.model.backbone, model.backbone)
        return model

    def _dev_scores(self, model, features: list[np.ndarray] | None = None) -> dict[str, float]:
        if self.dev is None:
            return {}
        scores = score_clips(predict_clips(model, self.dev, features=features), self.dev)
        return {name: scores[name] for name in ("video accuracy", "mean class accuracy")}


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in model.weights]


def _copy_shared_layers(source: keras.Model, target: keras.Model) -> None:
    """Copy the weights of the layers that both have."""
    theirs = {layer.name: layer for layer in source.layers}
    for layer in target.layers:
        if layer.name in theirs:
            layer.set_weights(theirs[layer.name].get_weights())


def cached_views(
    model: ActivityRecognizer, dataset: ClipDataset, cache_dir: Path, mirrored: bool
) -> list[np.ndarray]:
    """Features of all clips, with the mirrored view or without."""
    look = Protocol(crops=2 if mirrored else 1)
    return cached_clip_features(
        lambda frames: model.encode_clip(frames, look),
        model.backbone,
        dataset,
        model.frame_size,
        cache_dir / "features",
        mirrored,
    )


def streams_of(recipe: Recipe, overrides: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Arguments of each stream's model; a model of one stream has the name ""."""
    if not recipe.streams:
        return {"": {**recipe.model, **overrides}}
    return {
        name: {**recipe.model, "modality": name, **recipe.streams[name], **overrides}
        for name in ("rgb", "flow")
    }


def trained_stream(
    recipe: Recipe,
    model: dict[str, Any],
    train_data: ClipDataset,
    dev_data: ClipDataset | None,
    directory: Path,
    cache_dir: Path,
    strategy: Any,
    seed: int | None = None,
) -> ActivityRecognizer:
    """Make the model of a stream and run the recipe's stages on it.

    Args:
        recipe: says what to do.
        model: arguments of the model, see `streams_of`.
        train_data: RGB clips, or those of the model's modality.
        dev_data: the same to choose the epoch on; None keeps the last epoch's weights.
        directory: where progress goes.
        cache_dir: folder of flow and features, which many trainings share.
        strategy: a ``tf.distribute.Strategy``.
        seed: None for the recipe's.
    """
    seed = recipe.seed if seed is None else seed
    keras.utils.set_random_seed(seed)
    recognizer = recipe.build(ActivityRecognizer, train_data.classes, **model)
    if dev_data is not None:
        dev_data = seen_by(recognizer, dev_data, cache_dir / "flow")
    runner = RecognitionStages(recognizer, dev_data, cache_dir, directory, seed, strategy)
    for number, stage in enumerate(recipe.stages, 1):
        if stage.stream not in (None, recognizer.modality):
            continue
        runner.run(number, stage, seen_by(recognizer, train_data, cache_dir / "flow"))
    return recognizer
