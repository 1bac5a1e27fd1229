"""Small CNNs to train from scratch on small frames: silhouettes, thermal images."""

import keras
from keras import layers

from lrcn_keras.backbones.preprocessing import minus_one_to_one

_FILTERS = (32, 64, 128)


def small_cnn(image_size: int = 64, classes: int | None = None, channels: int = 3) -> keras.Model:
    """Build three blocks of two 3x3 convolutions, each with batch normalization and pooling.

    Args:
        image_size: height and width of the input in pixels, from 8 on.
        classes: size of a classifier on the last block's flattened map; None leaves it out.
        channels: of the input.

    Returns:
        A functional model. Input: (B, image_size, image_size, channels) in [0, 255], scaled to
        [-1, 1] inside. Layers to take features from: ``pool3`` (B, S/8, S/8, 128), ``flat`` (the
        same in one row), and ``fc8`` (B, classes).
    """
    image = keras.Input((image_size, image_size, channels), name="image")
    return _network(image, minus_one_to_one(image), classes, "small_cnn")


def thermal_cnn(image_size: int = 16, classes: int | None = None) -> keras.Model:
    """Build the same network for thermal images.

    Args:
        image_size: as for `small_cnn`.
        classes: as for `small_cnn`.

    Returns:
        A functional model. Input: (B, image_size, image_size, 1) in degrees Celsius; each image's
        median, the room, is taken off inside, so that what is warm is left. Layers as of
        `small_cnn`.
    """
    image = keras.Input((image_size, image_size, 1), name="image")
    return _network(image, RoomRemoved(name="room_removed")(image), classes, "thermal_cnn")


def _network(image, x, classes: int | None, name: str) -> keras.Model:
    for block, filters in enumerate(_FILTERS, start=1):
        for number in (1, 2):
            layer = f"conv{block}_{number}"
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=layer)(x)
            x = layers.BatchNormalization(momentum=0.9, name=f"{layer}_bn")(x)
            x = layers.ReLU(name=f"{layer}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    if classes is not None:
        x = layers.Flatten(name="flat")(x)
        x = layers.Dense(classes, name="fc8")(x)
    return keras.Model(image, x, name=name)


@keras.saving.register_keras_serializable("lrcn_keras")
class RoomRemoved(keras.layers.Layer):
    """Subtract an image's median: (B, S, S, 1) degrees -> degrees above the room."""

    def call(self, image):
        flat = keras.ops.sort(keras.ops.reshape(image, (-1, image.shape[1] * image.shape[2])), -1)
        return image - flat[:, flat.shape[1] // 2][:, None, None, None]

    def compute_output_shape(self, image_shape):
        return image_shape
