"""Sentences without pictures, given to the photos whose captions resemble them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.text import tokenize

_CHUNK = 2000  # sentences compared at once


def with_similar_sentences(
    dataset: CaptionDataset,
    sentences: Iterable[str],
    minimum: float = 0.45,
    to_others: bool = False,
) -> CaptionDataset:
    """Adds each sentence to the captions of the photo that it fits best, if it fits.

    So a captioner learns another way of speaking, say that of video descriptions, without the
    videos; or, from the photos' own captions, what else may be said of what they show.

    A photo's words are those of all its captions, weighed by the square root of how many of them
    have the word; words are weighed by the logarithm of one over the share of photos that have
    them; the measure is the cosine. A word that fewer than two photos have matches nothing.

    Args:
        dataset: photos with captions.
        sentences: what to add; each one counts once.
        minimum: lowest cosine at which a sentence is added, in [0, 1].
        to_others: whether a sentence that photos have already is for the others alone.

    Returns:
        A data set of the same photos.
    """
    sentences = sorted(set(sentences))
    photos = [Counter(_words(captions)) for captions in dataset.captions]
    counts = Counter(word for photo in photos for word in photo)
    column = {word: i for i, word in enumerate(w for w, n in counts.items() if n > 1)}
    rare = np.log(len(photos))
    weights = np.log(len(photos) / np.array([counts[word] for word in column]))
    known = _unit(_matrix(photos, column) ** 0.5 * weights)
    captions = [list(each) for each in dataset.captions]
    owners = _owners(dataset.captions) if to_others else {}
    for start in range(0, len(sentences), _CHUNK):
        part = sentences[start : start + _CHUNK]
        bags = [set(tokenize(sentence)) for sentence in part]
        unknown = np.array([len(bag - column.keys()) for bag in bags])
        cosines = _unit(_matrix(bags, column) * weights, unknown * rare**2) @ known.T
        for sentence, row in zip(part, cosines, strict=True):
            row[owners.get(sentence, [])] = -1
            best = int(row.argmax())
            if row[best] >= minimum:
                captions[best].append(sentence)
    return CaptionDataset(dataset.name, dataset.names, dataset.photos, captions)


def _owners(captions: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """Numbers of the photos that have a caption."""
    owners: dict[str, list[int]] = {}
    for photo, texts in enumerate(captions):
        for text in texts:
            owners.setdefault(text, []).append(photo)
    return owners


def _words(captions: Iterable[str]) -> Iterable[str]:
    """The different words of each caption, one after the other."""
    return (word for caption in captions for word in set(tokenize(caption)))


def _matrix(bags: Sequence[Collection[str]], column: dict[str, int]) -> np.ndarray:
    matrix = np.zeros((len(bags), len(column)), np.float32)
    for row, bag in zip(matrix, bags, strict=True):
        for word in bag:
            if word in column:
                row[column[word]] = bag[word] if isinstance(bag, Counter) else 1
    return matrix


def _unit(matrix: np.ndarray, further: np.ndarray | float = 0.0) -> np.ndarray:
    """Divide rows by their length, to whose square something may be added."""
    squares = np.sum(matrix**2, axis=1) + further
    return (matrix / np.sqrt(np.maximum(squares, 1e-12))[:, None]).astype(np.float32)
