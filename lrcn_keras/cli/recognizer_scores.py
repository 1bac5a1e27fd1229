"""A recognizer's scores on a data set, the table and the plots of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrcn_keras.cli.recipe_of import recipe_of
from lrcn_keras.cli.recognizer import load_recognizer

if TYPE_CHECKING:
    from lrcn_keras.cli.recognizer import Recognizer
    from lrcn_keras.datasets import ClipDataset
    from lrcn_keras.models import Recognition

METRICS = ("video accuracy", "mean class accuracy")


def score_recognizer(
    model: "Recognizer",
    name: str,
    dataset: "ClipDataset",
    by: str | None = None,
    compare: str | None = None,
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Score a recognizer, alone or against another one.

    Args:
        model: the recognizer.
        name: its name or folder.
        dataset: clips of the model's classes.
        by: field of the clips' groups that intervals draw; None for that of the model's recipe,
            or clips.
        compare: name or folder of another recognizer; None for none.

    Returns:
        The scores, and the probability of each class of each clip.

    Raises:
        ValueError: for an unknown field, other classes, or no clip that can be read.
    """
    from lrcn_keras.evaluation import compare_recognition
    from lrcn_keras.training import score_clips

    if by is not None and by not in dataset.groups:
        raise ValueError(f"{dataset.name} has the fields {', '.join(dataset.groups)}, got {by!r}.")
    by = by or _field_of_recipe(name, dataset)
    answers = _predict(model, dataset)
    report = {"by": by, **score_clips(answers, dataset, by)}
    report["clips of class"] = {
        each: sum(row) for each, row in zip(dataset.classes, report["confusion"], strict=True)
    }
    if compare is not None:
        others = _predict(load_recognizer(compare), dataset)
        both = [clip for clip in answers if clip in others]
        rows = [{clip: _row(found[clip]) for clip in both} for found in (answers, others)]
        labels = dict(zip(dataset.names, map(int, dataset.labels), strict=True))
        groups = by and dict(zip(dataset.names, dataset.groups[by], strict=True))
        labels = {clip: labels[clip] for clip in both}
        report["compared_with"] = {
            "model": compare,
            **compare_recognition(*rows, labels, groups),
            "class gain": _class_gain(rows, labels, dataset.classes),
        }
    return report, {clip: answer.probabilities for clip, answer in answers.items()}


def _predict(model: "Recognizer", dataset: "ClipDataset") -> dict[str, "Recognition"]:
    from lrcn_keras.training import predict_clips, seen_by

    answers = predict_clips(model, seen_by(model, dataset))
    if not answers:
        raise ValueError(f"No clip of {dataset.name} can be read.")
    return answers


def _field_of_recipe(name: str, dataset: "ClipDataset") -> str | None:
    """By what the model's own recipe draws intervals."""
    recipe = recipe_of(name)
    by = recipe.interval_by if recipe else None
    return by if by in dataset.groups else None


def _row(answer: "Recognition") -> np.ndarray:
    return np.array(list(answer.probabilities.values()))


def _class_gain(rows: list[dict[str, np.ndarray]], labels: dict[str, int], classes) -> dict:
    from lrcn_keras.evaluation import class_gain

    predicted = [[int(found[clip].argmax()) for clip in labels] for found in rows]
    return class_gain(list(labels.values()), *predicted, classes)


def print_recognizer(report: dict[str, Any]) -> None:
    """Print a table of what `score_recognizer` returns."""
    from rich.console import Console
    from rich.table import Table

    drawn = f" by {report['by']}" if report["by"] else ""
    difference = report.get("compared_with")
    table = Table(title=f"{report['model']} on {report['data']}, {report['videos']} videos")
    table.add_column("accuracy")
    table.add_column("value", justify="right")
    table.add_column(f"95 % interval{drawn}", justify="right")
    if difference:
        table.add_column(f"minus {difference['model']}", justify="right")
    for metric in METRICS:
        row = [metric, percent(report[metric]), interval(report["interval"][metric])]
        if difference:
            gain = difference.get(metric)
            row.append(
                f"{points(gain['difference'])} [{interval(gain['interval'], points)}]"
                if gain
                else ""
            )
        table.add_row(*row)
    table.add_section()
    for name, value in report["per class"].items():
        row = [f"{name} ({report['clips of class'][name]})", percent(value), ""]
        if difference:
            row.append(points(difference["class gain"].get(name, 0.0)))
        table.add_row(*row)
    Console(markup=False).print(table)


def percent(share: float) -> str:
    """Write a share as percent."""
    return f"{100 * share:.1f} %"


def points(difference: float) -> str:
    """Write a difference of shares in percentage points."""
    return f"{100 * difference:+.1f}"


def interval(ends: list[float] | None, number=percent) -> str:
    """Write an interval."""
    return " to ".join(map(number, ends)) if ends else ""


def draw_confusion(report: dict[str, Any], path: Path) -> None:
    """Plot a report's confusion matrix."""
    from lrcn_keras.evaluation import plot_confusion

    title = f"{report['model']} on {report['data']}"
    plot_confusion(report["confusion"], list(report["clips of class"]), path, title)


def draw_class_gain(report: dict[str, Any], path: Path) -> None:
    """Plot by how much each class gains over the model that was compared."""
    from lrcn_keras.evaluation import plot_class_gain

    other = report["compared_with"]
    title = f"{report['model']} minus {other['model']} on {report['data']}"
    plot_class_gain(other["class gain"], path, title)
