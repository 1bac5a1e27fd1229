"""ROUGE-L (Lin 2004): the longest common subsequence with the best of the references."""

import numpy as np

from lrcn_keras.evaluation._checks import check_pairs

_BETA = 1.2  # of the COCO caption challenge: recall counts a little more than precision


def rouge_l(candidates: list[str], references: list[list[str]]) -> float:
    """Compute the mean ROUGE-L of a corpus of captions.

    Equal to pycocoevalcap's ``Rouge``: the highest precision and the highest recall over the
    references, which may be of two references, in an F measure with beta 1.2.

    Args:
        candidates: (N,) captions as tokens joined by spaces, see `ptb_tokenize`.
        references: (N,) lists of reference captions in the same form.

    Returns:
        The mean over the images, in [0, 1].

    Raises:
        ValueError: for corpora of different lengths, or without references.

    Example:
        >>> rouge_l(["a dog runs"], [["a dog runs", "the dog"]])
        1.0
    """
    return float(rouge_l_scores(candidates, references).mean())


def rouge_l_scores(candidates: list[str], references: list[list[str]]) -> np.ndarray:
    """Compute ROUGE-L image by image.

    Args:
        candidates: as in `rouge_l`.
        references: as in `rouge_l`.

    Returns:
        (N,) float64 in [0, 1].
    """
    check_pairs(candidates, references)
    return np.array([_score(*pair) for pair in zip(candidates, references, strict=True)])


def _score(candidate: str, references: list[str]) -> float:
    words = candidate.split(" ")
    where: dict[str, int] = {}  # word -> bits of its positions in the candidate
    for position, word in enumerate(words):
        where[word] = where.get(word, 0) | 1 << position
    precision = recall = 0.0
    for reference in references:
        reference_words = reference.split(" ")
        common = _common_length(where, len(words), reference_words)
        precision = max(precision, common / len(words))
        recall = max(recall, common / len(reference_words))
    if not precision:
        return 0.0
    return (1 + _BETA**2) * precision * recall / (recall + _BETA**2 * precision)


def _common_length(where: dict[str, int], length: int, words: list[str]) -> int:
    """Length of the longest common subsequence, a whole row of its table in one integer.

    A bit is 0 where the table's row steps up (Hyyro 2004).
    """
    row = ones = (1 << length) - 1
    for word in words:
        matches = row & where.get(word, 0)
        row = (row + matches | row - matches) & ones
    return length - row.bit_count()
