"""EfficientNet-Lite: EfficientNet without squeeze-excite and swish, made for CPUs."""

import math

import keras
from keras import layers

# (repeats, kernel, stride, expansion, output channels) of the seven stages of Lite0.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
# name: (width, depth) multipliers.
_SCALES = {
    "efficientnet_lite0": (1.0, 1.0),
    "efficientnet_lite1": (1.0, 1.1),
    "efficientnet_lite2": (1.1, 1.2),
}
_STEM, _HEAD = 32, 1280  # not widened in the Lite family
_BATCH_NORM = {"epsilon": 1e-3, "momentum": 0.99}


def _widened(channels: int, width: float) -> int:
    """Round ``channels * width`` to a multiple of 8 that loses at most a tenth."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def _conv(x, filters, kernel, stride, name, activate=True):
    x = layers.Conv2D(
        filters, kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    return _normalized(x, name, activate)


def _depthwise(x, kernel, stride, name):
    x = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_conv"
    )(x)
    return _normalized(x, name, activate=True)


def _normalized(x, name, activate):
    x = layers.BatchNormalization(**_BATCH_NORM, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activate else x


def _block(x, kernel, stride, expansion, filters, name):
    """An inverted residual block: expand 1x1, depthwise, project 1x1, skip where shapes allow."""
    entry = x
    if expansion > 1:
        x = _conv(x, expansion * x.shape[-1], 1, 1, f"{name}_expand")
    x = _depthwise(x, kernel, stride, f"{name}_depthwise")
    x = _conv(x, filters, 1, 1, f"{name}_project", activate=False)
    if stride == 1 and entry.shape[-1] == filters:
        x = layers.Add(name=f"{name}_add")([entry, x])
    return x


def efficientnet_lite(name: str, image_size: int = 224, classes: int | None = None) -> keras.Model:
    """Build an EfficientNet-Lite with random weights.

    Args:
        name: ``efficientnet_lite0``, ``efficientnet_lite1`` or ``efficientnet_lite2``.
        image_size: height and width of the input in pixels.
        classes: size of a classifier on the pooled features; None leaves it out.

    Returns:
        A functional model. Input: RGB in [0, 255], (B, image_size, image_size, 3); it is
        scaled to (x - 127) / 128 inside. Layers to take features from: ``pooled`` (B, 1280)
        and ``head_relu`` (B, image_size / 32, image_size / 32, 1280).
    """
    width, depth = _SCALES[name]
    image = keras.Input((image_size, image_size, 3), name="image")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescale")(image)
    x = _conv(x, _STEM, 3, 2, "stem")
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(_STAGES):
        if 0 < stage < len(_STAGES) - 1:  # first and last stage are not repeated more
            repeats = math.ceil(repeats * depth)
        for block in range(repeats):
            x = _block(
                x,
                kernel,
                stride if block == 0 else 1,
                expansion,
                _widened(channels, width),
                f"stage{stage + 1}_block{block + 1}",
            )
    x = _conv(x, _HEAD, 1, 1, "head")
    x = layers.GlobalAveragePooling2D(name="pooled")(x)
    if classes is not None:
        x = layers.Dense(classes, name="logits")(x)
    return keras.Model(image, x, name=name)
