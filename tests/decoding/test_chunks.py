import numpy as np
import pytest

from lrcn_keras.decoding import chunks


@pytest.mark.parametrize("vocabulary", [5, 64, 1000, 1024, 2917])
@pytest.mark.parametrize("k", [1, 5])
def test_the_greatest_values_of_every_row_are_found(vocabulary, k):
    scores = np.random.default_rng(0).normal(size=(7, vocabulary)).astype("float32")
    scores[0, : vocabulary - 2] = -np.inf
    values, places = (np.asarray(x) for x in chunks.top_k(scores, k))
    np.testing.assert_array_equal(values, -np.sort(-scores, axis=-1)[:, :k])
    np.testing.assert_array_equal(np.take_along_axis(scores, places, axis=-1), values)
    assert all(len(set(row)) == k for row in places.tolist())


@pytest.mark.parametrize("vocabulary", [3, 32, 33, 500])
def test_a_draw_is_where_the_cumulative_weights_pass_it(vocabulary):
    rng = np.random.default_rng(1)
    weights = rng.uniform(size=(200, vocabulary)).astype("float32")
    weights[:, ::3] = 0
    draws = rng.uniform(size=200).astype("float32")
    places = np.asarray(chunks.draw(weights, draws))
    sums = np.cumsum(weights.astype("float64"), axis=-1)
    thresholds = draws * sums[:, -1]
    rows, slack = np.arange(200), 1e-5 * sums[:, -1]
    assert (weights[rows, places] > 0).all()
    assert (sums[rows, places] > thresholds - slack).all()
    assert (sums[rows, places] - weights[rows, places] <= thresholds + slack).all()


@pytest.mark.parametrize("draw", [0.0, 1.0])
def test_the_extreme_draws_never_hit_a_place_without_weight(draw):
    weights = np.zeros((2, 130), "float32")
    weights[0, [40, 41]] = 1e-30, 3e-30
    weights[1, [0, 129]] = 0.25, 0.75
    places = np.asarray(chunks.draw(weights, np.full(2, draw, "float32")))
    assert places.tolist() == ([40, 0] if draw == 0 else [41, 129])
