"""Words right and wrong, where what is said is known word for word, as of lip readers."""

from collections.abc import Sequence

import numpy as np

from lrcn_keras.evaluation._checks import check_names
from lrcn_keras.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from lrcn_keras.evaluation.ptb_tokenizer import ptb_tokenize

_RATES = ("word accuracy", "WER", "sentence accuracy")


def edit_distance(candidate: Sequence[str], reference: Sequence[str]) -> int:
    """Count the fewest words to replace, insert or delete so that one sentence becomes another.

    Args:
        candidate: words of one sentence.
        reference: words of the other.

    Returns:
        The Levenshtein distance in words.

    Example:
        >>> edit_distance("set blue at f two".split(), "set blue with f two now".split())
        2
    """
    row = list(range(len(reference) + 1))
    for count, word in enumerate(candidate, 1):
        above, row[0] = row[0], count
        for column, wanted in enumerate(reference, 1):
            replaced = above + (word != wanted)
            above = row[column]
            row[column] = min(replaced, above + 1, row[column - 1] + 1)
    return row[-1]


def words_per_sentence(references: dict[str, list[str]]) -> int | None:
    """Return the number of words that every reference has, as in a fixed grammar; None for none."""
    counts = {len(ptb_tokenize(text).split()) for texts in references.values() for text in texts}
    return counts.pop() if len(counts) == 1 else None


def evaluate_words(
    predictions: dict[str, str],
    references: dict[str, list[str]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict:
    """Compute the share of words right in a grammar of fixed length, and the word error rate.

    A word is right where the same word stands at the same place; the word error rate (WER) counts
    edits, so that a word left out costs one and not all behind it.

    Args:
        predictions: name of a clip -> its sentence.
        references: name of a clip -> its references, all of the same number of words; of several
            the one with the fewest edits counts. The same names.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Returns:
        Plain numbers, ready for JSON: "clips"; "word accuracy" and "sentence accuracy" in [0, 1];
        "WER": edits a reference's word, from 0 on; "slots": word accuracy at each place;
        "interval": metric -> [low, high], 95 % percentile bootstrap intervals over clips.

    Raises:
        ValueError: for other names, or references of different length.

    Example:
        >>> scores = evaluate_words({"a": "lay red at"}, {"a": ["lay green at"]})
        >>> scores["slots"], round(scores["WER"], 2)
        ([1.0, 0.0, 1.0], 0.33)
    """
    counts = _counts(predictions, references)
    *values, slots = _rates(counts.sum(axis=0))
    intervals = bootstrap_interval(counts, _three_rates, resamples, seed).T
    return {
        "clips": len(counts),
        **{name: float(value) for name, value in zip(_RATES, values, strict=True)},
        "slots": [float(share) for share in slots],
        "interval": {
            name: [float(end) for end in ends] for name, ends in zip(_RATES, intervals, strict=True)
        },
    }


def compare_words(
    predictions_a: dict[str, str],
    predictions_b: dict[str, str],
    references: dict[str, list[str]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict]:
    """Compute by how much model A's words are more often right than model B's on the same clips.

    Args:
        predictions_a: name of a clip -> sentence of A.
        predictions_b: name of a clip -> sentence of B; the same names.
        references: as for `evaluate_words`.
        resamples: of the paired bootstrap.
        seed: of the paired bootstrap.

    Returns:
        "word accuracy", "WER" and "sentence accuracy", each {"difference": A minus B, "interval":
        [low, high]} with the paired 95 % percentile bootstrap interval over clips.

    Raises:
        ValueError: as `evaluate_words`.
    """
    counts = [_counts(found, references) for found in (predictions_a, predictions_b)]
    values = [_three_rates(each.sum(axis=0)) for each in counts]
    intervals = paired_bootstrap(*counts, _three_rates, resamples, seed).T
    return {
        name: {"difference": float(a - b), "interval": [float(end) for end in ends]}
        for name, a, b, ends in zip(_RATES, *values, intervals, strict=True)
    }


def _counts(predictions: dict[str, str], references: dict[str, list[str]]) -> np.ndarray:
    """(N, 3 + slots): sentences, sentences right, edits, and whether each slot is right."""
    check_names(predictions, references)
    size = words_per_sentence(references)
    if size is None:
        raise ValueError("Words have places only where all references have as many words.")
    rows = []
    for name, texts in references.items():
        found = ptb_tokenize(predictions[name]).split()
        wanted = [ptb_tokenize(text).split() for text in texts]
        edits = [edit_distance(found, words) for words in wanted]
        nearest = wanted[int(np.argmin(edits))]
        right = [place < len(found) and found[place] == nearest[place] for place in range(size)]
        rows.append([1, found == nearest, min(edits), *right])
    return np.array(rows, float)


def _rates(totals: np.ndarray) -> tuple[np.ndarray, ...]:
    """(..., 3 + slots) sums of `_counts` -> word accuracy, WER, sentence accuracy, slots."""
    sentences = totals[..., :1]
    slots = totals[..., 3:] / sentences
    edits = totals[..., 2] / (sentences[..., 0] * slots.shape[-1])
    return slots.mean(axis=-1), edits, totals[..., 1] / sentences[..., 0], slots


def _three_rates(totals: np.ndarray) -> np.ndarray:
    return np.stack(_rates(totals)[:-1], axis=-1)
