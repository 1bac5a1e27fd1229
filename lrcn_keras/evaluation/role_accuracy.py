"""How often a model names the right label of each semantic role."""

from collections.abc import Mapping

import numpy as np

from lrcn_keras.evaluation.bootstrap import bootstrap_interval, paired_bootstrap


def evaluate_roles(
    predictions: Mapping[str, Mapping[str, str]],
    gold: Mapping[str, Mapping[str, str]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compute the share of right labels over all roles, and of each role.

    Args:
        predictions: name of a clip -> role -> the one label that the model says.
        gold: name of a clip -> role -> the right label; a role that is not known is left out, and
            counts for nothing.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        Plain numbers, ready for JSON: "role accuracy", right labels of all that are known, in [0,
        1]; "roles": the same by role; "interval": {"role accuracy": [low, high]}, the 95 %
        percentile bootstrap interval over clips.

    Raises:
        ValueError: where no label is known, or a clip or a role has no prediction.

    Example:
        >>> found = {"a": {"who": "dog", "doing": "runs"}, "b": {"who": "man", "doing": "sits"}}
        >>> evaluate_roles(found, {"a": {"who": "dog", "doing": "sits"}, "b": {"who": "man"}})[
        ...     "roles"
        ... ]
        {'who': 1.0, 'doing': 0.0}
    """
    roles, right, known = _counts(predictions, gold)
    totals = np.stack([right.sum(axis=1), known.sum(axis=1)], axis=1)
    interval = bootstrap_interval(totals, _share, resamples, seed)
    return {
        "role accuracy": float(_share(totals.sum(axis=0))),
        "roles": {
            role: float(share)
            for role, share in zip(roles, right.sum(axis=0) / known.sum(axis=0), strict=True)
        },
        "interval": {"role accuracy": [float(end) for end in interval]},
    }


def compare_roles(
    predictions_a: Mapping[str, Mapping[str, str]],
    predictions_b: Mapping[str, Mapping[str, str]],
    gold: Mapping[str, Mapping[str, str]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict]:
    """Compute by how much model A's labels are more often right than model B's on the same clips.

    Args:
        predictions_a: of A, as for `evaluate_roles`.
        predictions_b: of B.
        gold: as for `evaluate_roles`.
        resamples: of the paired bootstrap.
        seed: of the paired bootstrap.

    Returns:
        "role accuracy": {"difference": A minus B, "interval": [low, high]} with the paired 95 %
        percentile bootstrap interval over clips.

    Raises:
        ValueError: as `evaluate_roles`.
    """
    totals = []
    for predictions in (predictions_a, predictions_b):
        _, right, known = _counts(predictions, gold)
        totals.append(np.stack([right.sum(axis=1), known.sum(axis=1)], axis=1))
    ours, theirs = (_share(each.sum(axis=0)) for each in totals)
    interval = paired_bootstrap(*totals, _share, resamples, seed)
    return {
        "role accuracy": {
            "difference": float(ours - theirs),
            "interval": [float(end) for end in interval],
        }
    }


def _counts(predictions, gold) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The roles, and (N, R) whether a clip's label is right, and known."""
    roles = list(dict.fromkeys(role for labels in gold.values() for role in labels))
    if not roles:
        raise ValueError("No clip has a label of any role: there is nothing to score.")
    right, known = np.zeros((2, len(gold), len(roles)))
    for row, (name, labels) in enumerate(gold.items()):
        lacking = [role for role in labels if role not in predictions.get(name, {})]
        if lacking:
            raise ValueError(f"Clip {name!r} has no prediction of {lacking}.")
        for role, label in labels.items():
            column = roles.index(role)
            known[row, column] = 1
            right[row, column] = predictions[name][role] == label
    return roles, right, known


def _share(totals: np.ndarray) -> np.ndarray:
    # A resample may draw no clip whose labels are known.
    return totals[..., 0] / np.maximum(totals[..., 1], 1)
