"""Clip to sentence: the stages of a describer, and a recipe from start to card."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras import zoo
from lrcn_keras.datasets import CaptionDataset, cached_clip_features, cached_features
from lrcn_keras.models import LanguageModel, VideoDescriber
from lrcn_keras.models.entry_batches import seen_by
from lrcn_keras.text import RoleLabels
from lrcn_keras.training.captioning import CaptionStages, save_trained
from lrcn_keras.training.cut_clips import cut_clips
from lrcn_keras.training.description_scores import (
    Described,
    Features,
    observed_features,
    predict_descriptions,
    score_descriptions,
)
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.sentence_data import SentenceData
from lrcn_keras.training.stages import batches_of, from_pixels

_WITH_ROLES = ("a", "b", "c")


class DescriptionStages(CaptionStages):
    """The stages of a `VideoDescriber`.

    Args:
        describer: the float32 model that the recipe ends with.
        data: the recipe's.
        cache_dir: folder of the frozen CNN's features.
        *args: directory, seed and strategy, as of `StageRunner`.
    """

    untested = ("sentences", "roles")

    def __init__(self, describer: VideoDescriber, data: SentenceData, cache_dir: Path, *args: Any):
        super().__init__(describer, data, *args)
        self.cache_dir = cache_dir

    def test_scores(self, decoder: Any) -> dict[str, Any]:
        test = self.data.test
        features = self.given(test) if self.model.backbone is None else None
        found = predict_descriptions(self.model, test, decoder, features)
        captions = self.data.captions
        return flat(score_descriptions(self.model, found, test, training_captions=captions))

    def take_over(self, trained: keras.Model) -> None:
        if isinstance(trained, VideoDescriber) and trained.backbone is None:
            self.model.copy_head(trained)
        elif isinstance(trained, VideoDescriber | LanguageModel):
            super().take_over(trained)
        else:
            self.model.copy_roles(trained)

    def given(self, dataset: Described, mirrored: bool = False, seed: int = 0) -> Features:
        """Give what a describer without CNN sees of a data set.

        Args:
            dataset: photos or clips.
            mirrored: whether there is a second view of each, mirrored left to right.
            seed: of clips without pixels, which labels are hidden or corrupted.

        Returns:
            Features as ``VideoDescriber.prepare`` takes them.
        """
        entry = self.model.entry
        if entry.backbone is None:
            return observed_features(self.model, dataset, self.data.recipe.roles, seed)
        folder = self.cache_dir / "features"
        if isinstance(dataset, CaptionDataset):
            entry.check_photos()
            features = cached_features(entry.backbone, dataset, folder, mirrored=mirrored)
            return features.mean(axis=(2, 3)) if features.ndim == 5 else features

        def encode(frames: np.ndarray) -> np.ndarray:
            views = [frames, frames[:, :, ::-1]] if mirrored else [frames]
            return np.concatenate([self.model.encode_clip(view) for view in views])

        look = (mirrored, entry.region, entry.frame_size)
        seen = seen_by(entry, dataset)
        return cached_clip_features(encode, entry.backbone, seen, entry.read_size, folder, look)

    def _sentences(self, stage: Stage, train: Described, seed: int):
        if self.model.variant == "s2vt":
            raise ValueError(f"Stage {stage.name!r}: s2vt has no language model of its own.")
        return super()._sentences(stage, train, seed)

    def _roles(self, stage: Stage, train: Described, seed: int):
        dropout = self.data.recipe.roles.get("dropout", 0.0)
        if stage.trainable_backbone:
            model = from_pixels(self.model, stage).role_recognizer(dropout)
            features = dev = None
        else:
            model = self._without_backbone(stage).role_recognizer(dropout)
            features, dev = self._training_features(train, stage, seed), self.given(self.data.dev)
        dev_batches = model.prepare(self.data.dev, stage.batch_size, features=dev)

        def score(trained: keras.Model) -> dict[str, float]:
            found = trained.evaluate(dev_batches, verbose=0, return_dict=True)
            return {"role accuracy": found["role_accuracy"], "log_likelihood": -found["nll"]}

        return model, batches_of(model, train, stage, seed, features), score

    def _features(self, stage: Stage, train: Described, seed: int):
        model = self._without_backbone(stage)
        features, dev = self._training_features(train, stage, seed), self.given(self.data.dev)
        return (
            model,
            batches_of(model, train, stage, seed, features),
            lambda trained: self._dev_scores(trained, dev),
        )

    def _clips(self, stage: Stage, train: Described, seed: int):
        if self.model.roles is not None:
            raise ValueError(
                f"Stage {stage.name!r}: from pixels roles train in stages of roles, and sentences "
                "in stages of features."
            )
        model = from_pixels(self.model, stage, region=None)
        train, dev = self._cut(train, training=True), self._cut(self.data.dev, training=False)
        return (
            model,
            batches_of(model, train, stage, seed),
            lambda trained: self._dev_scores(trained, dev=dev),
        )

    def _cut(self, dataset: Described, training: bool) -> Described:
        """Read videos once and for all."""
        if isinstance(dataset, CaptionDataset):
            return dataset
        entry = self.model.entry
        seen = seen_by(entry, dataset, training)
        return cut_clips(entry, seen, self.cache_dir / "frames")

    _photos = _clips

    def _without_backbone(self, stage: Stage) -> VideoDescriber:
        if self.model.backbone is None:
            return from_pixels(self.model, stage)
        return self.model.without_backbone()

    def _training_features(self, train: Described, stage: Stage, seed: int):
        """Features or, of clips without pixels, a function that sees each epoch anew."""
        if self.model.backbone is None:
            return lambda epoch: self.given(train, seed=seed + epoch)
        return self.given(train, stage.mirrored)

    def _dev_scores(
        self,
        model: VideoDescriber,
        features: Features | None = None,
        dev: Described | None = None,
    ) -> dict[str, float]:
        dev = self.data.dev if dev is None else dev
        found = predict_descriptions(model, dev, features=features)
        scores = score_descriptions(model, found, dev, resamples=1, with_meteor=False)
        grammar = "word accuracy" in scores
        names = ("word accuracy", "WER") if grammar else ("CIDEr-D", "BLEU-4", "distinct")
        return {name: scores[name] for name in names}


def train_describer(
    recipe: Recipe, data_dir: str | Path, output_dir: Path, strategy: Any
) -> VideoDescriber:
    """Run a describer's recipe; see ``training.train``."""
    from lrcn_keras.training.variants import variants_compared

    data = SentenceData.load(recipe, data_dir)
    runner = begin(data, {}, recipe.seed, output_dir, output_dir, strategy)
    metrics = runner.run_all()
    metrics += variants_compared(recipe, data_dir, output_dir)
    save_trained(runner.model, data, metrics, output_dir)
    return runner.model


def begin(
    data: SentenceData,
    overrides: Mapping[str, Any],
    seed: int,
    directory: Path,
    cache_dir: Path,
    strategy: Any,
) -> DescriptionStages:
    """Make a recipe's describer and what runs its stages.

    Args:
        data: the recipe's.
        overrides: what differs in the model's arguments.
        seed: decides initial weights, order, augmentation and dropout.
        directory: where progress and TensorBoard logs go.
        cache_dir: folder of the frozen CNN's features.
        strategy: where to run.

    Raises:
        ValueError: for an argument that there is not.
    """
    recipe = data.recipe
    arguments = {**recipe.model, **overrides}
    if arguments.get("variant") in _WITH_ROLES:
        labels = role_labels(data)
        arguments["roles"] = labels
        if arguments.get("backbone", "") is None:
            arguments["feature_size"] = sum(labels.sizes.values())
    keras.utils.set_random_seed(seed)
    describer = recipe.build(VideoDescriber, data.vocabulary, **arguments)
    if recipe.start:
        start = zoo.load(recipe.start)
        if describer.variant == "s2vt":
            describer.backbone.set_weights(start.backbone.get_weights())
        else:
            describer.copy_captioner(start)
    return DescriptionStages(describer, data, cache_dir, directory, seed, strategy)


def role_labels(data: SentenceData) -> RoleLabels:
    """Collect the labels of each role: annotated ones or, where there are none, the captions'."""
    options = {
        name: data.recipe.roles[name]
        for name in ("min_count", "max_labels")
        if name in data.recipe.roles
    }
    annotated = getattr(data.train, "roles", None)
    if annotated is not None:
        return RoleLabels.from_roles(annotated, **options)
    return RoleLabels.from_captions(data.captions, **options)


def flat(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Write the scores of each word and role beside the others, as a card has them."""
    rows = {name: value for name, value in scores.items() if name not in ("slots", "roles")}
    words = {f"word {n}": share for n, share in enumerate(scores.get("slots", ()), 1)}
    roles = {f"role {role}": share for role, share in scores.get("roles", {}).items()}
    return {**rows, **words, **roles}
