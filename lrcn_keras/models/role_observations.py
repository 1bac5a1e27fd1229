"""Annotated roles as features, part of them hidden or wrong, in place of what a CNN sees."""

from collections.abc import Sequence

import numpy as np


def observed_roles(
    labels: np.ndarray,
    sizes: Sequence[int],
    hidden: float = 0.3,
    corrupted: float = 0.1,
    seed: int = 0,
) -> np.ndarray:
    """Draw what is observed of roles: one-hot labels, some of them missing, some of them others.

    What happens to a label depends on nothing but ``seed`` and its place in ``labels``.

    Args:
        labels: (N, R) integers, -1 where a role has none.
        sizes: number of labels of each role.
        hidden: share of the labels that are not seen, in [0, 1].
        corrupted: share of the labels in whose place another of the role is seen, in [0, 1].
        seed: decides which ones and what is seen instead.

    Returns:
        (N, L) float32, the roles' one-hot labels side by side; zeros for a label that is hidden or
        that there is none of.

    Raises:
        ValueError: for rates that are no shares of a whole, or labels out of range.

    Example:
        >>> observed_roles(np.array([[1, -1]]), [2, 3], hidden=0.0, corrupted=0.0)
        array([[0., 1., 0., 0., 0.]], dtype=float32)
    """
    labels = np.asarray(labels)
    if min(hidden, corrupted) < 0 or hidden + corrupted > 1:
        raise ValueError(
            "hidden and corrupted are shares from 0 on that add up to at most 1, "
            f"got {hidden} and {corrupted}."
        )
    if labels.shape[1:] != (len(sizes),) or np.any((labels < -1) | (labels >= np.array(sizes))):
        raise ValueError(
            f"labels are (N, {len(sizes)}) in [-1, n) for n of {list(sizes)}, got shape "
            f"{labels.shape}, from {labels.min(initial=0)} to {labels.max(initial=0)}."
        )
    columns = []
    for role, size in enumerate(sizes):
        rng = np.random.default_rng([seed, role])
        fate, other = rng.random(len(labels)), rng.random(len(labels))
        seen = labels[:, role].copy()
        wrong = (fate >= hidden) & (fate < hidden + corrupted) & (seen >= 0) & (size > 1)
        seen[wrong] = (seen[wrong] + 1 + (other[wrong] * (size - 1)).astype(int)) % size
        seen[fate < hidden] = -1
        columns.append(np.eye(size + 1, size, dtype=np.float32)[seen])  # the last row is zeros
    return np.concatenate(columns, axis=1)
