import math

import numpy as np
import pytest

from lrcn_keras.evaluation import bleu, bleu_of_totals, bleu_statistics


def test_equals_pycocoevalcap(corpus, as_dicts):
    reference = pytest.importorskip("pycocoevalcap.bleu.bleu")
    expected, _ = reference.Bleu(4).compute_score(*as_dicts, verbose=0)
    assert list(bleu(*corpus).values()) == pytest.approx(expected, abs=1e-12)


def test_a_repeated_word_counts_as_often_as_in_the_reference():
    # 2 of 4 words match; 4 words for 6.
    scores = bleu(["the the the the"], [["the cat is on the mat"]])
    assert scores["BLEU-1"] == pytest.approx(0.5 * math.exp(1 - 6 / 4), abs=1e-6)


def test_is_the_geometric_mean_of_the_precisions():
    # 4/5 words, 2/4 pairs, 1/3 triples match.
    scores = bleu(["a b c d e"], [["a b c x e"]])
    assert scores["BLEU-1"] == pytest.approx(0.8, abs=1e-6)
    assert scores["BLEU-2"] == pytest.approx(0.632456, abs=1e-6)
    assert scores["BLEU-3"] == pytest.approx(0.510873, abs=1e-6)
    assert scores["BLEU-4"] < 1e-3


def test_of_two_equally_close_references_the_shorter_counts():
    assert bleu_statistics(["a b c d"], [["a b c d e", "a b c"]])[0, -1] == 3


def test_is_of_the_corpus_not_a_mean_over_images():
    # 1/1 and 1/4 words match: 2/5 of the corpus.
    scores = bleu(["a", "b c d e"], [["a"], ["b x y z"]])
    assert scores["BLEU-1"] == pytest.approx(0.4, abs=1e-6)


def test_totals_of_many_corpora_are_scored_at_once():
    statistics = bleu_statistics(["a b c d", "a x"], [["a b c d"], ["a b"]])
    many = bleu_of_totals(np.stack([statistics.sum(axis=0), statistics[0]]))
    assert many[0] == pytest.approx(bleu_of_totals(statistics.sum(axis=0)))
    assert many[1] == pytest.approx([1, 1, 1, 1], abs=1e-6)


@pytest.mark.parametrize(
    ("candidates", "references", "message"),
    [
        (["a"], [], "1 candidates and 0"),
        ([], [], "got none"),
        (["a"], [[]], "image 0"),
        (["a"], ["a b"], "image 0"),
    ],
)
def test_refuses_corpora_that_do_not_fit(candidates, references, message):
    with pytest.raises(ValueError, match=message):
        bleu(candidates, references)
