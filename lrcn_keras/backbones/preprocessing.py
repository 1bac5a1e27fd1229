"""Pixels as ImageNet networks want them: RGB in [0, 255] goes in."""

import keras
from keras import layers

_CAFFE_MEAN = (103.939, 116.779, 123.68)  # B, G, R
_TORCH_MEAN = (0.485, 0.456, 0.406)  # R, G, B; of pixels in [0, 1]
_TORCH_DEVIATION = (0.229, 0.224, 0.225)


def bgr_minus_mean(image: keras.KerasTensor) -> keras.KerasTensor:
    """Reverse the channels and subtract ImageNet's mean, as Caffe's networks want it."""
    bgr = keras.ops.flip(image, axis=-1)
    return layers.Rescaling(1.0, [-mean for mean in _CAFFE_MEAN], name="minus_mean")(bgr)


def standardized(image: keras.KerasTensor) -> keras.KerasTensor:
    """Subtract ImageNet's mean and divide by its deviation, as PyTorch's networks want it."""
    scale = [1 / (255 * deviation) for deviation in _TORCH_DEVIATION]
    offset = [
        -mean / deviation for mean, deviation in zip(_TORCH_MEAN, _TORCH_DEVIATION, strict=True)
    ]
    return layers.Rescaling(scale, offset, name="standardize")(image)


def minus_one_to_one(image: keras.KerasTensor) -> keras.KerasTensor:
    """Scale to [-1, 1]."""
    return layers.Rescaling(1 / 127.5, -1.0, name="rescale")(image)
