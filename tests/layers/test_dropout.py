import subprocess
import sys

import keras
import numpy as np
import pytest

from lrcn_keras.layers import Dropout

tf = pytest.importorskip("tensorflow")


def test_equals_keras_on_one_device():
    x = np.ones((4, 100), "float32")
    ours, theirs = Dropout(0.3, seed=7), keras.layers.Dropout(0.3, seed=7)
    for _ in range(2):  # the state moves on alike
        np.testing.assert_array_equal(ours(x, training=True), theirs(x, training=True))
    np.testing.assert_array_equal(ours(x), x)
    assert ours.get_config() == {**theirs.get_config(), "name": ours.name}


def test_same_state_gives_the_same_mask():
    layer, x = Dropout(0.5), np.ones((4, 100), "float32")
    state = layer.seed_generator.state.value.numpy()
    first, second = layer(x, training=True), layer(x, training=True)
    layer.seed_generator.state.assign(state)
    np.testing.assert_array_equal(layer(x, training=True), first)
    assert not np.array_equal(first, second)


def test_mask_can_be_shared_between_steps():
    y = np.array(Dropout(0.5, noise_shape=(None, 1, None))(np.ones((2, 5, 50)), training=True))
    np.testing.assert_array_equal(y, np.repeat(y[:, :1], 5, axis=1))


_ON_TWO_DEVICES = """
import numpy as np
import tensorflow as tf
from lrcn_keras.layers import LSTM, Dropout

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(
    ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
)
with strategy.scope():
    dropout = Dropout(0.5, seed=3)
    lstm = LSTM(4, dropout=0.5, return_sequences=True, seed=3)
    lstm.build((None, None, 8), (None, 2))

@tf.function
def replicas(f):
    return [strategy.experimental_local_results(v) for v in strategy.run(f)]

def dropped():
    return dropout(tf.ones((2, 100)), training=True), lstm(
        tf.ones((2, 3, 8)), tf.ones((2, 2)), training=True
    )

for (first, second) in replicas(dropped):
    assert not np.array_equal(first, second)
alone = Dropout(0.5, seed=3)(tf.ones((2, 100)), training=True)
dropout.seed_generator.state.assign([3, 0])
assert np.array_equal(replicas(dropped)[0][0], alone)

# Two replicas' gradients of a sum are one device's on the whole batch.
x, static = tf.random.normal((2, 3, 5, 8)), tf.random.normal((2, 3, 2))

def gradients(x, static):
    weights = [v.value for v in lstm.trainable_weights]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(lstm(x, static) ** 2)
    return tape.gradient(loss, weights)

def gradients_here():
    i = tf.distribute.get_replica_context().replica_id_in_sync_group
    return gradients(x[i], static[i])

expected = gradients(tf.reshape(x, (6, 5, 8)), tf.reshape(static, (6, 2)))
for parts, whole in zip(replicas(gradients_here), expected):
    np.testing.assert_allclose(sum(np.array(p) for p in parts), whole, atol=1e-5)
"""


def test_two_replicas_drop_different_units_and_share_gradients():
    subprocess.run([sys.executable, "-c", _ON_TWO_DEVICES], check=True, timeout=600)
