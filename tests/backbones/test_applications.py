import keras
import numpy as np
import pytest

from lrcn_keras import backbones

CASES = {
    "efficientnetv2_b0": ("EfficientNetV2B0", "efficientnet_v2"),
    "mobilenet_v2": ("MobileNetV2", "mobilenet_v2"),
    "resnet50": ("ResNet50", "resnet50"),
    "vgg16": ("VGG16", "vgg16"),
}
SIZE = 64


@pytest.mark.parametrize("name", sorted(CASES))
def test_preprocessing_inside_equals_preprocess_input_outside(name):
    class_name, module = CASES[name]
    model = backbones.get(name, weights=None, feature="conv", image_size=SIZE)
    reference = getattr(keras.applications, class_name)(
        weights=None, include_top=False, input_shape=(SIZE, SIZE, 3)
    )
    rng = np.random.default_rng(0)
    weights = [
        # Variances and gains as trained, so that signals neither vanish nor burst.
        rng.uniform(0.8, 1.2, w.shape) if w.path.endswith(("gamma", "variance")) else w.numpy()
        for w in reference.weights
    ]
    reference.set_weights(weights)
    model.set_weights(weights)
    if name == "vgg16":  # its last map comes before its last pooling
        reference = keras.Model(reference.inputs[0], reference.get_layer("block5_conv3").output)
    pixels = rng.uniform(0, 255, (2, SIZE, SIZE, 3)).astype("float32")
    preprocess = getattr(keras.applications, module).preprocess_input
    expected = np.asarray(reference(preprocess(pixels.copy()), training=False))
    outputs = np.asarray(model(pixels, training=False))
    np.testing.assert_allclose(outputs, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_features_have_the_networks_sizes():
    logits = backbones.get("mobilenet_v2", weights=None, image_size=96, feature="fc8")
    assert logits.output_shape == (None, 1000)
    assert logits.get_layer("predictions").activation is keras.activations.linear
    pooled = backbones.get("vgg16", weights=None, image_size=32, feature="pooled")
    assert pooled.output_shape == (None, 512)
    fc6 = backbones.get("vgg16", weights=None, image_size=32, feature="fc6")
    assert fc6.output_shape == (None, 4096) and fc6.layers[-1].name == "fc1"


def test_imagenet_weights_are_asked_from_keras(monkeypatch):
    asked = {}

    def no_network(**arguments):
        asked.update(arguments)
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(ValueError, match="MobileNetV2 could not be built: URL fetch failure"):
        backbones.get("mobilenet_v2")
    assert asked["weights"] == "imagenet" and asked["include_top"] is False
