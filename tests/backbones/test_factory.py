import keras
import numpy as np
import pytest
import skimage.data
import tensorflow as tf

from lrcn_keras import backbones, storage


def own_sequential(*head, size=32):
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 3, strides=2, activation="relu", name="own_conv"),
            keras.layers.BatchNormalization(name="own_norm"),
            *head,
        ]
    )


def pixels(size, count=2, seed=0):
    images = np.random.default_rng(seed).uniform(0, 255, (count, size, size, 3))
    return images.astype("float32")


def test_names_are_those_that_get_takes():
    assert {
        "caffenet", "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2",
        "efficientnetv2_b0", "lrcn_hybrid", "mobilenet_v2", "resnet50", "vgg16",
    } <= set(backbones.names())  # fmt: skip


def test_lite0_with_its_shipped_weights_sees_what_is_in_a_photo():
    model = backbones.get("efficientnet_lite0", feature="fc8")
    photos = [skimage.data.chelsea(), skimage.data.coffee(), skimage.data.rocket()]
    images = tf.stack([tf.image.resize(photo, (224, 224), antialias=True) for photo in photos])
    cat, coffee, rocket = np.argmax(model(images, training=False), axis=-1)
    assert cat in range(281, 286)
    assert coffee in (967, 968)  # espresso, cup
    assert rocket in (657, 744, 812, 540)  # missile, projectile, space shuttle, drilling platform


def test_shipped_weights_served_without_keras_equal_the_backbone():
    folder = storage.find_model("efficientnet-lite0-imagenet")
    served = tf.saved_model.load(str(folder / "model")).signatures["serving_default"]
    images = pixels(224)
    outputs = served(images=tf.constant(images))
    for feature, name in [("fc8", "logits"), ("pooled", "pooled")]:
        model = backbones.get("efficientnet_lite0", feature=feature)
        np.testing.assert_allclose(outputs[name], model(images, training=False), atol=1e-4)


def test_a_users_sequential_gives_its_own_output():
    own = own_sequential(keras.layers.Flatten(), keras.layers.Dense(5, name="own_dense"))
    model = backbones.get(own)
    assert model.input_shape == (None, 32, 32, 3) and model.output_shape == (None, 5)
    np.testing.assert_allclose(model(pixels(32)), own(pixels(32)), rtol=1e-5, atol=1e-6)


def test_a_users_map_is_averaged():
    own = own_sequential()
    expected = np.asarray(own(pixels(32))).mean(axis=(1, 2))
    np.testing.assert_allclose(backbones.get(own)(pixels(32)), expected, rtol=1e-5, atol=1e-6)
    assert backbones.get(own, feature="own_conv").output_shape == (None, 15, 15, 6)


def test_a_users_model_is_not_changed():
    own = own_sequential(keras.layers.GlobalAveragePooling2D())
    before = own.get_weights()
    model = backbones.get(own, trainable=False)
    model.set_weights([weight + 1 for weight in before])
    assert own.trainable and len(own.trainable_weights) == 4
    for weight, old in zip(own.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_a_users_functional_model_of_any_size_takes_the_size_asked_for():
    image = keras.Input((None, None, 3))
    own = keras.Model(image, keras.layers.Conv2D(4, 3, name="own_conv")(image / 255.0))
    assert backbones.get(own).input_shape == (None, 224, 224, 3)
    model = backbones.get(own, image_size=48, trainable="own_conv")
    assert model.input_shape == (None, 48, 48, 3)
    expected = np.asarray(own(pixels(48))).mean(axis=(1, 2))
    np.testing.assert_allclose(model(pixels(48)), expected, rtol=1e-5, atol=1e-6)


def test_a_pretrained_network_nested_in_a_sequential():
    base = own_sequential()
    own = keras.Sequential(
        [base, keras.layers.GlobalAveragePooling2D(name="average"), keras.layers.Dense(5)]
    )
    model = backbones.get(own, feature="average", trainable="own_norm")
    assert model.output_shape == (None, 6)
    expected = np.asarray(base(pixels(32), training=False)).mean(axis=(1, 2))
    np.testing.assert_allclose(model(pixels(32), training=False), expected, rtol=1e-5, atol=1e-6)
    assert len(model.trainable_weights) == 2  # gain and shift of own_norm
    with pytest.raises(ValueError, match="has no feature"):
        backbones.get(own, feature=base.name)


def test_a_subclassed_model_is_used_as_it_is():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.conv = keras.layers.Conv2D(4, 3)

        def call(self, images):
            return self.conv(images / 255.0)

    own = Own()
    model = backbones.get(own, image_size=16)
    expected = np.asarray(own(pixels(16))).mean(axis=(1, 2))
    np.testing.assert_allclose(model(pixels(16)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "layers, options, words",
    [
        ([keras.Input((5,)), keras.layers.Dense(3)], {}, r"\(None, 5\)"),
        ([keras.Input((8, 9, 3)), keras.layers.Conv2D(3, 1)], {}, "square"),
        ([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 1)], {}, r"S, 3\).*\(None, 8, 8, 1\)"),
        (
            [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(3)],
            {"image_size": 16},
            "16x16x3",
        ),
    ],
)
def test_a_users_model_that_does_not_fit_says_why(layers, options, words):
    with pytest.raises(ValueError, match=words):
        backbones.get(keras.Sequential(layers), **options)


def test_named_backbones_are_float32_under_a_mixed_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        for name in ("mobilenet_v2", "caffenet"):
            model = backbones.get(name, weights=None, image_size=64, feature="pooled")
            assert {layer.compute_dtype for layer in model.layers} == {"float32"}
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    "options, words",
    [
        ({"backbone": "mobilenetv2"}, "Did you mean mobilenet_v2"),
        ({"backbone": "zzz"}, "Allowed: a keras.Model or caffenet"),
        ({"backbone": "mobilenet_v2", "feature": "fc6"}, "Allowed: pooled, conv, fc8"),
        ({"backbone": "caffenet", "feature": "conv9"}, "Did you mean conv or conv5"),
        ({"backbone": "caffenet", "weights": "imagenet"}, "must be None or a path"),
        (
            {"backbone": "caffenet", "feature": "conv", "weights": "imagnet"},
            "Allowed: 'imagenet', None",
        ),
        ({"backbone": "caffenet", "feature": "conv", "weights": "no.weights.h5"}, "no.weights.h5"),
        ({"backbone": "caffenet", "feature": "conv", "weights": "no.keras"}, "no.keras"),
        ({"backbone": "caffenet", "feature": "conv", "trainable": "conv22"}, "names: conv2"),
    ],
)
def test_errors_say_what_is_allowed(options, words):
    with pytest.raises(ValueError, match=words):
        backbones.get(**{"weights": None, "image_size": 64, **options})


def test_lite1_says_how_to_make_its_weights(monkeypatch):
    monkeypatch.delenv("LRCN_ZOO", raising=False)
    with pytest.raises(ValueError, match=r"scripts/convert_efficientnet_lite\.py"):
        backbones.get("efficientnet_lite1")


@pytest.mark.parametrize("kind", ["backbone.weights.h5", "whole.weights.h5", "whole.keras"])
def test_weights_come_from_a_file(kind, tmp_path):
    feature = "fc6" if kind.startswith("whole") else "conv"
    source = backbones.get("caffenet", feature=feature, weights=None, image_size=64)
    path = tmp_path / kind
    source.save(path) if kind.endswith(".keras") else source.save_weights(path)
    model = backbones.get("caffenet", feature="conv", weights=path, image_size=64)
    assert len(model.weights) == 10
    for weight, expected in zip(model.weights, source.weights[:10], strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_weights_come_from_a_model_folder():
    folder = storage.find_model("efficientnet-lite0-imagenet")
    model = backbones.get("efficientnet_lite0", weights=folder, image_size=64)
    stored = storage.read_weights(folder / "model")
    for weight, expected in zip(model.weights, stored, strict=False):  # no classifier here
        np.testing.assert_array_equal(weight, expected)
    with pytest.raises(ValueError, match="No weights for caffenet"):
        backbones.get("caffenet", weights=folder, feature="conv", image_size=64)


@pytest.mark.filterwarnings("ignore:Skipping nested container")
def test_weights_of_a_smaller_network_are_refused(tmp_path):
    path = tmp_path / "conv.weights.h5"
    backbones.get("caffenet", feature="conv", weights=None, image_size=64).save_weights(path)
    with pytest.raises(ValueError, match="No weights for caffenet"):
        backbones.get("caffenet", feature="fc6", weights=path, image_size=64)


def test_a_backbone_survives_its_config():
    model = backbones.get("caffenet", feature="conv", weights=None, image_size=64)
    again = keras.Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(pixels(64)), model(pixels(64)))
