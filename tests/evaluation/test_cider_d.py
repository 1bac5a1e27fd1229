import math

import pytest

from lrcn_keras.evaluation import CiderD, cider_d


def test_equals_pycocoevalcap(corpus, as_dicts):
    reference = pytest.importorskip("pycocoevalcap.cider.cider")
    candidates, references = corpus
    expected, expected_scores = reference.Cider().compute_score(*as_dicts)
    assert cider_d(candidates, references) == pytest.approx(expected, abs=1e-9)
    assert CiderD(references).scores(candidates) == pytest.approx(expected_scores, abs=1e-9)


# All words are in one of two images: each weighs log 2. Four orders of n-grams, times 10.
@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ("a b", 10 * (1 + 1) / 4),
        ("c d", 0),
        ("a c", 10 * 0.5 / 4),  # cosine of (1, 0, 1) and (1, 1, 0)
        ("a a", 10 / (2 * math.sqrt(2)) / 4),  # clipped: 1 * 1 / (2 * sqrt 2)
        # Two bigrams longer; words: 2 / (2 sqrt 2 * sqrt 2), pairs: 1 / sqrt 5.
        ("a b a b", 10 * (1 / 2 + 1 / math.sqrt(5)) * math.exp(-4 / 72) / 4),
    ],
)
def test_scores_of_two_images_by_hand(candidate, expected):
    scores = CiderD([["a b"], ["c d"]]).scores([candidate, "x"])
    assert scores == pytest.approx([expected, 0])


def test_a_word_of_every_image_counts_nothing():
    assert CiderD([["a b"], ["a c"]]).score(["a", "a"]) == 0


def test_a_rare_word_outweighs_a_frequent_one():
    # "a" in 2 of 4 images: log 2; "b" in 1: log 4. Cosines 1/sqrt 5 and 2/sqrt 5.
    scores = CiderD([["b a"], ["a"], ["c"], ["d"]])
    assert scores.scores(["a", "x", "x", "x"])[0] == pytest.approx(
        10 / math.sqrt(5) / 4 * math.exp(-1 / 72)
    )
    assert scores.scores(["b", "x", "x", "x"])[0] == pytest.approx(
        20 / math.sqrt(5) / 4 * math.exp(-1 / 72)
    )


def test_one_object_scores_many_candidate_sets(corpus):
    candidates, references = corpus
    metric = CiderD(references)
    first = metric.score(candidates)
    metric.score([captions[0] for captions in references])
    assert metric.score(candidates) == first


def test_refuses_another_number_of_candidates():
    with pytest.raises(ValueError, match="3 candidates and 2"):
        CiderD([["a"], ["b"]]).scores(["a", "b", "c"])
