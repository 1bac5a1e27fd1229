"""Photo to sentence: the stages of a captioner, and a recipe from start to card."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras import datasets, zoo
from lrcn_keras.datasets import CaptionDataset, cached_features
from lrcn_keras.models import ImageCaptioner, LanguageModel
from lrcn_keras.text import Vocabulary, shared_rows
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.scoring import predict_captions, score_captions
from lrcn_keras.training.stages import StageRunner, batches_of, from_pixels


class CaptionStages(StageRunner):
    """The stages of an `ImageCaptioner`.

    Args:
        captioner: the float32 model that the recipe ends with.
        dev: data on which the epoch is chosen.
        sentences: of the language stages, besides the captions trained on.
        *args: directory, seed and strategy, as of `StageRunner`.
    """

    def __init__(
        self, captioner: ImageCaptioner, dev: CaptionDataset, sentences: list[str], *args: Any
    ):
        super().__init__(captioner, *args)
        self.dev = dev
        self.sentences = sentences

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
        held_out = [text for texts in self.dev.captions for text in texts]
        dev_batches = model.prepare(held_out, stage.batch_size)
        return (
            model,
            batches_of(model, [*self.sentences, *captions], stage, seed),
            lambda trained: {"log_likelihood": -_nll(trained, dev_batches)},
        )

    def _features(self, stage: Stage, train: CaptionDataset, seed: int):
        model = self.model.without_backbone()
        features = self._cached(train, stage.mirrored)
        dev = self._cached(self.dev, False)
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
        captions = predict_captions(model, self.dev, features=features)
        scores = score_captions(captions, self.dev, resamples=1, with_meteor=False)
        return {name: scores[name] for name in ("CIDEr-D", "BLEU-4", "distinct")}


def train_captioner(
    recipe: Recipe, data_dir: str | Path, output_dir: Path, strategy: Any
) -> ImageCaptioner:
    """Run a captioner's recipe; see ``training.train``."""
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
    dev_data = datasets.get(recipe.dev, data_dir)
    runner = CaptionStages(captioner, dev_data, sentences, output_dir, recipe.seed, strategy)
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
    dataset: CaptionDataset,
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


def _nll(model, batches) -> float:
    return model.evaluate(batches, verbose=0, return_dict=True)["nll"]
