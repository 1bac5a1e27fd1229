"""CaffeNet: AlexNet in one column, with pooling before normalization."""

import keras
from keras import layers

from lrcn_keras.backbones.preprocessing import bgr_minus_mean
from lrcn_keras.layers import Dropout, LocalResponseNormalization


def pool_and_normalize(x: keras.KerasTensor, number: int) -> keras.KerasTensor:
    """Pool, then normalize across channels, as after the first two convolutions."""
    x = ceil_pool(x, number)
    return LocalResponseNormalization(window=5, alpha=1e-4, beta=0.75, name=f"norm{number}")(x)


def ceil_pool(x: keras.KerasTensor, number: int) -> keras.KerasTensor:
    """Take the maximum of 3x3 windows with stride 2; a window cut short by the edge counts.

    Caffe rounds the output size up. For this window and stride that is a last row and column
    more where the size is even, which is what ``same`` pads.
    """
    padding = "valid" if x.shape[1] % 2 else "same"
    return layers.MaxPooling2D(3, strides=2, padding=padding, name=f"pool{number}")(x)


def fully_connected(x: keras.KerasTensor, classes: int) -> keras.KerasTensor:
    """Two layers of 4096 with ReLU, half of each dropped in training, and the classes' logits."""
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(4096, activation="relu", name="fc6")(x)
    x = Dropout(0.5, name="drop6")(x)
    x = layers.Dense(4096, activation="relu", name="fc7")(x)
    x = Dropout(0.5, name="drop7")(x)
    return layers.Dense(classes, name="fc8")(x)


def caffenet(image_size: int = 227, classes: int | None = None) -> keras.Model:
    """Build CaffeNet with random weights.

    Args:
        image_size: height and width of the input in pixels.
        classes: size of the last layer, fc8; None leaves out the fully connected layers.

    Returns:
        A functional model. Input: RGB in [0, 255], (B, image_size, image_size, 3); it becomes
        BGR less ImageNet's mean inside. Layers to take features from: ``conv5``, ``fc6`` and
        ``fc7`` (B, 4096) after ReLU, ``fc8`` (B, classes) before the softmax.
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    x = bgr_minus_mean(image)
    x = layers.Conv2D(96, 11, strides=4, activation="relu", name="conv1")(x)
    x = pool_and_normalize(x, 1)
    x = layers.Conv2D(256, 5, padding="same", groups=2, activation="relu", name="conv2")(x)
    x = pool_and_normalize(x, 2)
    x = layers.Conv2D(384, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.Conv2D(384, 3, padding="same", groups=2, activation="relu", name="conv4")(x)
    x = layers.Conv2D(256, 3, padding="same", groups=2, activation="relu", name="conv5")(x)
    x = ceil_pool(x, 5)
    if classes is not None:
        x = fully_connected(x, classes)
    return keras.Model(image, x, name="caffenet")
