"""What the package knows of a CNN that has a name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras


@dataclass(frozen=True)
class Network:
    """A CNN that `backbones.get` builds by name.

    Args:
        build: ``build(image_size, classifier, imagenet)`` -> a functional model of RGB pixels in
            [0, 255]; without the classifier it ends at the convolutions' output or its average;
            ``imagenet`` asks for the ImageNet weights. Where channels are free it takes them as
            a fourth argument.
        image_size: the height and width that it was made for, in pixels.
        layers: feature -> layer. Must have ``conv``, whose average is ``pooled``.
        feature: the feature to take where none is named.
        channels: of its images; None for any number.
    """

    build: Callable[..., keras.Model]
    image_size: int
    layers: Mapping[str, str]
    feature: str = "pooled"
    channels: int | None = 3
