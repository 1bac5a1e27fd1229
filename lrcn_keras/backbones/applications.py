"""Networks of `keras.applications`, each with the preprocessing that it was trained with."""

from collections.abc import Callable, Mapping

import keras

from lrcn_keras.backbones.network import Network
from lrcn_keras.backbones.preprocessing import bgr_minus_mean, minus_one_to_one


def _unchanged(image: keras.KerasTensor) -> keras.KerasTensor:
    return image  # for a network whose own first layers do it


def _application(
    class_name: str,
    preprocess: Callable[[keras.KerasTensor], keras.KerasTensor],
    layers: Mapping[str, str],
    feature: str = "pooled",
) -> Network:
    def build(image_size, classifier, imagenet):
        image = keras.Input((image_size, image_size, 3), name="image")
        # The argument is refused where there is no classifier.
        head = {"classifier_activation": None} if classifier else {}
        try:
            return getattr(keras.applications, class_name)(
                include_top=classifier,
                weights="imagenet" if imagenet else None,
                input_shape=image.shape[1:],  # some choose their weights by it
                input_tensor=preprocess(image),
                **head,
            )
        except Exception as error:  # what Keras itself raises when a download fails
            raise ValueError(f"{class_name} could not be built: {error}") from error

    return Network(build, 224, layers, feature)


def _layers(conv: str) -> dict[str, str]:
    return {"conv": conv, "fc8": "predictions"}


_VGG = {"conv": "block5_conv3", "fc6": "fc1", "fc7": "fc2", "fc8": "predictions"}

APPLICATIONS: dict[str, Network] = {
    "efficientnetv2_b0": _application("EfficientNetV2B0", _unchanged, _layers("top_activation")),
    "mobilenet_v2": _application("MobileNetV2", minus_one_to_one, _layers("out_relu")),
    "resnet50": _application("ResNet50", bgr_minus_mean, _layers("conv5_block3_out")),
    "vgg16": _application("VGG16", bgr_minus_mean, _VGG, feature="fc8"),
}
