"""The recipe for UCF101, on generated clips laid out like it."""

import dataclasses
import json
from pathlib import Path

import keras
import numpy as np
import pytest

from lrcn_keras.backbones import registry
from lrcn_keras.training import Recipe, callbacks, train

_RECIPE = Path(__file__).parents[2] / "examples" / "recipes" / "ucf101.toml"


def _tiny(image_size, classifier, imagenet) -> keras.Model:
    """With the layers that the recipe names."""
    image = keras.Input((image_size, image_size, 3))
    x = keras.layers.Rescaling(1 / 64, -2)(image)
    x = keras.layers.Conv2D(4, 5, 2, activation="relu", name="conv5")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(8, activation="relu", name="fc6")(x)
    x = keras.layers.Dense(6, activation="relu", name="fc7")(x)
    return keras.Model(image, x)


@pytest.fixture
def recipe(monkeypatch) -> Recipe:
    """All of the recipe but its size."""
    layers = registry.NETWORKS["lrcn_hybrid"].layers
    for name in ("lrcn_hybrid", "lrcn_hybrid_flow"):
        monkeypatch.setitem(registry.NETWORKS, name, registry.Network(_tiny, 16, layers))
    recipe = Recipe.load(_RECIPE)
    return dataclasses.replace(
        recipe,
        model={**recipe.model, "image_size": 16, "frame_size": [18, 20]},
        streams={name: {**each, "units": 4} for name, each in recipe.streams.items()},
        stages=tuple(dataclasses.replace(s, epochs=1, batch_size=54) for s in recipe.stages),
    )


@pytest.fixture
def seen(monkeypatch) -> list:
    """Of each stage its model, and the first layer's weights before and after."""
    seen = []

    def note(self, logs=None):
        seen.append((self.model, self.model.backbone.get_layer("conv5").get_weights()))

    monkeypatch.setattr(callbacks.Choice, "on_train_begin", note)
    monkeypatch.setattr(callbacks.Choice, "on_train_end", note)
    return seen


def test_each_stream_trains_its_cnn_on_single_frames_and_goes_on_with_the_lstm(
    recipe, seen, motion_clips, tmp_path
):
    model = train(recipe, motion_clips, tmp_path)
    begun, ended = seen[::2], seen[1::2]
    sizes = [(m.modality, m.clip_length, m.head.input_shape[-1], len(m.lstms)) for m, _ in begun]
    assert sizes == [("rgb", 1, 6, 0), ("rgb", 16, 8, 1), ("flow", 1, 6, 0), ("flow", 16, 8, 1)]
    for number in (1, 3):  # what the single frames taught is what the LSTM starts from
        _same(begun[number][1], ended[number - 1][1])
    for (_, before), (_, after) in zip(begun, ended, strict=True):
        assert not np.array_equal(before[0], after[0])
    for stream, (_, weights) in ((model.rgb, ended[1]), (model.flow, ended[3])):
        _same(stream.backbone.get_layer("conv5").get_weights(), weights, rtol=1e-3)  # float16
    card = json.loads((tmp_path / "trained" / "card.json").read_text())
    rows = [(row["dataset"], row["split"], row["model"]) for row in card["metrics"]]
    assert rows == [
        ("ucf101", "test1", name) for name in ("rgb", "flow", "fused 1/2, 1/2", "fused 1/3, 2/3")
    ]
    assert card["metrics"][0]["protocol"]["stride"] == 8


def _same(ones, others, rtol=0.0):
    for one, other in zip(ones, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol)


def test_steps_and_rates_are_those_of_the_released_files():
    steps = {"single-frame": -(-9537 // 128), "lrcn": -(-9537 // 24)}
    expected = {
        "rgb-single-frame": (5000, 3000, 128, 0),
        "rgb-lrcn": (30000, 10000, 24, 5),
        "flow-single-frame": (50000, 20000, 128, 0),
        "flow-lrcn": (70000, 20000, 24, 15),
    }
    stages = {stage.name: stage for stage in Recipe.load(_RECIPE).stages}
    assert list(stages) == list(expected)
    for name, (total, decay, batch, clip) in expected.items():
        stage = stages[name]
        an_epoch = steps[name.partition("-")[2]]
        assert abs(stage.epochs * an_epoch - total) <= an_epoch / 2
        assert (stage.decay_steps, stage.batch_size, stage.clip_norm) == (decay, batch, clip)
        assert (stage.optimizer, stage.momentum, stage.learning_rate) == ("sgd", 0.9, 1e-3)
        assert (stage.head_rate, stage.weight_decay) == (10, 0.005)
