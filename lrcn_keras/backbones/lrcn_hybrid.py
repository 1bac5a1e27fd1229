"""The paper's own CNN: between CaffeNet and Zeiler and Fergus's network."""

import keras
from keras import layers

from lrcn_keras.backbones.caffenet import ceil_pool, fully_connected, pool_and_normalize
from lrcn_keras.backbones.preprocessing import bgr_minus_mean


def lrcn_hybrid(image_size: int = 227, classes: int | None = None) -> keras.Model:
    """Build the hybrid network of Donahue et al. 2017 (activity recognition) with random weights.

    Args:
        image_size: height and width of the input in pixels.
        classes: size of the last layer, fc8; None leaves out the fully connected layers.

    Returns:
        A functional model. Input: RGB in [0, 255], (B, image_size, image_size, 3); it becomes
        BGR less ImageNet's mean inside. Layers to take features from: ``conv5``, ``fc6`` and
        ``fc7`` (B, 4096) after ReLU, ``fc8`` (B, classes) before the softmax.
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    return _network(image, bgr_minus_mean(image), classes, "lrcn_hybrid")


def lrcn_hybrid_flow(image_size: int = 227, classes: int | None = None) -> keras.Model:
    """Build the hybrid network for flow images, which are centred by subtracting 128.

    Args:
        image_size: as for `lrcn_hybrid`.
        classes: as for `lrcn_hybrid`.

    Returns:
        A functional model. Input: flow images in [0, 255], (B, image_size, image_size, 3), whose
        channels stay in their order. Layers as of `lrcn_hybrid`.
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    centred = layers.Rescaling(1.0, -128.0, name="minus_mean")(image)
    return _network(image, centred, classes, "lrcn_hybrid_flow")


def _network(image, x, classes: int | None, name: str) -> keras.Model:
    x = layers.Conv2D(96, 7, strides=2, activation="relu", name="conv1")(x)
    x = pool_and_normalize(x, 1)
    x = layers.Conv2D(384, 5, strides=2, groups=2, activation="relu", name="conv2")(x)
    x = pool_and_normalize(x, 2)
    x = layers.Conv2D(512, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.Conv2D(512, 3, padding="same", groups=2, activation="relu", name="conv4")(x)
    x = layers.Conv2D(384, 3, padding="same", groups=2, activation="relu", name="conv5")(x)
    x = ceil_pool(x, 5)
    if classes is not None:
        x = fully_connected(x, classes)
    return keras.Model(image, x, name=name)
