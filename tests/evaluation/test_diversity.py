import pytest

from lrcn_keras.evaluation import diversity


def test_counts_distinct_repeated_and_words():
    captions = ["a dog runs", "a dog runs", "a cat", "the dog"]
    scores = diversity(captions, iter(["a cat", "a dog", "a cat"]))
    assert scores == {"distinct": 0.75, "repeated": 0.25, "vocabulary": 5}


def test_nothing_is_repeated_without_training_captions():
    assert diversity(["a dog"])["repeated"] is None


def test_refuses_no_captions():
    with pytest.raises(ValueError, match="none"):
        diversity([])
