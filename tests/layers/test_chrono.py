import keras
import numpy as np
import pytest

from lrcn_keras.layers import LSTM, ChronoBias


def test_units_forget_after_1_to_the_given_number_of_steps():
    bias = keras.ops.convert_to_numpy(ChronoBias(80)((4 * 5,), "float32"))
    ins, forgets, candidates, outs = np.split(bias, 4)
    # A gate of sigmoid(log(u)) = u / (1 + u) keeps a state for 1 / (1 - gate) = 1 + u steps.
    kept = 1 / (1 - 1 / (1 + np.exp(-forgets)))
    np.testing.assert_allclose(kept, [2, 21.5, 41, 60.5, 80], rtol=1e-4)
    np.testing.assert_array_equal(ins, -forgets)
    assert not candidates.any() and not outs.any()


def test_an_lstm_with_it_survives_its_config():
    layer = LSTM(3, unit_forget_bias=False, bias_initializer=ChronoBias(10))
    again = LSTM.from_config(layer.get_config())
    for each in (layer, again):
        each.build((None, None, 2))
    np.testing.assert_array_equal(layer.cell.bias, again.cell.bias)


def test_two_steps_are_no_time_to_remember():
    with pytest.raises(ValueError, match="3 or more, got 2"):
        ChronoBias(2)
