"""Clip to action: the stages of a recognizer, a recipe from start to card, cross-validation."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras import datasets, zoo
from lrcn_keras.datasets import ClipDataset, cached_clip_features
from lrcn_keras.evaluation import (
    compare_recognition,
    evaluate_recognition,
    fuse,
    merge_classes,
)
from lrcn_keras.models import ActivityRecognizer, Protocol, Recognition, TwoStreamRecognizer
from lrcn_keras.training.folds import Folds
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
        features = _cached(self.model, train, self.cache_dir, stage.mirrored)
        dev = None
        if self.dev is not None:
            dev = _cached(self.model, self.dev, self.cache_dir, self.model.protocol.crops == 2)
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


def _cached(
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


def train_recognizer(
    recipe: Recipe, data_dir: str | Path, output_dir: Path, strategy: Any
) -> ActivityRecognizer | TwoStreamRecognizer:
    """Run a recognizer's recipe; see ``training.train``."""
    train_data = datasets.get(recipe.train, data_dir)
    dev_data = datasets.get(recipe.dev, data_dir) if recipe.dev else None
    test_data = datasets.get(recipe.test, data_dir)
    streams = {
        name: _trained_stream(
            recipe, model, train_data, dev_data, output_dir / name, output_dir, strategy
        )
        for name, model in _streams(recipe, {}).items()
    }
    for stream in streams.values():  # as they are published
        stream.set_weights([weight.astype(np.float16) for weight in stream.get_weights()])
    model = streams.get("")
    if model is None:
        name = recipe.name.replace("-", "_")
        model = TwoStreamRecognizer(streams["rgb"], streams["flow"], recipe.fusion, name=name)
    zoo.save(
        model,
        output_dir / "trained",
        card={
            "name": recipe.name,
            "description": recipe.description,
            "datasets": [{"name": recipe.train, "clips": len(train_data)}],
            "metrics": [
                *_tested(recipe, streams, test_data, output_dir),
                *cross_validated(recipe, data_dir, output_dir),
            ],
            **recipe.card,
        },
        recipe=recipe.text,
    )
    return model


def cross_validate(
    recipe: Recipe,
    data_dir: str | Path,
    output_dir: str | Path,
    variant: str | None = None,
    seeds: int = 1,
    strategy: Any = None,
    folds: Folds | None = None,
) -> list[dict[str, Any]]:
    """Train a recognizer once a group of its data, and test each on the group left out.

    Nothing is chosen on what is left out: the last epoch's weights count. Called again after an
    interruption, it goes on.

    Args:
        recipe: what to do; its ``cross_validate`` says by which field, and the name of its
            training data without conditions is the data.
        data_dir: folder of the data sets.
        output_dir: where progress and results go.
        variant: one of the recipe's; None for the recipe's model.
        seeds: how often all of it is done, with other seeds.
        strategy: where to run; see `strategy_for`. None for one device.
        folds: another split than the recipe's.

    Returns:
        Results as a card has them, one for each stream and, of two, their fusions: values are
        means over the seeds, with ``spread``, their standard deviation, and the interval of the
        first seed's predictions.

    Raises:
        ValueError: for neither ``folds`` nor the recipe's ``cross_validate``, or an unknown
            variant.
    """
    import tensorflow as tf

    if folds is None and recipe.cross_validate is None:
        raise ValueError(f"The recipe {recipe.name} does not say cross_validate = FIELD.")
    folder = Path(output_dir) / _folder(folds)
    folds = folds or Folds(recipe.cross_validate)
    if variant is not None and variant not in recipe.variants:
        raise ValueError(f"{recipe.name} has variants {list(recipe.variants)}, got {variant!r}.")
    output_dir = Path(output_dir)
    strategy = strategy or tf.distribute.get_strategy()
    data = _all_data(recipe, data_dir)
    overrides = recipe.variants.get(variant, {})
    runs = []
    for seed in range(recipe.seed, recipe.seed + seeds):
        pooled: dict[str, dict[str, np.ndarray]] = {}
        for fold, train_data, test_data in folds.split(data, recipe.seed):
            where = folder / (variant or "model") / f"seed {seed}" / fold
            for stream, model in _streams(recipe, overrides).items():
                found = _fold_predictions(
                    recipe, model, train_data, test_data, where / stream, output_dir, strategy, seed
                )
                pooled.setdefault(stream, {}).update(found)
            keras.backend.clear_session()
        runs.append(pooled)
    runs = [_with_fusions(recipe, pooled) for pooled in runs]
    results = _pooled_results(recipe, data, runs, variant, folds)
    path = folder / f"{variant or 'model'}.json"
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    rows = {
        title: {n: row.tolist() for n, row in found.items()} for title, found in runs[0].items()
    }
    path.with_suffix(".predictions").write_text(json.dumps(rows), encoding="utf-8")
    return results


def cross_validated(
    recipe: Recipe, data_dir: str | Path, output_dir: str | Path, folds: Folds | None = None
) -> list[dict]:
    """Return all results that `cross_validate` left in a folder.

    Args:
        recipe: the recipe.
        data_dir: folder of the data sets.
        output_dir: the folder.
        folds: as for `cross_validate`.

    Returns:
        Results as a card has them; then, for each variant, how much better the recipe's model is
        than it: the paired difference of video accuracy with its interval, of the first seed.
    """
    folder = Path(output_dir) / _folder(folds)
    names = [name for name in ("model", *recipe.variants) if (folder / f"{name}.json").exists()]
    results = [row for name in names for row in _read(folder / f"{name}.json")]
    if "model" not in names:
        return results
    ours = _read(folder / "model.predictions")
    data = _all_data(recipe, data_dir)
    for variant in names[1:]:
        theirs = _read(folder / f"{variant}.predictions")
        for title in ours:
            rows = ({n: np.array(p) for n, p in found[title].items()} for found in (ours, theirs))
            gain = compare_recognition(*rows, *_truth(recipe, data, ours[title]))["video accuracy"]
            results.append(
                {
                    **results[0],
                    "model": ", ".join(x for x in (f"model minus {variant}", title) if x),
                    "interval": {"gain": gain["interval"]},
                    "values": {"gain": gain["difference"]},
                }
            )
    return results


def _all_data(recipe: Recipe, data_dir: str | Path) -> ClipDataset:
    """What the recipe trains on, without conditions such as fold!=5."""
    parts = [part for part in recipe.train.split(":") if "=" not in part]
    return datasets.get(":".join(parts), data_dir)


def _folder(folds: Folds | None) -> str:
    """Where results lie; those of the recipe's own split are on the card."""
    return "folds" if folds is None else folds.folder


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _streams(recipe: Recipe, overrides: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Arguments of each stream's model; a model of one stream has the name ""."""
    if not recipe.streams:
        return {"": {**recipe.model, **overrides}}
    return {
        name: {**recipe.model, "modality": name, **recipe.streams[name], **overrides}
        for name in ("rgb", "flow")
    }


def _trained_stream(
    recipe: Recipe,
    model: dict[str, Any],
    train_data: ClipDataset,
    dev_data: ClipDataset | None,
    directory: Path,
    cache_dir: Path,
    strategy: Any,
    seed: int | None = None,
) -> ActivityRecognizer:
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


def _fold_predictions(
    recipe, model, train_data, test_data, directory: Path, cache_dir: Path, strategy, seed: int
) -> dict[str, np.ndarray]:
    """Probabilities of the clips left out; kept in a file for the next run."""
    path = directory / "predictions.json"
    if not path.exists():
        trained = _trained_stream(
            recipe, model, train_data, None, directory, cache_dir, strategy, seed
        )
        seen = seen_by(trained, test_data, cache_dir / "flow")
        features = None
        frozen = all(stage.kind == "features" for stage in recipe.stages)
        crops = trained.protocol.crops
        if frozen and crops <= 2:
            mirrored = recipe.stages[-1].mirrored or crops == 2  # as in training, where possible
            features = _cached(trained, seen, cache_dir, mirrored)
        answers = predict_clips(trained, seen, features=features)
        rows = {name: list(answer.probabilities.values()) for name, answer in answers.items()}
        path.write_text(json.dumps(rows), encoding="utf-8")
        for file in directory.rglob("*.npz"):  # weights of no further use
            file.unlink()
    rows = _read(path)
    return {name: np.array(row) for name, row in rows.items()}


def _fusions(recipe: Recipe) -> dict[str, tuple[float, float]]:
    """The paper's two, and the recipe's own."""
    fusions = {"fused 1/2, 1/2": (1 / 2, 1 / 2), "fused 1/3, 2/3": (1 / 3, 2 / 3)}
    if tuple(recipe.fusion) not in fusions.values():
        fusions["fused"] = tuple(recipe.fusion)
    return fusions


def _with_fusions(recipe: Recipe, found: dict[str, dict[str, np.ndarray]]) -> dict:
    """Predictions of each stream, and of their fusions."""
    if "" in found:
        return found
    both = found["rgb"].keys() & found["flow"].keys()  # a clip may be too short for flow
    rgb, flow = ({n: row for n, row in found[s].items() if n in both} for s in ("rgb", "flow"))
    return found | {title: fuse(rgb, flow, weights) for title, weights in _fusions(recipe).items()}


def _result(dataset: str, split: str, names: tuple[str | None, ...], protocol, scores) -> dict:
    """A row of a card's table."""
    kept = [name for name in ("video accuracy", "mean class accuracy", "videos") if name in scores]
    model = ", ".join(name for name in names if name)
    return {
        "dataset": dataset,
        "split": split,
        **({"model": model} if model else {}),
        "protocol": protocol,
        "interval": scores["interval"],
        "values": {name: scores[name] for name in kept},
    }


def _tested(recipe: Recipe, streams, dataset: ClipDataset, cache_dir: Path) -> list[dict[str, Any]]:
    """Results of published weights on the clips that they never saw."""
    found = {}
    for stream, model in streams.items():
        answers = predict_clips(model, seen_by(model, dataset, cache_dir / "flow"))
        found[stream] = _probabilities(answers)
    protocol = next(iter(streams.values())).protocol.get_config()
    name, _, split = recipe.test.partition(":")
    return [
        _result(name, split, (title, view), protocol, scores)
        for title, rows in _with_fusions(recipe, found).items()
        for view, scores in _scores(recipe, rows, dataset).items()
    ]


def _pooled_results(
    recipe: Recipe, data: ClipDataset, runs, variant: str | None, folds: Folds
) -> list[dict]:
    protocol = Protocol.of(recipe.model.get("protocol")).get_config()
    results = []
    for title in runs[0]:
        scores = [_scores(recipe, pooled[title], data) for pooled in runs]
        for view in scores[0]:
            row = _result(data.name, str(folds), (variant, title, view), protocol, scores[0][view])
            accuracies = [each[view]["video accuracy"] for each in scores]
            row["values"] |= {"video accuracy": float(np.mean(accuracies)), "seeds": len(runs)}
            if len(runs) > 1:
                row["values"]["spread"] = float(np.std(accuracies, ddof=1))
            results.append(row)
    return results


def _scores(recipe: Recipe, rows: dict[str, np.ndarray], data: ClipDataset) -> dict[str, dict]:
    """Scores of all classes, by the name "", and of the recipe's merged ones."""
    labels, groups = _truth(recipe, data, rows)
    scores = {"": evaluate_recognition(rows, labels, data.classes, groups)}
    if recipe.merge:
        rows, classes = merge_classes(rows, data.classes, recipe.merge)
        names = (data.classes[label] for label in labels.values())
        merged = [classes.index(recipe.merge.get(name, name)) for name in names]
        labels = dict(zip(labels, merged, strict=True))
        title = f"merged to {len(classes)} classes"
        scores[title] = evaluate_recognition(rows, labels, classes, groups)
    return scores


def _truth(recipe: Recipe, data: ClipDataset, names) -> tuple[dict, dict | None]:
    """The class, and the group that intervals are drawn by, of each name."""
    labels = {n: int(label) for n, label in zip(data.names, data.labels, strict=True) if n in names}
    if recipe.interval_by is None:
        return labels, None
    groups = dict(zip(data.names, data.groups[recipe.interval_by], strict=True))
    return labels, groups


def _probabilities(answers: dict[str, Recognition]) -> dict[str, np.ndarray]:
    return {name: np.array(list(a.probabilities.values())) for name, a in answers.items()}
