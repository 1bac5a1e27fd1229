import numpy as np
import pytest

from lrcn_keras.evaluation import fuse, merge_classes


def test_one_third_and_two_thirds_are_the_default():
    fused = fuse({"a": [0.6, 0.3, 0.1], "b": [0, 0, 1]}, {"b": [0, 1, 0], "a": [0.0, 0.9, 0.1]})
    assert list(fused) == ["a", "b"]
    np.testing.assert_allclose(fused["a"], [0.2, 0.7, 0.1])
    np.testing.assert_allclose(fused["b"], [0, 2 / 3, 1 / 3])


def test_fused_probabilities_sum_to_1_whatever_the_weights():
    np.testing.assert_allclose(fuse({"a": [1, 0]}, {"a": [0, 1]}, (2, 3))["a"], [0.4, 0.6])
    np.testing.assert_allclose(fuse({"a": [1, 0]}, {"a": [0, 1]}, (0, 3))["a"], [0, 1])


def test_what_cannot_be_fused_is_an_error():
    with pytest.raises(ValueError, match="2 are in one of the two only, such as 'a', 'b'"):
        fuse({"a": [1]}, {"b": [1]})
    for weights in ((-1, 2), (0, 0)):
        with pytest.raises(ValueError, match="Weights must be positive"):
            fuse({"a": [1]}, {"a": [1]}, weights)


def test_merged_classes_can_win_together():
    probabilities = {"clip": np.array([0.2, 0.25, 0.35, 0.2], np.float32)}
    merged, classes = merge_classes(
        probabilities, ["sit", "stand", "walk", "lie"], {name: "rest" for name in ("sit", "stand")}
    )
    assert classes == ("lie", "rest", "walk")
    np.testing.assert_allclose(merged["clip"], [0.2, 0.45, 0.35], rtol=1e-6)
    with pytest.raises(ValueError, match=r"no classes \['run'\]"):
        merge_classes(probabilities, ["sit", "stand", "walk", "lie"], {"run": "rest"})
