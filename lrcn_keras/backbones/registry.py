"""The table of CNNs that have a name."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras

from lrcn_keras import storage
from lrcn_keras.backbones.applications import APPLICATIONS
from lrcn_keras.backbones.caffenet import caffenet
from lrcn_keras.backbones.efficientnet_lite import efficientnet_lite
from lrcn_keras.backbones.lrcn_hybrid import lrcn_hybrid, lrcn_hybrid_flow
from lrcn_keras.backbones.network import Network
from lrcn_keras.backbones.small_cnn import small_cnn, thermal_cnn

_CLASSES = 1000  # ImageNet's
_CAFFE_LAYERS = {"conv": "conv5", "fc6": "fc6", "fc7": "fc7", "fc8": "fc8"}
_SMALL_LAYERS = {"conv": "last_pool", "fc7": "fc7", "fc8": "fc8"}


def names() -> list[str]:
    """List the names that `get` knows, sorted."""
    return sorted(NETWORKS)


def _lite(name: str, image_size: int) -> Network:
    def build(image_size, classifier, imagenet):
        pretrained = storage.read_weights(_lite_folder(name) / "model") if imagenet else None
        model = efficientnet_lite(name, image_size, _CLASSES if classifier else None)
        if pretrained is not None:
            model.set_weights(pretrained[: len(model.weights)])  # the classifier's come last
        return model

    return Network(build, image_size, {"conv": "head_relu", "fc8": "logits"})


def _lite_folder(name: str) -> Path:
    folder = f"{name.replace('_', '-')}-imagenet"
    try:
        return storage.find_model(folder)
    except ValueError as error:
        raise ValueError(
            f"The ImageNet weights of {name} do not come with the package. Make them with "
            f"scripts/convert_efficientnet_lite.py {name} DIRECTORY/{folder}, then give "
            f"weights='DIRECTORY/{folder}' or add DIRECTORY to LRCN_ZOO."
        ) from error


def _from_scratch(
    function: Callable[..., keras.Model],
    image_size: int = 227,
    layers: Mapping[str, str] = _CAFFE_LAYERS,
    feature: str = "fc8",
    channels: int | None = 3,
) -> Network:
    def build(image_size, classifier, imagenet, *channels):
        if imagenet:
            raise ValueError(
                f"There are no ImageNet weights of {function.__name__}: weights must be None or "
                "a path."
            )
        return function(image_size, _CLASSES if classifier else None, *channels)

    return Network(build, image_size, layers, feature, channels)


NETWORKS: dict[str, Network] = {
    "caffenet": _from_scratch(caffenet),
    "efficientnet_lite0": _lite("efficientnet_lite0", 224),
    "efficientnet_lite1": _lite("efficientnet_lite1", 240),
    "efficientnet_lite2": _lite("efficientnet_lite2", 260),
    "lrcn_hybrid": _from_scratch(lrcn_hybrid),
    "lrcn_hybrid_flow": _from_scratch(lrcn_hybrid_flow),
    "small_cnn": _from_scratch(small_cnn, 32, _SMALL_LAYERS, "fc7", channels=None),
    "thermal_cnn": _from_scratch(thermal_cnn, 16, _SMALL_LAYERS, "fc7", channels=1),
    **APPLICATIONS,
}
