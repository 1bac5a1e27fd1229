"""Photo to sentence: the stages of a captioner, and a recipe from start to card."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras import zoo
from lrcn_keras.datasets import CaptionDataset, cached_features
from lrcn_keras.models import ImageCaptioner, LanguageModel
from lrcn_keras.text import shared_rows
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.scoring import predict_captions, score_captions
from lrcn_keras.training.sentence_data import SentenceData
from lrcn_keras.training.stages import StageRunner, batches_of, from_pixels


class CaptionStages(StageRunner):
    """The stages of an `ImageCaptioner`.

    Args:
        captioner: the float32 model that the recipe ends with.
        data: the recipe's.
        *args: directory, seed and strategy, as of `StageRunner`.
    """

    untested = ("sentences",)  # kinds of stages after which the model has learned half of its task

    def __init__(self, captioner: ImageCaptioner, data: SentenceData, *args: Any):
        super().__init__(captioner, *args)
        self.data = data

    def run_all(self) -> list[dict[str, Any]]:
        """Run the recipe's stages.

        Returns:
            How the model, its weights rounded as they are published, does on test: after each stage
            by the recipe's decoder, after the last one also by greedy search and by sampling.
        """
        recipe, results = self.data.recipe, []
        for number, stage in enumerate(recipe.stages, 1):
            self.run(number, stage, self.data.of_stage(stage))
            if stage.kind not in self.untested:
                last = number == len(recipe.stages)
                decoders = ("greedy", "sample", recipe.decoder) if last else (recipe.decoder,)
                path = self.directory / f"{number}-{stage.name}" / "test.json"
                results += self._tested(stage.name, decoders, path)
        return results

    def test_scores(self, decoder: Any) -> dict[str, Any]:
        """Score the model on test."""
        captions = predict_captions(self.model, self.data.test, decoder)
        return score_captions(captions, self.data.test, training_captions=self.data.captions)

    def take_over(self, trained: keras.Model) -> None:
        if isinstance(trained, LanguageModel):
            self.model.copy_language(trained)
        elif trained.backbone is None:
            self.model.word_decoder.set_weights(trained.word_decoder.get_weights())
        else:
            self.model.set_weights(trained.get_weights())

    def _sentences(self, stage: Stage, train: CaptionDataset, seed: int):
        config = self.model.word_decoder.get_config()
        names = ("num_layers", "units", "embedding_size", "dropout", "tied_embeddings")
        model = LanguageModel(
            self.model.vocabulary,
            **{name: config[name] for name in names},
            max_length=self.model.max_length,
        )
        captions = [text for texts in train.captions for text in texts]
        held_out = [text for texts in self.data.dev.captions for text in texts]
        dev_batches = model.prepare(held_out, stage.batch_size)
        return (
            model,
            batches_of(model, [*self.data.sentences, *captions], stage, seed),
            lambda trained: {"log_likelihood": -_nll(trained, dev_batches)},
        )

    def _features(self, stage: Stage, train: CaptionDataset, seed: int):
        model = self.model.without_backbone()
        features = self._cached(train, stage.mirrored)
        dev = self._cached(self.data.dev, False)
        return (
            model,
            batches_of(model, train, stage, seed, features=features),
            lambda trained: self._dev_scores(trained, dev),
        )

    def _photos(self, stage: Stage, train: CaptionDataset, seed: int):
        model = from_pixels(self.model, stage)
        return model, batches_of(model, train, stage, seed), self._dev_scores

    def _cached(self, dataset: CaptionDataset, mirrored: bool) -> np.ndarray:
        return cached_features(
            self.model.backbone, dataset, self.directory / "features", mirrored=mirrored
        )

    def _dev_scores(self, model, features: np.ndarray | None = None) -> dict[str, float]:
        captions = predict_captions(model, self.data.dev, features=features)
        scores = score_captions(captions, self.data.dev, resamples=1, with_meteor=False)
        return {name: scores[name] for name in ("CIDEr-D", "BLEU-4", "distinct")}

    def _tested(self, stage: str, decoders: tuple, path: Path) -> list[dict[str, Any]]:
        """Score a stage's weights; kept in a file for the next run."""
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
        name, _, split = self.data.test.name.partition(":")
        results = []
        with as_published(self.model):
            for decoder in decoders:
                scores = self.test_scores(decoder)
                results.append(
                    {
                        "dataset": name,
                        "split": split,
                        "stage": stage,
                        "decoding": self.model.resolve_decoder(decoder).get_config(),
                        "interval": scores.pop("interval"),
                        "values": scores,
                    }
                )
        path.write_text(json.dumps(results, indent=1), encoding="utf-8")
        return results


def train_captioner(
    recipe: Recipe, data_dir: str | Path, output_dir: Path, strategy: Any
) -> ImageCaptioner:
    """Run a captioner's recipe; see ``training.train``."""
    data = SentenceData.load(recipe, data_dir)
    keras.utils.set_random_seed(recipe.seed)
    captioner = recipe.build(ImageCaptioner, data.vocabulary, **recipe.model)
    if recipe.start:
        start = zoo.load(recipe.start)
        captioner.backbone.set_weights(start.backbone.get_weights())
        rows = shared_rows(start.vocabulary, captioner.vocabulary)
        captioner.word_decoder.copy_from(start.word_decoder, *rows)
    runner = CaptionStages(captioner, data, output_dir, recipe.seed, strategy)
    metrics = runner.run_all()
    save_trained(captioner, data, metrics, output_dir)
    return captioner


def save_trained(
    model: keras.Model, data: SentenceData, metrics: list[dict[str, Any]], output_dir: Path
) -> None:
    """Write a recipe's model with its card."""
    recipe = data.recipe
    zoo.save(
        model,
        output_dir / "trained",
        card={
            "name": recipe.name,
            "description": recipe.description,
            "datasets": data.sources(),
            "metrics": metrics,
            **recipe.card,
        },
        recipe=recipe.text,
        decoder=recipe.decoder,
    )


@contextlib.contextmanager
def as_published(model: keras.Model) -> Iterator[None]:
    """Round a model's weights as they are published, for a while."""
    weights = model.get_weights()
    model.set_weights([weight.astype(np.float16) for weight in weights])
    try:
        yield
    finally:
        model.set_weights(weights)


def _nll(model, batches) -> float:
    return model.evaluate(batches, verbose=0, return_dict=True)["nll"]
