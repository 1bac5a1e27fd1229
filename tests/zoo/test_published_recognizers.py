from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras.training import Recipe
from lrcn_keras.zoo.readme import render

pytest.importorskip("av")

_ZOO = Path(__file__).parents[2] / "zoo"
_NAMES = ["fight-recognizer", "thermal-recognizer", "weizmann-recognizer"]


def _clip(name: str) -> np.ndarray:
    """Something bright that moves, in the units that the model takes."""
    size = {"fight-recognizer": (224, 224), "thermal-recognizer": (16, 16)}.get(name, (40, 36))
    channels = 3 if name == "fight-recognizer" else 1
    clip = np.zeros((26, *size, channels), np.float32)
    for t, frame in enumerate(clip):
        frame[size[0] // 4 : size[0] * 3 // 4, t % (size[1] // 2) :][:, : size[1] // 5] = 1
    return 24 + 2 * clip if name == "thermal-recognizer" else (255 * clip).astype(np.uint8)


@pytest.fixture(scope="module", params=_NAMES)
def published(request):
    return request.param, lrcn_keras.load(request.param)


def test_the_recognizers_are_listed():
    assert lrcn_keras.list_models("*-recognizer") == _NAMES


def test_the_recognizers_keep_their_budget_together():
    cards = [lrcn_keras.card(name) for name in _NAMES]
    assert sum(card["size"] for card in cards) <= 20e6


def test_a_stream_says_what_the_whole_clip_says(published):
    name, model = published
    clip = _clip(name)
    state, steps = model.initial_state(), []
    for frame in clip:
        scores, state = model.step(frame[None], state)
        steps.append(np.asarray(scores)[0])
    timeline = model.recognize(clip, protocol={}).timeline
    np.testing.assert_allclose(steps, timeline, atol=1e-5)


def test_a_served_recognizer_says_what_the_loaded_one_says(published):
    name, model = published
    clip = _clip(name)
    served = tf.saved_model.load(str(_ZOO / name / "model")).signatures["serving_default"]
    inputs = {"clips": clip[None], "lengths": np.array([len(clip)], np.int32)}
    if name == "fight-recognizer":
        inputs["flows"] = lrcn_keras.media.flow_images(clip)[None]
    answer = served(**{key: tf.constant(value) for key, value in inputs.items()})
    expected = model.recognize(clip)
    assert answer["labels"].numpy()[0].decode() == expected.label
    probabilities = list(expected.probabilities.values())
    np.testing.assert_allclose(answer["probabilities"].numpy()[0], probabilities, atol=2e-5)


@pytest.mark.parametrize("name", _NAMES)
def test_a_recognizers_card_has_the_left_out_and_the_pooled_results(name):
    card = lrcn_keras.card(name)
    recipe = Recipe.load(_ZOO / name / "recipe.toml")
    splits = {row["split"] for row in card["metrics"]}
    assert recipe.test.partition(":")[2] in splits
    assert f"each {recipe.cross_validate} left out once" in splits
    assert all(set(row["interval"]) <= set(row["values"]) for row in card["metrics"])
    readme = (_ZOO / name / "README.md").read_text(encoding="utf-8")
    assert readme == render(card, recipe.text)
