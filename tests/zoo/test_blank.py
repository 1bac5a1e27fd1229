import threading

import keras
import numpy as np
import pytest

from lrcn_keras.layers import LSTM
from lrcn_keras.zoo.blank import blank_weights


def built(*layers):
    model = keras.Sequential([keras.Input((5, 3)), *layers])
    return model, model.get_weights()


def test_layers_begin_with_zeros_of_their_own_shapes_and_dtypes():
    layers = [LSTM(4), keras.layers.BatchNormalization(), keras.layers.Dense(2, dtype="bfloat16")]
    with blank_weights():
        model, weights = built(*(each.from_config(each.get_config()) for each in layers))
    drawn, others = built(*layers)
    assert [(w.shape, w.dtype) for w in model.weights] == [
        (w.shape, w.dtype) for w in drawn.weights
    ]
    assert not any(np.any(np.asarray(w, "float32")) for w in weights)
    assert any(np.any(np.asarray(w, "float32")) for w in others)
    assert model.layers[0].get_config() == drawn.layers[0].get_config()


def test_nothing_is_blank_outside_even_after_an_error():
    add_weight = keras.layers.Layer.add_weight
    with pytest.raises(ValueError, match="inside"), blank_weights(), blank_weights():
        raise ValueError("inside")
    assert keras.layers.Layer.add_weight is add_weight


def test_other_threads_draw_their_weights():
    kernels = []
    with blank_weights():
        other = threading.Thread(target=lambda: kernels.append(built(keras.layers.Dense(2))[1][0]))
        other.start()
        other.join()
    assert np.all(kernels[0] != 0)


def test_dropout_keeps_its_seed():
    with blank_weights():
        layer = keras.layers.Dropout(0.5, seed=7)
    np.testing.assert_array_equal(
        layer.seed_generator.state, keras.layers.Dropout(0.5, seed=7).seed_generator.state
    )
