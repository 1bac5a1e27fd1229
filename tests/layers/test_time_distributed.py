import keras
import numpy as np
import pytest

from lrcn_keras.layers import TimeDistributed

tf = pytest.importorskip("tensorflow")


def frames(batch, steps, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, steps, 8, 8, 3)).astype("float32")


def small_cnn(normalize=False):
    layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, activation="relu")]
    layers += [keras.layers.BatchNormalization()] if normalize else []
    return keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D()])


@pytest.mark.parametrize("chunk", [None, 1, 4, 100])
def test_equals_keras(chunk):
    cnn, x = small_cnn(), frames(3, 5)
    expected = keras.layers.TimeDistributed(cnn)(x)
    np.testing.assert_allclose(TimeDistributed(cnn, chunk)(x), expected, atol=1e-6)


@pytest.mark.parametrize("chunk", [None, 4])
def test_batch_and_time_may_be_dynamic(chunk):
    cnn = small_cnn()
    layer = TimeDistributed(cnn, chunk)
    run = tf.function(layer, input_signature=[tf.TensorSpec((None, None, 8, 8, 3))])
    for batch, steps in ((2, 3), (1, 1), (3, 4)):
        x = frames(batch, steps)
        expected = np.array(cnn(x.reshape(-1, 8, 8, 3))).reshape(batch, steps, 4)
        np.testing.assert_allclose(run(x), expected, atol=1e-6)


def test_the_graph_calls_the_cnn_once():
    layer = TimeDistributed(small_cnn())
    graph = tf.function(layer).get_concrete_function(tf.TensorSpec((2, 9, 8, 8, 3))).graph
    assert sum(op.type == "Conv2D" for op in graph.get_operations()) == 1


def test_chunks_bound_the_frames_at_a_time():
    seen = []

    class Spy(keras.layers.Layer):
        def call(self, inputs):
            seen.append(inputs.shape[0])
            return inputs * 2

        def compute_output_shape(self, input_shape):
            return input_shape

    x = np.arange(22.0, dtype="float32").reshape(2, 11, 1)
    np.testing.assert_array_equal(TimeDistributed(Spy(), chunk=8)(x), x * 2)
    assert seen == [8, 8, 8]  # 22 frames and two of zeros


def test_batch_norm_is_updated_once():
    cnn, x = small_cnn(normalize=True), frames(3, 5)
    once = keras.models.clone_model(cnn)
    once.set_weights(cnn.get_weights())
    y = TimeDistributed(cnn, chunk=2)(x, training=True)
    expected = once(x.reshape(15, 8, 8, 3), training=True)
    np.testing.assert_allclose(np.array(y).reshape(15, 4), expected, atol=1e-5)
    for left, right in zip(cnn.get_weights(), once.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)


@pytest.mark.parametrize("chunk", [None, 2])
def test_masks_are_passed_on(chunk):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32")
    mask = np.random.default_rng(1).random((2, 3, 4)) < 0.6
    lstm = keras.layers.LSTM(6)
    expected = keras.layers.TimeDistributed(lstm)(x, mask=mask)
    np.testing.assert_allclose(TimeDistributed(lstm, chunk)(x, mask=mask), expected, atol=1e-6)


def test_mask_of_the_steps_goes_through():
    embedded = keras.layers.Embedding(5, 4, mask_zero=True)(np.array([[1, 2, 0], [3, 0, 0]]))
    y = TimeDistributed(keras.layers.Dense(2))(embedded)
    np.testing.assert_array_equal(y._keras_mask, [[1, 1, 0], [1, 0, 0]])


def test_configuration_is_that_of_keras():
    cnn = small_cnn()
    ours, theirs = TimeDistributed(cnn, name="td"), keras.layers.TimeDistributed(cnn, name="td")
    assert ours.get_config() == theirs.get_config()
    again = keras.layers.deserialize(keras.layers.serialize(TimeDistributed(cnn, chunk=3)))
    assert again.chunk == 3


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_functional_model_survives_saving(tmp_path):
    inputs = keras.Input((None, 8, 8, 3))
    model = keras.Model(inputs, TimeDistributed(small_cnn(normalize=True), chunk=4)(inputs))
    assert model.output_shape == (None, None, 4)
    model.save(tmp_path / "model.keras")
    x = frames(2, 3)
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_chunk_must_be_positive():
    with pytest.raises(ValueError, match="received 0"):
        TimeDistributed(small_cnn(), chunk=0)
