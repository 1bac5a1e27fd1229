"""Probabilities of several models, or of several classes, put together."""

from collections.abc import Mapping, Sequence

import numpy as np


def fuse(
    rgb: Mapping[str, np.ndarray],
    flow: Mapping[str, np.ndarray],
    weights: tuple[float, float] = (1 / 3, 2 / 3),
) -> dict[str, np.ndarray]:
    """Average the probabilities of two streams.

    Donahue et al. 2017, section 4: (1/2, 1/2), or (1/3, 2/3) because flow is the better one.

    Args:
        rgb: name of a video -> (K,) probability of each class.
        flow: the same of the other model; the same names.
        weights: of the first and of the second; they are divided by their sum.

    Returns:
        Name -> (K,) float64, in the order of `rgb`.

    Raises:
        ValueError: for videos that only one has, or weights that are negative or all 0.

    Example:
        >>> fuse({"a": [1.0, 0.0]}, {"a": [0.0, 1.0]}, weights=(1, 3))["a"]
        array([0.25, 0.75])
    """
    lonely = rgb.keys() ^ flow.keys()
    if lonely:
        few = ", ".join(map(repr, sorted(lonely)[:3]))
        raise ValueError(f"{len(lonely)} are in one of the two only, such as {few}.")
    if min(weights) < 0 or not sum(weights) > 0:
        raise ValueError(f"Weights must be positive: got {weights}.")
    first, second = np.asarray(weights, float) / sum(weights)
    return {
        name: first * np.asarray(each, float) + second * np.asarray(flow[name], float)
        for name, each in rgb.items()
    }


def merge_classes(
    probabilities: Mapping[str, np.ndarray], classes: Sequence[str], merged: Mapping[str, str]
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Add up the probabilities of classes that count as one.

    Args:
        probabilities: name of a video -> (K,) probability of each class.
        classes: names of the K classes.
        merged: class -> what it is merged into; classes that are not in it stay.

    Returns:
        Name -> probability of each merged class, and the merged classes in alphabetical order.

    Raises:
        ValueError: for a class that is not there.

    Example:
        >>> merge_classes({"a": [0.5, 0.25, 0.25]}, ["sit", "lie", "walk"],
        ...               {"sit": "rest", "lie": "rest"})
        ({'a': array([0.75, 0.25])}, ('rest', 'walk'))
    """
    unknown = sorted(merged.keys() - set(classes))
    if unknown:
        raise ValueError(f"There are no classes {unknown}: the classes are {list(classes)}.")
    targets = [merged.get(name, name) for name in classes]
    kept = tuple(sorted(set(targets)))
    matrix = np.array([[float(target == each) for each in kept] for target in targets])  # (K, M)
    return {name: np.asarray(row, float) @ matrix for name, row in probabilities.items()}, kept
