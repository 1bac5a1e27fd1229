"""Recognizers trained once a group of their data, and tested on the group left out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras import datasets
from lrcn_keras.datasets import ClipDataset
from lrcn_keras.evaluation import compare_recognition
from lrcn_keras.training.folds import Folds
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.recognition_results import (
    mean_interval,
    result_row,
    scores_of,
    truth_of,
    with_fusions,
)
from lrcn_keras.training.recognition_stages import cached_views, streams_of, trained_stream
from lrcn_keras.training.scoring import predict_clips, seen_by


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
        Results as a card has them, one for each stream and, of two, their fusions: values, and
        ends of intervals, are means over the seeds; ``spread`` is the standard deviation.

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
            for stream, model in streams_of(recipe, overrides).items():
                found = _fold_predictions(
                    recipe, model, train_data, test_data, where / stream, output_dir, strategy, seed
                )
                pooled.setdefault(stream, {}).update(found)
            keras.backend.clear_session()
        runs.append(pooled)
    runs = [with_fusions(recipe, pooled) for pooled in runs]
    results = _pooled_results(recipe, data, runs, variant, folds)
    path = folder / f"{variant or 'model'}.json"
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    rows = [
        {title: {n: row.tolist() for n, row in found.items()} for title, found in run.items()}
        for run in runs
    ]
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
        than it: the paired difference of video accuracy with its interval, means over the seeds
        that both have.
    """
    folder = Path(output_dir) / _folder(folds)
    names = [name for name in ("model", *recipe.variants) if (folder / f"{name}.json").exists()]
    results = [row for name in names for row in _read(folder / f"{name}.json")]
    if "model" not in names:
        return results
    ours = _read(folder / "model.predictions")
    data = _all_data(recipe, data_dir)
    for variant in names[1:]:
        both = list(zip(ours, _read(folder / f"{variant}.predictions"), strict=False))
        for title in ours[0]:
            gains = [_gain(recipe, data, *(_arrays(run[title]) for run in runs)) for runs in both]
            results.append(
                {
                    **results[0],
                    "model": ", ".join(x for x in (f"model minus {variant}", title) if x),
                    "interval": {"gain": mean_interval([gain["interval"] for gain in gains])},
                    "values": {
                        "gain": float(np.mean([gain["difference"] for gain in gains])),
                        "seeds": len(gains),
                    },
                }
            )
    return results


def _gain(recipe: Recipe, data: ClipDataset, ours, theirs) -> dict[str, Any]:
    labels, groups = truth_of(recipe, data, ours)
    return compare_recognition(ours, theirs, labels, groups)["video accuracy"]


def _fold_predictions(
    recipe, model, train_data, test_data, directory: Path, cache_dir: Path, strategy, seed: int
) -> dict[str, np.ndarray]:
    """Probabilities of the clips left out; kept in a file for the next run."""
    path = directory / "predictions.json"
    if not path.exists():
        trained = trained_stream(
            recipe, model, train_data, None, directory, cache_dir, strategy, seed
        )
        seen = seen_by(trained, test_data, cache_dir / "flow")
        features = None
        frozen = all(stage.kind == "features" for stage in recipe.stages)
        if frozen and trained.protocol.crops <= 2:
            # As in training, where possible: the first view is the clip.
            mirrored = recipe.stages[-1].mirrored or trained.protocol.crops == 2
            features = cached_views(trained, seen, cache_dir, mirrored)
        answers = predict_clips(trained, seen, features=features)
        rows = {name: list(answer.probabilities.values()) for name, answer in answers.items()}
        path.write_text(json.dumps(rows), encoding="utf-8")
        for file in directory.rglob("*.npz"):  # weights of no further use
            file.unlink()
    return _arrays(_read(path))


def _pooled_results(
    recipe: Recipe, data: ClipDataset, runs, variant: str | None, folds: Folds
) -> list[dict]:
    results = []
    for title in runs[0]:
        scores = [scores_of(recipe, pooled[title], data) for pooled in runs]
        for view in scores[0]:
            seeds = [each[view] for each in scores]
            row = result_row(recipe, data.name, str(folds), (variant, title, view), seeds)
            row["values"]["seeds"] = len(seeds)
            if len(seeds) > 1:
                spread = np.std([each["video accuracy"] for each in seeds], ddof=1)
                row["values"]["spread"] = float(spread)
            results.append(row)
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


def _arrays(rows: Mapping[str, list[float]]) -> dict[str, np.ndarray]:
    return {name: np.array(row) for name, row in rows.items()}
