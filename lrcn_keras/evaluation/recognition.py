"""Accuracies of models that recognize actions, with intervals, and two models compared.

What is counted, a frame, a clip of some frames or a whole video, changes an accuracy by many points
(a video's probabilities are a mean over its clips and frames), so every result says it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lrcn_keras.evaluation.bootstrap import bootstrap_interval, paired_bootstrap

UNITS = ("frame", "clip", "video")


def accuracy(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Compute the share of right predictions.

    Args:
        labels: (N,) int true classes.
        predicted: (N,) int predicted classes.

    Returns:
        The share, in [0, 1].

    Raises:
        ValueError: for different lengths, or none.
    """
    labels, predicted = _checked(labels, predicted)
    return float(np.mean(labels == predicted))


def confusion_matrix(
    labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]
) -> np.ndarray:
    """Count how often each class is taken for each.

    Args:
        labels: (N,) int true classes.
        predicted: (N,) int predicted classes.
        classes: names of the K classes.

    Returns:
        (K, K) int64: a row is a true class, a column a predicted one.

    Raises:
        ValueError: for different lengths, none, or a number that is no class.

    Example:
        >>> confusion_matrix([0, 0, 1], [0, 1, 1], ["walk", "run"])
        array([[1, 1],
               [0, 1]])
    """
    labels, predicted = _checked(labels, predicted, len(classes))
    matrix = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def per_class_accuracy(
    labels: np.ndarray, predicted: np.ndarray, classes: Sequence[str]
) -> dict[str, float]:
    """Compute the share of each class's examples that are predicted right.

    Args:
        labels: (N,) int true classes.
        predicted: (N,) int predicted classes.
        classes: names of the classes.

    Returns:
        Class -> share in [0, 1], in the order of `classes`, without classes that have no examples.

    Raises:
        ValueError: as `confusion_matrix`.
    """
    matrix = confusion_matrix(labels, predicted, classes)
    return {
        name: float(row[number] / row.sum())
        for number, (name, row) in enumerate(zip(classes, matrix, strict=True))
        if row.sum()
    }


def class_gain(
    labels: np.ndarray, predicted: np.ndarray, baseline: np.ndarray, classes: Sequence[str]
) -> dict[str, float]:
    """Compute by how much a model is better than another, class by class.

    Donahue et al. 2017, table 2: the LRCN over the single frame.

    Args:
        labels: (N,) int true classes.
        predicted: (N,) int classes predicted by the model.
        baseline: (N,) int classes predicted by the other.
        classes: names of the classes.

    Returns:
        Class -> difference of its accuracies in [-1, 1], the largest gain first.

    Raises:
        ValueError: as `confusion_matrix`.
    """
    ours = per_class_accuracy(labels, predicted, classes)
    theirs = per_class_accuracy(labels, baseline, classes)
    gains = {name: ours[name] - theirs[name] for name in ours}
    return dict(sorted(gains.items(), key=lambda item: -item[1]))


def evaluate_recognition(
    probabilities: Mapping[str, np.ndarray],
    labels: Mapping[str, int],
    classes: Sequence[str],
    groups: Mapping[str, str] | None = None,
    unit: str = "video",
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compute the metrics of a model that recognizes actions.

    The intervals are 95 % percentile bootstrap intervals over groups where they are given, else
    over the examples.

    Args:
        probabilities: name of a video -> (K,) probability of each class.
        labels: name of a video -> its class; the same names.
        classes: names of the K classes.
        groups: name of a video -> what it has in common with others, such as the camera or the
            person; names that are in no other argument do no harm.
        unit: what each name stands for: "video", "clip" or "frame".
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        Plain numbers, ready for JSON: "videos", how many; "video accuracy" in [0, 1]; "mean class
        accuracy" in [0, 1], over the classes that have examples; "interval": metric -> [low, high];
        "per class": class -> accuracy; "confusion": rows of counts as `confusion_matrix` has them.
        With another unit, "clips" and "clip accuracy", or "frames" and "frame accuracy".

    Raises:
        ValueError: for videos with probabilities but no label or the reverse, no videos, a video
            without a group, a label that is no class, or another number of probabilities.

    Example:
        >>> scores = evaluate_recognition(
        ...     {"a": [0.9, 0.1], "b": [0.6, 0.4]}, {"a": 0, "b": 1}, ["fight", "no_fight"]
        ... )
        >>> scores["video accuracy"]
        0.5
    """
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}: got {unit!r}.")
    truth, predicted = _arranged(probabilities, labels, len(classes))
    matrix = confusion_matrix(truth, predicted, classes)
    statistics = np.zeros((len(truth), 2, len(classes)))  # right, and all, of each class
    statistics[np.arange(len(truth)), 0, truth] = truth == predicted
    statistics[np.arange(len(truth)), 1, truth] = 1
    statistics = statistics.reshape(len(truth), -1)
    names = (f"{unit} accuracy", "mean class accuracy")
    values = _accuracies(statistics.sum(axis=0))
    drawn_by = _group_of(groups, labels)
    lows, highs = bootstrap_interval(statistics, _accuracies, resamples, seed, groups=drawn_by)
    return {
        f"{unit}s": len(truth),
        **{name: float(value) for name, value in zip(names, values, strict=True)},
        "interval": {
            name: [float(low), float(high)]
            for name, low, high in zip(names, lows, highs, strict=True)
        },
        "per class": per_class_accuracy(truth, predicted, classes),
        "confusion": matrix.tolist(),
    }


def compare_recognition(
    probabilities_a: Mapping[str, np.ndarray],
    probabilities_b: Mapping[str, np.ndarray],
    labels: Mapping[str, int],
    groups: Mapping[str, str] | None = None,
    unit: str = "video",
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict]:
    """Compute by how much model A is better than model B on the same videos.

    Args:
        probabilities_a: name of a video -> (K,) probability of each class, of A.
        probabilities_b: the same of B; the same names.
        labels: name of a video -> its class; the same names.
        groups: as in `evaluate_recognition`.
        unit: as in `evaluate_recognition`.
        resamples: of the paired bootstrap.
        seed: of the paired bootstrap.

    Returns:
        {"video accuracy": {"difference": A minus B, "interval": [low, high]}} with the paired 95 %
        percentile bootstrap interval, over groups where they are given; with another unit, its
        name.

    Raises:
        ValueError: as `evaluate_recognition`.
    """
    if unit not in UNITS:
        raise ValueError(f"unit must be one of {', '.join(UNITS)}: got {unit!r}.")
    right = []
    for probabilities in (probabilities_a, probabilities_b):
        truth, predicted = _arranged(probabilities, labels, None)
        right.append((truth == predicted).astype(float))
    interval = paired_bootstrap(
        *right, resamples=resamples, seed=seed, groups=_group_of(groups, labels)
    )
    difference = float(right[0].mean() - right[1].mean())
    return {
        f"{unit} accuracy": {
            "difference": difference,
            "interval": [float(end) for end in interval],
        }
    }


def _accuracies(totals: np.ndarray) -> np.ndarray:
    """(..., 2K) right and all of each class -> (..., 2) accuracy and mean class accuracy."""
    right, count = np.split(np.asarray(totals, float), 2, axis=-1)
    present = count > 0
    share = np.where(present, right, 0) / np.where(present, count, 1)
    return np.stack(
        [right.sum(axis=-1) / count.sum(axis=-1), share.sum(axis=-1) / present.sum(axis=-1)],
        axis=-1,
    )


def _arranged(
    probabilities: Mapping[str, np.ndarray], labels: Mapping[str, int], classes: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted classes, in the order of `labels`."""
    for names, what in (
        (labels.keys() - probabilities.keys(), "a label but no probabilities"),
        (probabilities.keys() - labels.keys(), "probabilities but no label"),
    ):
        if names:
            few = ", ".join(map(repr, sorted(names)[:3]))
            raise ValueError(f"{len(names)} have {what}, such as {few}.")
    rows = [np.asarray(probabilities[name]) for name in labels]
    shapes = {row.shape for row in rows}
    if len(shapes) > 1 or (classes is not None and shapes - {(classes,)}):
        raise ValueError(
            f"Each name needs a probability of every class: got the shapes {sorted(shapes)}"
            + (f" for {classes} classes." if classes is not None else ".")
        )
    truth = np.array(list(labels.values()), int)
    predicted = np.array([row.argmax() for row in rows], int)
    return _checked(truth, predicted, classes)


def _group_of(groups: Mapping[str, str] | None, labels: Mapping[str, int]) -> list[str] | None:
    if groups is None:
        return None
    without = [name for name in labels if name not in groups]
    if without:
        raise ValueError(f"{len(without)} have no group, such as {without[0]!r}.")
    return [groups[name] for name in labels]


def _checked(
    labels: np.ndarray, predicted: np.ndarray, classes: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.shape != predicted.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(
            "One prediction for each label, at least one: got the shapes "
            f"{predicted.shape} and {labels.shape}."
        )
    if classes is not None:
        for numbers in (labels, predicted):
            if numbers.min() < 0 or numbers.max() >= classes:
                raise ValueError(
                    f"Classes are 0 to {classes - 1}: got {numbers.min()} to {numbers.max()}."
                )
    return labels, predicted
