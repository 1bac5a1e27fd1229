"""All metrics of sentences about clips: as captions, word for word, and by roles."""

from collections.abc import Mapping
from typing import Any

from lrcn_keras.evaluation.captioning import compare_captions, evaluate_captions
from lrcn_keras.evaluation.role_accuracy import compare_roles, evaluate_roles
from lrcn_keras.evaluation.word_accuracy import (
    compare_words,
    evaluate_words,
    words_per_sentence,
)

Roles = Mapping[str, Mapping[str, str]]  # name of a clip -> role -> label


def evaluate_descriptions(
    predictions: dict[str, str],
    references: dict[str, list[str]],
    roles: Roles | None = None,
    gold: Roles | None = None,
    resamples: int = 1000,
    seed: int = 0,
    **kwargs: Any,
) -> dict:
    """Compute the metrics of a model that describes clips.

    Args:
        predictions: name of a clip -> its sentence.
        references: name of a clip -> its reference sentences; the same names.
        roles: the labels that the model says, see `evaluate_roles`; None for a model without roles.
        gold: the right labels; None where nobody knows them.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        **kwargs: further ones of `evaluate_captions`.

    Returns:
        What `evaluate_captions` returns; where all references have the same number of words, as in
        a fixed grammar, what `evaluate_words` returns as well; with labels what `evaluate_roles`
        returns.

    Raises:
        ValueError: as those.
    """
    drawn = {"resamples": resamples, "seed": seed}
    scores = [evaluate_captions(predictions, references, **drawn, **kwargs)]
    if words_per_sentence(references) is not None:
        scores.append(evaluate_words(predictions, references, **drawn))
    if roles is not None and gold is not None:
        scores.append(evaluate_roles(roles, gold, **drawn))
    merged = {name: value for each in scores for name, value in each.items()}
    intervals = {name: ends for each in scores for name, ends in each["interval"].items()}
    return {**merged, "interval": intervals}


def compare_descriptions(
    predictions_a: dict[str, str],
    predictions_b: dict[str, str],
    references: dict[str, list[str]],
    roles_a: Roles | None = None,
    roles_b: Roles | None = None,
    gold: Roles | None = None,
    **kwargs: Any,
) -> dict[str, dict]:
    """Compute by how much model A is better than model B on the same clips.

    Args:
        predictions_a: name of a clip -> sentence of A.
        predictions_b: name of a clip -> sentence of B; the same names.
        references: name of a clip -> its reference sentences; the same names.
        roles_a: labels that A says; None for a model without roles.
        roles_b: labels that B says; None for a model without roles.
        gold: the right labels; None where nobody knows them.
        **kwargs: ``resamples`` and ``seed`` as for `evaluate_descriptions`.

    Returns:
        What `compare_captions` returns and, as for `evaluate_descriptions`, what `compare_words`
        and `compare_roles` return.

    Raises:
        ValueError: as those.
    """
    both = predictions_a, predictions_b, references
    differences = compare_captions(*both, **kwargs)
    if words_per_sentence(references) is not None:
        differences |= compare_words(*both, **kwargs)
    if None not in (roles_a, roles_b, gold):
        differences |= compare_roles(roles_a, roles_b, gold, **kwargs)
    return differences
