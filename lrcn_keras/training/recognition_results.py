"""Results of recognizers as a card has them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lrcn_keras.datasets import ClipDataset
from lrcn_keras.evaluation import evaluate_recognition, fuse, merge_classes
from lrcn_keras.models import Protocol
from lrcn_keras.training.recipe import Recipe

_ACCURACIES = ("video accuracy", "mean class accuracy")


def with_fusions(recipe: Recipe, found: dict[str, dict[str, np.ndarray]]) -> dict:
    """Predictions of each stream, and of their fusions."""
    if "" in found:
        return found
    both = found["rgb"].keys() & found["flow"].keys()  # a clip may be too short for flow
    rgb, flow = ({n: row for n, row in found[s].items() if n in both} for s in ("rgb", "flow"))
    return found | {title: fuse(rgb, flow, weights) for title, weights in _fusions(recipe).items()}


def _fusions(recipe: Recipe) -> dict[str, tuple[float, float]]:
    """The paper's two, and the recipe's own."""
    fusions = {"fused 1/2, 1/2": (1 / 2, 1 / 2), "fused 1/3, 2/3": (1 / 3, 2 / 3)}
    if tuple(recipe.fusion) not in fusions.values():
        fusions["fused"] = tuple(recipe.fusion)
    return fusions


def scores_of(recipe: Recipe, rows: dict[str, np.ndarray], data: ClipDataset) -> dict[str, dict]:
    """Scores of all classes, by the name "", and of the recipe's merged ones."""
    labels, groups = truth_of(recipe, data, rows)
    scores = {"": evaluate_recognition(rows, labels, data.classes, groups)}
    if recipe.merge:
        rows, classes = merge_classes(rows, data.classes, recipe.merge)
        names = (data.classes[label] for label in labels.values())
        merged = [classes.index(recipe.merge.get(name, name)) for name in names]
        labels = dict(zip(labels, merged, strict=True))
        title = f"merged to {len(classes)} classes"
        scores[title] = evaluate_recognition(rows, labels, classes, groups)
    return scores


def truth_of(recipe: Recipe, data: ClipDataset, names) -> tuple[dict, dict | None]:
    """The class, and the group that intervals are drawn by, of each name."""
    labels = {n: int(label) for n, label in zip(data.names, data.labels, strict=True) if n in names}
    if recipe.interval_by is None:
        return labels, None
    groups = dict(zip(data.names, data.groups[recipe.interval_by], strict=True))
    return labels, groups


def result_row(
    recipe: Recipe,
    dataset: str,
    split: str,
    names: tuple[str | None, ...],
    scores: Sequence[dict],
) -> dict[str, Any]:
    """A row of a card's table: means over the scores of one seed or of several."""
    kept = [name for name in _ACCURACIES if name in scores[0]]
    model = ", ".join(name for name in names if name)
    return {
        "dataset": dataset,
        "split": split,
        **({"model": model} if model else {}),
        "protocol": Protocol.of(recipe.model.get("protocol")).get_config(),
        "interval": {
            name: mean_interval([each["interval"][name] for each in scores]) for name in kept
        },
        "values": {
            **{name: float(np.mean([each[name] for each in scores])) for name in kept},
            "videos": scores[0]["videos"],
        },
    }


def mean_interval(intervals: Sequence[Sequence[float]]) -> list[float]:
    """Means of the ends of several seeds' intervals."""
    return np.mean(intervals, axis=0).tolist()
