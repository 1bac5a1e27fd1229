"""BLEU-1 to BLEU-4 of a corpus (Papineni et al. 2002), the closest reference length counting."""

from collections import Counter

import numpy as np

from lrcn_keras.evaluation._checks import check_pairs

_ORDERS = 4
# pycocoevalcap's: a corpus without any match scores about 0 instead of failing.
_TINY, _SMALL = 1e-15, 1e-9


def bleu(candidates: list[str], references: list[list[str]]) -> dict[str, float]:
    """Compute BLEU of a corpus of captions.

    Equal to pycocoevalcap's ``Bleu(4)``.

    Args:
        candidates: (N,) captions as tokens joined by spaces, see `ptb_tokenize`.
        references: (N,) lists of reference captions in the same form.

    Returns:
        "BLEU-1" to "BLEU-4", each in [0, 1].

    Raises:
        ValueError: for corpora of different lengths, or without references.

    Example:
        >>> round(bleu(["a dog runs"], [["a dog sits", "the dog"]])["BLEU-1"], 6)
        0.666667
    """
    totals = bleu_statistics(candidates, references).sum(axis=0)
    return {f"BLEU-{n + 1}": float(value) for n, value in enumerate(bleu_of_totals(totals))}


def bleu_statistics(candidates: list[str], references: list[list[str]]) -> np.ndarray:
    """Count, image by image, what BLEU is computed from once it is summed over the corpus.

    Args:
        candidates: as in `bleu`.
        references: as in `bleu`.

    Returns:
        (N, 10) float64: matched 1- to 4-grams, all 1- to 4-grams of the candidate, its length in
        tokens, the length of the closest reference (the shorter of two equally close).
    """
    check_pairs(candidates, references)
    return np.array([_count(*pair) for pair in zip(candidates, references, strict=True)], float)


def bleu_of_totals(totals: np.ndarray) -> np.ndarray:
    """Compute BLEU from summed statistics.

    Args:
        totals: (..., 10) float64, sums over images of `bleu_statistics`.

    Returns:
        (..., 4) float64: BLEU-1 to BLEU-4.
    """
    matches, ngrams = totals[..., :_ORDERS], totals[..., _ORDERS : 2 * _ORDERS]
    precisions = np.cumprod((matches + _TINY) / (ngrams + _SMALL), axis=-1)
    scores = precisions ** (1 / np.arange(1, _ORDERS + 1))
    ratio = (totals[..., -2] + _TINY) / (totals[..., -1] + _SMALL)
    brevity = np.exp(np.minimum(0.0, 1 - 1 / ratio))
    return scores * brevity[..., None]


def _count(candidate: str, references: list[str]) -> list[int]:
    words = candidate.split()
    counts = _ngrams(words)
    highest: Counter = Counter()
    lengths = []
    for reference in references:
        reference_words = reference.split()
        lengths.append(len(reference_words))
        highest |= _ngrams(reference_words)  # the maximum over the references
    matches = [0] * _ORDERS
    for ngram, count in counts.items():
        matches[len(ngram) - 1] += min(count, highest[ngram])
    totals = [max(0, len(words) - n) for n in range(_ORDERS)]
    closest = min(lengths, key=lambda length: (abs(length - len(words)), length))
    return [*matches, *totals, len(words), closest]


def _ngrams(words: list[str]) -> Counter:
    return Counter(
        tuple(words[start : start + n])
        for n in range(1, _ORDERS + 1)
        for start in range(len(words) - n + 1)
    )
