import numpy as np
import pytest

from lrcn_keras.datasets.folds import assign_folds, natural_order


def test_no_group_is_in_two_folds_and_every_example_is_in_one():
    rng = np.random.default_rng(0)
    groups = [f"s{number}" for number in rng.integers(0, 40, 300)]
    fold_of = assign_folds(rng.integers(0, 3, 300), groups, 5, seed=3)
    assert set(fold_of) == {0, 1, 2, 3, 4}
    assert all(
        len({fold for fold, each in zip(fold_of, groups, strict=True) if each == group}) == 1
        for group in set(groups)
    )


def test_single_examples_are_dealt_evenly_within_each_class():
    labels = np.repeat([0, 1, 2], [50, 23, 7])
    fold_of = assign_folds(labels, [str(number) for number in range(80)], 5, seed=0)
    for label in range(3):
        counts = np.bincount(fold_of[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert np.ptp(np.bincount(fold_of)) <= 2


def test_classes_keep_their_shares_when_groups_have_one_class_each():
    labels = np.repeat(np.arange(2), 60)
    groups = [f"{label}-{number // 4}" for number, label in enumerate(labels)]
    fold_of = assign_folds(labels, groups, 5, seed=0)
    for fold in range(5):  # 15 groups of 4 a class: 3 of each in every fold
        assert np.bincount(labels[fold_of == fold]).tolist() == [12, 12]


def test_the_seed_decides_which_way():
    labels = np.arange(60) % 2
    groups = [str(number) for number in range(60)]
    first = assign_folds(labels, groups, 3, seed=0)
    np.testing.assert_array_equal(first, assign_folds(labels, groups, 3, seed=0))
    assert not np.array_equal(first, assign_folds(labels, groups, 3, seed=1))


def test_as_many_folds_as_groups_leaves_one_out():
    groups = ["a"] * 9 + ["b"] * 2 + ["c"]
    fold_of = assign_folds(np.array([0] * 9 + [1] * 2 + [2]), groups, 3, seed=0)
    assert len(set(fold_of)) == 3


@pytest.mark.parametrize("folds", [1, 4])
def test_a_number_of_folds_that_cannot_be_is_an_error(folds):
    with pytest.raises(ValueError, match=f"from 2 to the 3 groups, got {folds}"):
        assign_folds(np.zeros(3), ["a", "b", "c"], folds, seed=0)


def test_numbers_are_sorted_as_numbers():
    assert natural_order(["10", "2", "1", "2"]) == ["1", "2", "10"]
    assert natural_order(["s10", "s9", "1", "t"]) == ["1", "s9", "s10", "t"]
