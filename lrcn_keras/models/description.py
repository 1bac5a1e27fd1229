"""A sentence for a clip, and the roles it was written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lrcn_keras.models.caption import Caption

_SHOWN = 5  # labels a role


@dataclass(frozen=True)
class Description(Caption):
    """A sentence for a clip.

    Args:
        text: the sentence.
        log_prob: natural logarithm of its probability under the model, end token included.
        alternatives: other sentences with their log-probabilities, as the decoder ranks them.
        roles: by role the five likeliest labels with their marginal probabilities, the likeliest
            first; None of a model without roles.
        labels: by role the label of the likeliest combination (MAP), which need not be the role's
            likeliest one; None of a model without roles.
    """

    roles: dict[str, dict[str, float]] | None = field(default=None)
    labels: dict[str, str] | None = field(default=None)

    __str__ = Caption.__str__


def named_roles(
    roles: Mapping[str, Sequence[str]], marginals: np.ndarray, labels: np.ndarray
) -> dict[str, dict]:
    """Put names to what a CRF says of a clip.

    Args:
        roles: the labels of each role.
        marginals: (L,) the probabilities of all roles' labels, side by side.
        labels: (R,) the MAP labels.

    Returns:
        ``roles`` and ``labels`` of a `Description`.
    """
    shown, chosen, first = {}, {}, 0
    for (role, names), label in zip(roles.items(), labels, strict=True):
        of_role = marginals[first : first + len(names)]
        best = np.argsort(-of_role, kind="stable")[:_SHOWN]
        shown[role] = {names[i]: float(of_role[i]) for i in best}
        chosen[role] = names[label]
        first += len(names)
    return {"roles": shown, "labels": chosen}
