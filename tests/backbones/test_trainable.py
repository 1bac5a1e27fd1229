import keras
import numpy as np
import pytest

from lrcn_keras import backbones


def small(name="small"):
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(4, 3, name="first"),
            keras.layers.BatchNormalization(name="norm"),
            keras.layers.Conv2D(4, 3, name="second"),
        ],
        name=name,
    )


def trained(model):
    return {weight.path.split("/")[-2] for weight in model.trainable_weights}


def test_all_none_or_from_a_layer_on():
    model = small()
    backbones.set_trainable(model, False)
    assert trained(model) == set()
    backbones.set_trainable(model, "norm")
    assert trained(model) == {"norm", "second"}
    backbones.set_trainable(model, "second")
    assert trained(model) == {"second"}
    backbones.set_trainable(model, True)
    assert trained(model) == {"first", "norm", "second"}


def test_from_a_layer_inside_a_nested_model_on():
    outer = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(3, 1, name="before"),
            small("nested"),
            keras.layers.Dense(2, name="after"),
        ]
    )
    backbones.set_trainable(outer, "second")
    assert trained(outer) == {"second", "after"}
    backbones.set_trainable(outer, "before")
    assert trained(outer) == {"before", "first", "norm", "second", "after"}


def test_an_unknown_layer_is_named_with_near_ones():
    with pytest.raises(ValueError, match=r"got 'secnd'\. Near names: second"):
        backbones.set_trainable(small(), "secnd")


def test_get_freezes_up_to_a_layer():
    options = {"weights": None, "image_size": 64, "feature": "conv"}
    assert trained(backbones.get("caffenet", **options)) == set()
    part = backbones.get("caffenet", trainable="conv4", **options)
    assert trained(part) == {"conv4", "conv5"}
    whole = backbones.get("caffenet", trainable=True, **options)
    assert trained(whole) == {"conv1", "conv2", "conv3", "conv4", "conv5"}


def moved_by_training(outer_training, **options):
    """Which weights of a small pretrained network a fit changes."""
    own = small()
    own.layers[1].set_weights([np.full(4, value, "float32") for value in (1.5, 0.5, 0.2, 3.0)])
    backbone = backbones.get(own, trainable=True, **options)
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, keras.layers.Dense(2)(backbone(image, **outer_training)))
    before = [weight.numpy() for weight in backbone.weights]
    model.compile(keras.optimizers.SGD(0.1), "mse")
    pixels = np.random.default_rng(0).uniform(0, 2, (8, 8, 8, 3)).astype("float32")
    model.fit(pixels, np.ones((8, 2)), epochs=2, verbose=0)
    pairs = zip(backbone.weights, before, strict=True)
    return {
        "/".join(weight.path.split("/")[-2:])
        for weight, old in pairs
        if (weight.numpy() != old).any()
    }


@pytest.mark.parametrize("outer_training", [{"training": False}, {}])
def test_batch_norm_stays_in_inference_mode_while_its_neighbours_train(outer_training):
    assert moved_by_training(outer_training) == {
        "first/kernel", "first/bias", "norm/gamma", "norm/beta", "second/kernel", "second/bias",
    }  # fmt: skip


def test_batch_norm_learns_statistics_when_asked():
    moved = moved_by_training({}, train_batch_norm=True)
    assert {"norm/moving_mean", "norm/moving_variance"} <= moved


def test_inference_mode_survives_saving(tmp_path):
    backbone = backbones.get(small(), trainable=True)
    backbone.save(tmp_path / "backbone.keras")
    pixels = np.random.default_rng(0).uniform(0, 2, (8, 8, 8, 3)).astype("float32")
    again = keras.saving.load_model(tmp_path / "backbone.keras")
    expected = backbone(pixels, training=False)
    np.testing.assert_array_equal(again(pixels, training=True), expected)
