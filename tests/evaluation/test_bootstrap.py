import numpy as np
import pytest

from lrcn_keras.evaluation import (
    CiderD,
    bleu,
    bleu_of_totals,
    bleu_statistics,
    bootstrap_interval,
    paired_bootstrap,
)
from lrcn_keras.evaluation.bootstrap import resampled_images

ENDS = [0.025, 0.975]


def test_bleu_equals_scoring_the_resampled_captions(corpus):
    candidates, references = corpus
    expected = [
        list(bleu([candidates[n] for n in drawn], [references[n] for n in drawn]).values())
        for drawn in resampled_images(len(candidates), 150, 3)
    ]
    interval = bootstrap_interval(
        bleu_statistics(candidates, references), bleu_of_totals, resamples=150, seed=3
    )
    np.testing.assert_allclose(interval, np.quantile(expected, ENDS, axis=0), rtol=1e-12)


def test_mean_equals_averaging_the_resampled_scores(corpus):
    candidates, references = corpus
    scores = CiderD(references).scores(candidates)
    expected = [scores[drawn].mean() for drawn in resampled_images(len(scores), 150, 3)]
    interval = bootstrap_interval(scores, resamples=150, seed=3)
    np.testing.assert_allclose(interval, np.quantile(expected, ENDS), rtol=1e-12, atol=1e-15)


def test_interval_is_that_of_the_normal_approximation():
    scores = np.random.default_rng(0).normal(3.0, 2.0, 2000)
    low, high = bootstrap_interval(scores, resamples=4000)
    half = 1.96 * scores.std() / np.sqrt(2000)
    assert low == pytest.approx(scores.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(scores.mean() + half, abs=0.1 * half)


def test_95_percent_of_the_intervals_cover_the_truth():
    generator = np.random.default_rng(1)
    covered = 0
    for seed in range(300):
        low, high = bootstrap_interval(generator.exponential(1.0, 200), resamples=300, seed=seed)
        covered += low <= 1.0 <= high
    assert 0.90 <= covered / 300 <= 0.98  # 3 standard errors about 0.94


def test_the_same_seed_draws_the_same_images():
    scores = np.random.default_rng(0).random(50)
    same = bootstrap_interval(scores, seed=1)
    np.testing.assert_array_equal(bootstrap_interval(scores, seed=1), same)
    assert not np.array_equal(bootstrap_interval(scores, seed=2), same)


def test_identical_models_differ_by_exactly_0(corpus):
    statistics = bleu_statistics(*corpus)
    interval = paired_bootstrap(statistics, statistics.copy(), bleu_of_totals, resamples=50)
    np.testing.assert_array_equal(interval, np.zeros((2, 4)))


def test_a_pair_cancels_what_makes_images_hard():
    generator = np.random.default_rng(0)
    hard = generator.normal(0.0, 5.0, 500)
    model_a, model_b = hard + 0.2, hard + generator.normal(0.0, 0.1, 500)
    low, high = paired_bootstrap(model_a, model_b)
    assert 0.15 < low < high < 0.25
    assert np.ptp(bootstrap_interval(model_a)) > 0.5


def test_paired_equals_the_difference_on_the_resampled_captions():
    scores = np.random.default_rng(0).random((2, 30))
    expected = [
        scores[0, drawn].mean() - scores[1, drawn].mean() for drawn in resampled_images(30, 100, 5)
    ]
    interval = paired_bootstrap(*scores, resamples=100, seed=5)
    np.testing.assert_allclose(interval, np.quantile(expected, ENDS), rtol=1e-9)


def test_groups_are_drawn_with_all_their_images():
    scores = np.random.default_rng(0).random(30)
    groups = np.random.default_rng(1).integers(0, 7, 30)
    expected = []
    for drawn in resampled_images(7, 100, 5):
        images = np.concatenate([np.flatnonzero(groups == group) for group in drawn])
        expected.append([scores[images].mean(), scores[images].sum()])
    expected = np.quantile(expected, ENDS, axis=0)
    interval = bootstrap_interval(scores, resamples=100, seed=5, groups=groups)
    np.testing.assert_allclose(interval, expected[:, 0], rtol=1e-12)
    interval = bootstrap_interval(scores, lambda sums: sums, resamples=100, seed=5, groups=groups)
    np.testing.assert_allclose(interval, expected[:, 1], rtol=1e-12)


def test_groups_of_one_image_are_images():
    scores = np.random.default_rng(0).random((2, 30, 3))
    groups = [f"{image:02d}" for image in range(30)]
    np.testing.assert_allclose(
        paired_bootstrap(*scores, groups=groups), paired_bootstrap(*scores), rtol=1e-12
    )


def test_images_that_are_copies_are_no_more_evidence():
    scores = np.random.default_rng(0).random(40)
    alone = np.ptp(bootstrap_interval(scores))
    groups = np.repeat(np.arange(40), 10)
    copies = np.repeat(scores, 10)
    assert np.ptp(bootstrap_interval(copies, groups=groups)) == pytest.approx(alone, rel=0.05)
    assert np.ptp(bootstrap_interval(copies)) < 0.4 * alone


def test_refuses_what_has_no_interval():
    with pytest.raises(ValueError, match="2 groups for 3 images"):
        bootstrap_interval(np.zeros(3), groups=["a", "b"])
    with pytest.raises(ValueError, match="At least one image"):
        bootstrap_interval(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="one resample"):
        bootstrap_interval(np.zeros(3), resamples=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        bootstrap_interval(np.zeros(3), level=95)
    with pytest.raises(ValueError, match="same images"):
        paired_bootstrap(np.zeros(3), np.zeros(4))
