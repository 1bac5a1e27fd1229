from functools import cache

import numpy as np
import pytest

from lrcn_keras.evaluation import (
    compare_words,
    edit_distance,
    evaluate_words,
    words_per_sentence,
)

WORDS = ("a", "b", "c")


def _reference_distance(one, other):
    """Levenshtein's recursion as it is defined."""

    @cache
    def distance(i, j):
        if not i or not j:
            return i + j
        kept = distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(kept, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(one), len(other))


def _sentences(count, lengths, seed):
    rng = np.random.default_rng(seed)
    return [[str(word) for word in rng.choice(WORDS, rng.choice(lengths))] for _ in range(count)]


def test_edit_distance_is_the_recursions():
    pairs = zip(_sentences(200, range(7), 0), _sentences(200, range(7), 1), strict=True)
    for one, other in pairs:
        assert edit_distance(one, other) == _reference_distance(one, other)


def test_rates_are_those_of_counting():
    found = _sentences(30, (0, 3, 4, 5), 2)
    wanted = _sentences(30, (4,), 3)
    found[:3] = wanted[:3]
    scores = evaluate_words(
        {str(n): " ".join(words) for n, words in enumerate(found)},
        {str(n): [" ".join(words)] for n, words in enumerate(wanted)},
        resamples=50,
    )
    slots = [
        sum(len(f) > place and f[place] == w[place] for f, w in zip(found, wanted, strict=True))
        for place in range(4)
    ]
    edits = sum(_reference_distance(f, w) for f, w in zip(found, wanted, strict=True))
    assert scores["slots"] == pytest.approx([count / 30 for count in slots])
    assert scores["word accuracy"] == pytest.approx(sum(slots) / 120)
    assert scores["WER"] == pytest.approx(edits / 120)
    assert (
        scores["sentence accuracy"] == sum(f == w for f, w in zip(found, wanted, strict=True)) / 30
    )
    for name, (low, high) in scores["interval"].items():
        assert low <= scores[name] <= high


def test_of_several_references_the_nearest_counts():
    references = {"clip": ["lay red at f", "bin blue by g"]}
    assert evaluate_words({"clip": "bin blue by f"}, references)["WER"] == 1 / 4


def test_a_model_compared_with_itself_is_no_better():
    references = {"1": ["a b"], "2": ["b c"]}
    found = {"1": "a c", "2": "b c"}
    assert compare_words(found, found, references)["word accuracy"] == {
        "difference": 0.0,
        "interval": [0.0, 0.0],
    }
    better = compare_words(references_as_found(references), found, references)
    assert better["word accuracy"]["difference"] == 1 / 4
    assert better["WER"]["difference"] == -1 / 4


def references_as_found(references):
    return {name: texts[0] for name, texts in references.items()}


def test_slots_need_sentences_of_one_length():
    assert words_per_sentence({"1": ["a b c"], "2": ["c b a"]}) == 3
    assert words_per_sentence({"1": ["a b c"], "2": ["c b"]}) is None
    with pytest.raises(ValueError, match="as many words"):
        evaluate_words({"1": "a", "2": "a"}, {"1": ["a b c"], "2": ["c b"]})
    with pytest.raises(ValueError, match="no prediction"):
        evaluate_words({}, {"1": ["a b"]})
