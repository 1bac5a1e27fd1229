"""Pictures of how a model recognizes actions; they need the extra `plot`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _MUTED, _GRID = "#202124", "#5f6368", "#dadce0"
_GAIN, _LOSS = "#1a73e8", "#d93025"
_MOST_COUNTS = 20  # classes up to which each cell of a matrix has room for its number
_COLOURS = (
    "#1a73e8", "#e8710a", "#188038", "#a142f4", "#d93025", "#12a4af", "#b06000", "#5f6368",
)  # fmt: skip


def plot_confusion(
    matrix: np.ndarray | Sequence[Sequence[int]],
    classes: Sequence[str],
    path: str | Path,
    title: str = "",
) -> None:
    """Draw a confusion matrix, each row coloured by the shares of its true class.

    Args:
        matrix: (K, K) counts as `confusion_matrix` gives them: a row is a true class.
        classes: names of the K classes.
        path: file to write, such as "confusion.png", .svg or .pdf.
        title: above the matrix.

    Raises:
        ValueError: when the matrix is not (K, K).
        ImportError: without matplotlib.
    """
    counts = np.asarray(matrix)
    size = len(classes)
    if counts.shape != (size, size):
        raise ValueError(f"{size} classes need a matrix ({size}, {size}), got {counts.shape}.")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(max(1.2 + 0.55 * size, 3.2), 16)
    figure = _figure(side + 1.2, side + 0.6)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    font = min(9.0, 0.6 * 72 * side / size)  # points: six tenths of a row
    axes.set_xticks(range(size), classes, rotation=90 if size > 5 else 0, fontsize=font)
    axes.set_yticks(range(size), classes, fontsize=font)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    if size <= _MOST_COUNTS:
        for row, column in np.argwhere(counts):
            dark = shares[row, column] > 0.55
            axes.text(
                column, row, str(counts[row, column]),
                ha="center", va="center", fontsize=8, color="white" if dark else _INK,
            )  # fmt: skip
    bar = figure.colorbar(image, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)
    _finish(figure, axes, path, title)


def plot_class_gain(gains: Mapping[str, float], path: str | Path, title: str = "") -> None:
    """Draw by how much each class is recognized better or worse: Donahue et al. 2017, table 2.

    Args:
        gains: class -> difference of two accuracies in [-1, 1], as `class_gain` gives them; drawn
            in this order, from the top.
        path: file to write, such as "gain.png", .svg or .pdf.
        title: above the bars.

    Raises:
        ValueError: when there are no classes.
        ImportError: without matplotlib.
    """
    if not gains:
        raise ValueError("At least one class is needed: got none.")
    points = 100 * np.array(list(gains.values()))
    figure = _figure(7, 1.0 + 0.24 * len(points))
    axes = figure.add_subplot()
    places = np.arange(len(points))
    colours = [_GAIN if point >= 0 else _LOSS for point in points]
    axes.barh(places, points, color=colours, height=0.72)
    for place, point in zip(places, points, strict=True):
        axes.annotate(
            f"{point:+.1f}" if point else "0", (point, place),
            xytext=(3 if point >= 0 else -3, 0), textcoords="offset points",
            ha="left" if point >= 0 else "right", va="center", fontsize=8, color=_MUTED,
        )  # fmt: skip
    axes.set_yticks(places, list(gains), fontsize=8)
    axes.set_ylim(len(points) - 0.4, -0.6)
    low, high = min(points.min(), 0), max(points.max(), 0)
    room = 0.1 * max(high - low, 1)  # for the numbers
    axes.set_xlim(low - room if low < 0 else -0.1 * room, high + room)
    axes.axvline(0, color=_MUTED, linewidth=0.8)
    axes.grid(axis="x", color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("gain in accuracy, percentage points")
    _finish(figure, axes, path, title)


def plot_timeline(
    probabilities: np.ndarray,
    classes: Sequence[str],
    rate: float | None,
    path: str | Path,
    title: str = "",
    most: int = 6,
) -> None:
    """Draw a clip's probabilities over time.

    Args:
        probabilities: (T, K) probability of each class after each frame.
        classes: names of the K classes.
        rate: frames/s; None for an axis of frames in place of seconds.
        path: file to write, such as "timeline.png", .svg or .pdf.
        title: above the curves.
        most: how many classes to draw, those with the highest mean; their order is that of the
            legend.

    Raises:
        ValueError: when the probabilities are not (T, K) for at least one frame, or `rate` is not
            positive.
        ImportError: without matplotlib.
    """
    probabilities = np.asarray(probabilities, float)
    if probabilities.ndim != 2 or probabilities.shape[1] != len(classes) or not len(probabilities):
        raise ValueError(
            f"{len(classes)} classes need probabilities (T, {len(classes)}), got "
            f"{probabilities.shape}."
        )
    if rate is not None and not rate > 0:
        raise ValueError(f"rate must be positive, in frames/s, or None: got {rate}.")
    figure = _figure(8, 3)
    axes = figure.add_subplot()
    times = np.arange(len(probabilities)) / (rate or 1)
    marker = "o" if len(times) == 1 else None  # a line through one point cannot be seen
    drawn = np.argsort(-probabilities.mean(axis=0), kind="stable")[:most]
    for place, number in enumerate(drawn):
        axes.plot(
            times, probabilities[:, number], label=classes[number], marker=marker,
            color=_COLOURS[place % len(_COLOURS)], linewidth=2.2 if place == 0 else 1.4,
            linestyle="-" if place < len(_COLOURS) else "--",
        )  # fmt: skip
    axes.fill_between(times, probabilities[:, drawn[0]], color=_COLOURS[0], alpha=0.08, linewidth=0)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(times[0], times[-1] or 1)
    if rate is None:
        axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("seconds" if rate else "frame")
    axes.set_ylabel("probability")
    axes.grid(color=_GRID, linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=9)
    _finish(figure, axes, path, title)


def _figure(width: float, height: float) -> Figure:
    """A figure of its own: pyplot would keep it, and look for a screen."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("Plots need matplotlib: pip install 'lrcn-keras[plot]'") from error
    return Figure(figsize=(width, height), dpi=150, layout="constrained")


def _finish(figure: Figure, axes, path: str | Path, title: str) -> None:
    if title:
        axes.set_title(title, loc="left", fontsize=11, color=_INK)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=_INK)
    figure.savefig(path, facecolor="white")
