"""CIDEr-D (Vedantam et al. 2015): agreement with the references in words that tell images apart."""

import math
from collections import Counter

import numpy as np

from lrcn_keras.evaluation._checks import check_pairs

_ORDERS = 4
_SIGMA = 6.0
_SCALE = 10.0


class CiderD:
    """CIDEr-D against fixed references, for any number of candidate sets.

    Equal to pycocoevalcap's ``Cider``. Document frequencies and the references' vectors are
    computed once, from these references: scores of different reference sets do not compare.

    Args:
        references: (N,) lists of reference captions, each as tokens joined by spaces, see
            `ptb_tokenize`. With N = 1 every n-gram is in every image and all scores are 0.

    Raises:
        ValueError: for no image, or an image without references.

    Example:
        >>> metric = CiderD([["a dog runs"], ["two men sit"]])
        >>> metric.score(["a dog runs", "a dog sits"])
        3.75
    """

    def __init__(self, references: list[list[str]]):
        check_pairs([""] * len(references), references)
        counts = [[_ngrams(caption) for caption in captions] for captions in references]
        frequencies = Counter(
            ngram for captions in counts for ngram in set().union(*captions)
        )  # in how many images an n-gram appears
        self._unseen = math.log(len(references))
        self._rarity = {
            ngram: self._unseen - math.log(count) for ngram, count in frequencies.items()
        }
        self._references = [[self._vector(caption) for caption in captions] for captions in counts]

    def score(self, candidates: list[str]) -> float:
        """Compute CIDEr-D of a corpus: the mean of `scores`."""
        return float(self.scores(candidates).mean())

    def scores(self, candidates: list[str]) -> np.ndarray:
        """Compute CIDEr-D image by image.

        Args:
            candidates: (N,) captions as tokens joined by spaces, in the references' order.

        Returns:
            (N,) float64 in [0, 10].

        Raises:
            ValueError: for another number of candidates than of reference lists.
        """
        check_pairs(candidates, self._references)
        return np.array(
            [
                self._similarity(self._vector(_ngrams(candidate)), references)
                for candidate, references in zip(candidates, self._references, strict=True)
            ]
        )

    def _vector(self, counts: Counter) -> tuple[dict, list[float], int]:
        """Weights of the n-grams, their norm for each n, and the number of bigrams."""
        weights, squares, bigrams = {}, [0.0] * _ORDERS, 0
        for ngram, count in counts.items():
            weight = count * self._rarity.get(ngram, self._unseen)
            weights[ngram] = weight
            squares[len(ngram) - 1] += weight * weight
            if len(ngram) == 2:
                bigrams += count
        return weights, [math.sqrt(square) for square in squares], bigrams

    def _similarity(self, candidate: tuple, references: list[tuple]) -> float:
        weights, norms, bigrams = candidate
        total = 0.0
        for reference_weights, reference_norms, reference_bigrams in references:
            products = [0.0] * _ORDERS
            for ngram in weights.keys() & reference_weights.keys():
                weight = reference_weights[ngram]
                # Repeating a word gains nothing: its weight counts up to the reference's.
                products[len(ngram) - 1] += min(weights[ngram], weight) * weight
            cosines = sum(
                product / (norm * reference_norm)
                for product, norm, reference_norm in zip(
                    products, norms, reference_norms, strict=True
                )
                if product
            )
            # The reference implementation measures length in bigrams.
            total += cosines * math.exp(-((bigrams - reference_bigrams) ** 2) / (2 * _SIGMA**2))
        return _SCALE * total / _ORDERS / len(references)


def cider_d(candidates: list[str], references: list[list[str]]) -> float:
    """Compute CIDEr-D of a corpus of captions; `CiderD` when several share the references.

    Args:
        candidates: (N,) captions as tokens joined by spaces, see `ptb_tokenize`.
        references: (N,) lists of reference captions in the same form.

    Returns:
        The mean over the images, in [0, 10].

    Raises:
        ValueError: for corpora of different lengths, or without references.
    """
    check_pairs(candidates, references)
    return CiderD(references).score(candidates)


def _ngrams(caption: str) -> Counter:
    words = caption.split()
    return Counter(
        tuple(words[start : start + n])
        for n in range(1, _ORDERS + 1)
        for start in range(len(words) - n + 1)
    )
