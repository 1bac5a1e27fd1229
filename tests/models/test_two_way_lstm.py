import keras
import numpy as np

from lrcn_keras.models.two_way_lstm import TwoWayLSTM


def test_it_is_kerass_bidirectional_lstm_on_each_clips_real_frames():
    layer = TwoWayLSTM(3)
    rng = np.random.default_rng(0)
    x, lengths = rng.normal(size=(2, 5, 4)).astype("float32"), np.array([5, 2], "int32")
    found = keras.ops.convert_to_numpy(layer(x, lengths))
    reference = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True))
    reference.build((None, None, 4))
    reference.set_weights(layer.get_weights())
    for row, frames, length in zip(found, x, lengths, strict=True):
        expected = reference(frames[None, :length])[0]
        np.testing.assert_allclose(row[:length], expected, atol=1e-5)
