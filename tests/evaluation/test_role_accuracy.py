import numpy as np
import pytest

from lrcn_keras.evaluation import compare_roles, evaluate_roles

ROLES = ("who", "doing", "where")


def _clips(count, seed, missing=0.0):
    rng = np.random.default_rng(seed)
    return {
        str(clip): {role: str(rng.integers(3)) for role in ROLES if rng.random() >= missing}
        for clip in range(count)
    }


def test_accuracies_are_those_of_counting():
    found, gold = _clips(40, 0), _clips(40, 1, missing=0.3)
    hits = {role: [] for role in ROLES}
    for clip, labels in gold.items():
        for role, label in labels.items():
            hits[role].append(found[clip][role] == label)
    scores = evaluate_roles(found, gold, resamples=50)
    assert scores["roles"] == pytest.approx({role: np.mean(each) for role, each in hits.items()})
    assert scores["role accuracy"] == pytest.approx(np.mean(sum(hits.values(), [])))
    low, high = scores["interval"]["role accuracy"]
    assert low < scores["role accuracy"] < high


def test_the_gain_of_a_model_is_the_difference_of_the_accuracies():
    one, other, gold = _clips(40, 0), _clips(40, 2), _clips(40, 1, missing=0.3)
    gain = compare_roles(one, other, gold)["role accuracy"]
    accuracies = [evaluate_roles(found, gold)["role accuracy"] for found in (one, other)]
    assert gain["difference"] == pytest.approx(accuracies[0] - accuracies[1])
    assert compare_roles(one, one, gold)["role accuracy"]["interval"] == [0.0, 0.0]


def test_roles_that_nobody_knows_or_says_are_refused():
    with pytest.raises(ValueError, match="nothing to score"):
        evaluate_roles({"a": {"who": "dog"}}, {"a": {}})
    with pytest.raises(ValueError, match="'a' has no prediction of .'who'"):
        evaluate_roles({"a": {}}, {"a": {"who": "dog"}})
