"""Small CNNs to train from scratch on small frames: silhouettes, thermal images."""

import keras
from keras import layers

from lrcn_keras.backbones.preprocessing import minus_one_to_one

_FILTERS = (24, 48, 96)
_FC = 96
_LARGEST_MAP = 4  # pixels; larger images get more blocks


def small_cnn(image_size: int = 32, classes: int | None = None, channels: int = 3) -> keras.Model:
    """Build a few convolutions, each with batch normalization, and a fully connected layer.

    Args:
        image_size: height and width of the input in pixels, from 16 on.
        classes: size of a classifier; None leaves it out.
        channels: of the input.

    Returns:
        A functional model. Input: (B, image_size, image_size, channels) in [0, 255], scaled to
        [-1, 1] inside. Layers to take features from: ``last_pool`` (B, s, s, 96), ``fc7`` (B, 96),
        and ``fc8`` (B, classes).
    """
    image = keras.Input((image_size, image_size, channels), name="image")
    return _network(image, minus_one_to_one(image), classes, "small_cnn")


def thermal_cnn(image_size: int = 16, classes: int | None = None) -> keras.Model:
    """Build the same network for thermal images.

    Args:
        image_size: as for `small_cnn`.
        classes: as for `small_cnn`.

    Returns:
        A functional model. Input: (B, image_size, image_size, 1) in degrees Celsius. Inside, each
        image loses its median, the room, and is divided by its deviation, so that a warm and a
        cool person look alike. Layers as of `small_cnn`.
    """
    image = keras.Input((image_size, image_size, 1), name="image")
    return _network(image, Standardized(name="standardized")(image), classes, "thermal_cnn")


def _network(image, x, classes: int | None, name: str) -> keras.Model:
    x = layers.Conv2D(_FILTERS[0], 5, 2, padding="same", use_bias=False, name="conv1")(x)
    x = _normalized(x, "conv1")
    block = 1
    while block < len(_FILTERS) or x.shape[1] > _LARGEST_MAP:
        block += 1
        filters = _FILTERS[min(block, len(_FILTERS)) - 1]
        convolution = f"conv{block}"
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=convolution)(x)
        x = _normalized(x, convolution)
        last = block >= len(_FILTERS) and x.shape[1] <= 2 * _LARGEST_MAP
        x = layers.MaxPooling2D(2, name="last_pool" if last else f"pool{block}")(x)
    x = layers.Flatten(name="flat")(x)
    x = _normalized(layers.Dense(_FC, use_bias=False, name="fc")(x), "fc", "fc7")
    if classes is not None:
        x = layers.Dense(classes, name="fc8")(x)
    return keras.Model(image, x, name=name)


def _normalized(x, name: str, output: str | None = None):
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)
    return layers.ReLU(name=output or f"{name}_relu")(x)


@keras.saving.register_keras_serializable("lrcn_keras")
class Standardized(keras.layers.Layer):
    """Subtract an image's median and divide by its deviation: (B, S, S, 1) -> the same."""

    def call(self, image):
        flat = keras.ops.reshape(image, (-1, image.shape[1] * image.shape[2]))
        ordered = keras.ops.sort(flat, -1)
        flat = flat - ordered[:, ordered.shape[1] // 2][:, None]
        # 0.05 degrees: an image of nothing but noise stays small.
        flat = flat / (keras.ops.std(flat, axis=-1, keepdims=True) + 0.05)
        return keras.ops.reshape(flat, (-1, *image.shape[1:]))

    def compute_output_shape(self, image_shape):
        return image_shape
