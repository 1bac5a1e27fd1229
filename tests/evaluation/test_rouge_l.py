import pytest

from lrcn_keras.evaluation import rouge_l, rouge_l_scores


def test_equals_pycocoevalcap(corpus, as_dicts):
    reference = pytest.importorskip("pycocoevalcap.rouge.rouge")
    expected, expected_scores = reference.Rouge().compute_score(*as_dicts)
    assert rouge_l(*corpus) == pytest.approx(expected, abs=1e-12)
    assert rouge_l_scores(*corpus) == pytest.approx(expected_scores, abs=1e-12)


def test_a_subsequence_may_have_gaps():
    # "a c d" is common: precision 3/4, recall 3/5; 2.44 * 0.45 / (0.6 + 1.44 * 0.75).
    assert rouge_l(["a b c d"], [["a c d e f"]]) == pytest.approx(0.653571, abs=1e-6)


def test_precision_and_recall_may_be_of_two_references():
    # Precision 1 from the long reference, recall 1 from the short one.
    assert rouge_l(["a b"], [["a b c d", "b"]]) == pytest.approx(1.0)


def test_words_in_reverse_order_share_one():
    assert rouge_l(["a b c"], [["c b a"]]) == pytest.approx(1 / 3)


def test_refuses_an_image_without_references():
    with pytest.raises(ValueError, match="image 0"):
        rouge_l(["a"], [[]])
