import keras
import numpy as np
import pytest

from lrcn_keras.layers import LocalResponseNormalization


@pytest.mark.parametrize(("window", "channels"), [(5, 8), (3, 2), (1, 4), (5, 2)])
def test_equals_pytorch(window, channels):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(2, 3, 4, channels)).astype("float32") * 10
    layer = LocalResponseNormalization(window, alpha=0.3, beta=0.75)
    expected = torch.nn.functional.local_response_norm(
        torch.from_numpy(x.transpose(0, 3, 1, 2)), window, alpha=0.3, beta=0.75, k=1
    )
    np.testing.assert_allclose(layer(x), expected.numpy().transpose(0, 2, 3, 1), rtol=1e-5)


def test_alpha_is_divided_by_the_window():
    # Caffe: 2 / (1 + 5 / 5 * (2 ** 2 + 2 ** 2)) ** 1 with two channels of 2.
    layer = LocalResponseNormalization(window=5, alpha=5, beta=1)
    np.testing.assert_allclose(layer(np.full((1, 2), 2.0)), [[2 / 9, 2 / 9]], rtol=1e-6)


def test_configuration_round_trip():
    layer = LocalResponseNormalization(3, alpha=0.1, beta=0.5)
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("window", [0, 4, -1])
def test_window_must_be_odd(window):
    with pytest.raises(ValueError, match="odd"):
        LocalResponseNormalization(window)
