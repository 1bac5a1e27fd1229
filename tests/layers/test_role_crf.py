import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras.layers import RoleCRF

GRAPHS = {
    "one role": ((4,), []),
    "chain": ((3, 4, 2, 3), [(0, 1), (1, 2), (2, 3)]),
    "star": ((3, 2, 4, 2), [(1, 0), (1, 2), (3, 1)]),
    "triangle": ((3, 4, 2), [(0, 1), (1, 2), (0, 2)]),
    "cycle": ((2, 3, 4, 3), [(0, 1), (1, 2), (2, 3), (3, 0)]),
    "clique": ((3, 2, 4, 3), None),
    "isolated roles": ((3, 4, 2), []),
    "an edge and a role alone": ((3, 4, 2), [(2, 0)]),
    "two parts": ((2, 3, 2, 3, 1), [(0, 3), (2, 1), (1, 4)]),
}


class Enumeration:
    """All labellings of a RoleCRF, one after the other, in numpy."""

    def __init__(self, crf, unaries):
        self.crf = crf
        self.grid = np.indices(crf.sizes).reshape(len(crf.sizes), -1).T  # (all, R)
        starts = np.cumsum([0, *crf.sizes[:-1]])
        self.present = np.zeros((len(self.grid), sum(crf.sizes)))
        for row, labels in zip(self.present, self.grid, strict=True):
            row[starts + labels] = 1
        self.scores = unaries.astype("float64") @ self.present.T  # (B, all)
        for (a, b), table in zip(crf.edges, crf.get_weights(), strict=True):
            self.scores += table[self.grid[:, a], self.grid[:, b]]

    def probabilities(self, labels=None):
        """(B, all), given the labels (R,) if there are any."""
        return np.exp(self.scores) * self.agrees(labels) / self.total(labels)[:, None]

    def total(self, labels=None):
        return (np.exp(self.scores) * self.agrees(labels)).sum(1)

    def agrees(self, labels):
        if labels is None:
            return np.ones(len(self.grid))
        return np.all((self.grid == labels) | (np.array(labels) < 0), axis=1)


@pytest.fixture(params=GRAPHS)
def crf(request):
    sizes, edges = GRAPHS[request.param]
    layer = RoleCRF(sizes, edges)
    layer.build((None, sum(sizes)))
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(size=table.shape) for table in layer.tables])
    return layer


@pytest.fixture
def unaries(crf):
    return np.random.default_rng(2).normal(size=(3, sum(crf.sizes)), scale=2).astype("float32")


def test_inference_equals_enumeration(crf, unaries):
    every = Enumeration(crf, unaries)
    np.testing.assert_allclose(crf.log_partition(unaries), np.log(every.total()), rtol=1e-5)
    marginals = every.probabilities() @ every.present
    np.testing.assert_allclose(crf(unaries), marginals, atol=1e-5)
    assert np.array_equal(crf.map(unaries), every.grid[every.scores.argmax(1)])


def test_a_batch_may_be_empty(crf):
    nothing = np.zeros((0, sum(crf.sizes)), "float32")
    roles = len(crf.sizes)
    for map_ in (crf.map, tf.function(crf.map)):
        assert tuple(map_(nothing).shape) == (0, roles)
    assert tuple(crf(nothing).shape) == nothing.shape
    assert tuple(crf.log_partition(nothing).shape) == (0,)
    for shape in ((0,), (0, 2)):
        labels = np.zeros((*shape, roles), "int32")
        assert tuple(crf.log_likelihood(nothing, labels).shape) == shape


def test_likelihood_of_some_observed_roles_equals_enumeration(crf, unaries):
    every = Enumeration(crf, unaries)
    rng = np.random.default_rng(3)
    observed = [rng.integers(-1, crf.sizes) for _ in range(4)]
    observed += [rng.integers(0, crf.sizes), np.full(len(crf.sizes), -1)]
    expected = np.stack([np.log(every.total(labels) / every.total()) for labels in observed], 1)
    labels = np.broadcast_to(np.stack(observed), (len(unaries), len(observed), len(crf.sizes)))
    np.testing.assert_allclose(crf.log_likelihood(unaries, labels), expected, atol=2e-5)
    one = crf.log_likelihood(unaries, labels[:, 0])
    np.testing.assert_allclose(one, expected[:, 0], atol=2e-5)


def test_gradients_are_differences_of_expectations(crf, unaries):
    every = Enumeration(crf, unaries)
    labels = np.random.default_rng(5).integers(-1, crf.sizes)
    x = tf.Variable(unaries)
    with tf.GradientTape() as tape:
        given = np.broadcast_to(labels, (len(unaries), len(crf.sizes)))
        likelihood = tf.reduce_sum(crf.log_likelihood(x, given))
    gradients = tape.gradient(likelihood, [x, *(table.value for table in crf.tables)])
    shift = every.probabilities(labels) - every.probabilities()  # (B, all)
    np.testing.assert_allclose(gradients[0], shift @ every.present, atol=1e-5)
    for (a, b), gradient in zip(crf.edges, gradients[1:], strict=True):
        expected = np.zeros(gradient.shape)
        np.add.at(expected, (every.grid[:, a], every.grid[:, b]), shift.sum(0))
        np.testing.assert_allclose(gradient, expected, atol=1e-5)


def test_of_equally_likely_labellings_map_is_one_and_not_a_mixture():
    crf = RoleCRF([2, 2, 2])
    crf.build((None, 6))
    crf.set_weights([np.array([[1.0, -1.0], [-1.0, 1.0]])] * 3)  # likes equal labels
    (labels,) = np.array(crf.map(np.zeros((1, 6), "float32")))
    assert len(set(labels)) == 1


def test_large_scores_neither_overflow_nor_vanish():
    crf = RoleCRF([2, 3])
    unaries = tf.Variable([[1e4, -1e4, 0.0, 2e4, -3e4]])
    with tf.GradientTape() as tape:
        likelihood = crf.log_likelihood(unaries, np.array([[1, -1]]))
    assert likelihood.numpy().tolist() == [-2e4]
    assert np.array_equal(tape.gradient(likelihood, unaries), [[-1, 1, 0, 0, 0]])


def test_without_edges_roles_are_independent():
    unaries = np.random.default_rng(0).normal(size=(2, 5)).astype("float32")
    expected = np.concatenate([keras.ops.softmax(x) for x in (unaries[:, :2], unaries[:, 2:])], 1)
    np.testing.assert_allclose(RoleCRF([2, 3], edges=[])(unaries), expected, rtol=1e-5)


def test_narrow_policies_do_not_narrow_it():
    class Outer(keras.layers.Layer):
        def __init__(self):
            super().__init__(dtype="mixed_float16")
            self.crf = RoleCRF([300, 300])

        def call(self, unaries):
            return self.crf.log_partition(unaries)

    unaries = np.full((1, 600), 20.0, "float32")
    # exp(40) is beyond float16, and so is the precision asked for.
    np.testing.assert_allclose(Outer()(unaries), [40 + 2 * np.log(300)], rtol=1e-6)


def test_the_order_of_elimination_keeps_tables_small():
    hub = RoleCRF([50, 60, 70, 80], [(0, 1), (0, 2), (0, 3)])
    assert hub.largest_table == 50 * 80
    assert RoleCRF([50, 20, 10]).largest_table == 50 * 20 * 10
    with pytest.raises(ValueError, match="fewer edges"):
        RoleCRF([157, 157, 157, 38, 38])


def test_configuration_round_trip():
    crf = RoleCRF({"who": 3, "doing": 2, "where": 4}, [("where", "doing"), (0, 1)])
    again = keras.layers.deserialize(keras.layers.serialize(crf))
    assert again.edges == crf.edges == ((1, 2), (0, 1))
    assert again.get_config() == crf.get_config()
    assert again.roles == ("who", "doing", "where")


@pytest.mark.parametrize(
    ("sizes", "edges", "message"),
    [
        ([], None, "one label or more"),
        ([3, 0], None, "one label or more"),
        ([3, 2], [(0, 2)], "Unknown role 2"),
        ({"who": 3, "doing": 2}, [("who", "where")], "Unknown role 'where'.*'doing'"),
        ([3, 2], [(0, 0)], "different roles"),
        ([3, 2], [(0, 1), (1, 0)], "different pairs"),
    ],
)
def test_bad_graphs_are_errors(sizes, edges, message):
    with pytest.raises(ValueError, match=message):
        RoleCRF(sizes, edges)


def test_scores_of_another_size_are_an_error():
    with pytest.raises(ValueError, match="5 scores together, received 6"):
        RoleCRF([2, 3])(np.zeros((1, 6), "float32"))


_ON_JAX = """
import json, sys
import jax, numpy as np
from lrcn_keras.layers import RoleCRF

crf = RoleCRF([3, 4, 2])
crf.build((None, 9))
crf.set_weights([np.sin(np.arange(a * b)).reshape(a, b) for a, b in ((3, 4), (3, 2), (4, 2))])
unaries = np.cos(np.arange(18, dtype="float32")).reshape(2, 9)
labels = np.array([[[0, -1, 1], [2, 3, -1]], [[-1, -1, -1], [1, 1, 1]]])
said = [crf.marginals, crf.map, lambda x: crf.log_likelihood(x, labels)]
print(json.dumps([np.array(jax.jit(f)(unaries)).tolist() for f in said]))
"""


def test_jax_says_the_same():
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", _ON_JAX],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    marginals, labels, likelihoods = json.loads(done.stdout.splitlines()[-1])
    crf = RoleCRF([3, 4, 2])
    crf.build((None, 9))
    crf.set_weights([np.sin(np.arange(a * b)).reshape(a, b) for a, b in ((3, 4), (3, 2), (4, 2))])
    every = Enumeration(crf, np.cos(np.arange(18, dtype="float32")).reshape(2, 9))
    np.testing.assert_allclose(marginals, every.probabilities() @ every.present, atol=1e-5)
    assert labels == every.grid[every.scores.argmax(1)].tolist()
    expected = [[every.total(labels) for labels in ([0, -1, 1], [2, 3, -1])]]
    np.testing.assert_allclose(
        likelihoods[0], np.log(np.array(expected)[0, :, 0] / every.total()[0]), atol=1e-5
    )
    assert likelihoods[1][0] == 0
