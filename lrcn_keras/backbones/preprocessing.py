"""Pixels as ImageNet networks want them: RGB in [0, 255] goes in."""

import keras
from keras import layers

_CAFFE_MEAN = (103.939, 116.779, 123.68)  # B, G, R


def bgr_minus_mean(image: keras.KerasTensor) -> keras.KerasTensor:
    """Reverse the channels and subtract ImageNet's mean, as Caffe's networks want it."""
    bgr = keras.ops.flip(image, axis=-1)
    return layers.Rescaling(1.0, [-mean for mean in _CAFFE_MEAN], name="minus_mean")(bgr)


def minus_one_to_one(image: keras.KerasTensor) -> keras.KerasTensor:
    """Scale to [-1, 1]."""
    return layers.Rescaling(1 / 127.5, -1.0, name="rescale")(image)
