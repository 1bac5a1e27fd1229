"""Which examples are trained on, and which are tested together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np


def assign_folds(labels: np.ndarray, groups: Sequence[str], folds: int, seed: int) -> np.ndarray:
    """Deals groups of examples to folds, so that each fold has its share of every class.

    The largest groups are dealt first, in random order where they are equal, each to the fold that
    has the least of the group's classes, and of those to the one with the fewest examples.

    Args:
        labels: (N,) class of each example.
        groups: group of each example; examples of one group are never parted. Give each its own
            for a k-fold over examples.
        folds: how many folds, at least 2.
        seed: of the order.

    Returns:
        (N,) int64, the fold of each example, 0 to folds - 1; none is empty.

    Raises:
        ValueError: when there are fewer groups than folds, or fewer than 2 folds.
    """
    values, member = np.unique(np.asarray(groups, str), return_inverse=True)
    if not 2 <= folds <= len(values):
        raise ValueError(
            f"The number of folds must be from 2 to the {len(values)} groups, got {folds}."
        )
    classes, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(values), len(classes)))
    np.add.at(counts, (member, label), 1)
    shares = counts / counts.sum(axis=0)

    order = np.random.default_rng(seed).permutation(len(values))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    dealt = np.zeros((folds, len(classes)))
    sizes = np.zeros(folds)
    fold_of = np.zeros(len(values), np.int64)
    for number, group in enumerate(order):
        # The sum of squared shares grows least where the group meets the fewest of its own.
        overlap = np.round(dealt @ shares[group], 9)
        if number >= len(values) - np.sum(sizes == 0):
            overlap[sizes > 0] = np.inf  # the last groups fill folds that are still empty
        fold = np.lexsort((sizes, overlap))[0]
        fold_of[group] = fold
        dealt[fold] += shares[group]
        sizes[fold] += counts[group].sum()
    return fold_of[member]


def split_of(key: str) -> str:
    """The split of an example of a data set that comes without.

    Args:
        key: what tells the example, or the source that must not be in two splits, from others.

    Returns:
        "test" for about one in ten, "dev" for one in ten, "train" for the others; it depends on
        nothing but the key.
    """
    part = int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10
    return {0: "test", 1: "dev"}.get(part, "train")


def natural_order(values: Sequence[str]) -> list[str]:
    """Sorts what people number: "2" comes before "10".

    Args:
        values: texts, some of them more than once.

    Returns:
        Each text once, in order.
    """
    return sorted(
        set(values),
        key=lambda value: [
            (0, int(part), "") if part.isdecimal() else (1, 0, part)
            for part in re.split(r"(\d+)", value)
            if part
        ],
    )
