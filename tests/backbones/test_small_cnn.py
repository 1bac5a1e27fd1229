import numpy as np
import pytest

from lrcn_keras import backbones


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [16, 30, 64])
def test_any_size_and_number_of_channels(size, channels):
    model = backbones.get("small_cnn", weights=None, image_size=size, channels=channels)
    assert model.input_shape == (None, size, size, channels)
    assert model.output_shape == (None, 96)
    first = 5 * 5 * channels * 24 + 4 * 24  # convolution and its batch normalization
    assert sum(np.prod(w.shape) for w in model.weights if w.path.startswith("conv1")) == first
    side = model.get_layer("last_pool").output.shape[1]
    assert 2 <= side <= 4


def test_a_warmer_room_and_a_warmer_person_look_the_same_to_the_thermal_cnn():
    model = backbones.get("thermal_cnn", weights=None, channels=1)
    degrees = np.random.default_rng(0).uniform(20, 40, (2, 16, 16, 1)).astype("float32")
    np.testing.assert_allclose(model(degrees + 5), model(degrees), atol=1e-3)
    # An odd number of pixels has one in the middle.
    odd = degrees[:, :15, :15]
    model = backbones.get(
        "thermal_cnn", weights=None, channels=1, feature="standardized", image_size=15
    )
    expected = odd - np.median(odd, axis=(1, 2), keepdims=True)
    expected /= odd.std(axis=(1, 2), keepdims=True) + 0.05
    np.testing.assert_allclose(model(odd), expected, atol=1e-4)


def test_channels_that_a_network_does_not_take_are_refused():
    with pytest.raises(ValueError, match="3 channels, not of 1. Allowed: a keras.Model or small_c"):
        backbones.get("caffenet", weights=None, channels=1)
    with pytest.raises(ValueError, match="thermal_cnn takes images of 1 channels, not of 3"):
        backbones.get("thermal_cnn", weights=None)
