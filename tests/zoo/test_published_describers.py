from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras.training import Recipe
from lrcn_keras.zoo.readme import render

pytest.importorskip("av")

_ZOO = Path(__file__).parents[2] / "zoo"
_NAMES = ["charades-describer", "flickr8k-describer", "grid-lipreader", "video-describer"]


@pytest.fixture(scope="module", params=_NAMES)
def published(request):
    return request.param, lrcn_keras.load(request.param)


def _clip(model) -> np.ndarray:
    """Something bright that moves."""
    clip = np.zeros((10, 96, 128, 3 if model.entry.modality == "rgb" else 1), np.uint8)
    for t, frame in enumerate(clip):
        frame[20:60, 8 * t : 8 * t + 40] = 255
    return clip


def test_describers_are_listed_and_keep_their_budget_together():
    listed = lrcn_keras.list_models("*-describer") + lrcn_keras.list_models("*-lipreader")
    assert sorted(listed) == _NAMES
    assert sum(lrcn_keras.card(name)["size"] for name in _NAMES) <= 30e6


def test_a_published_describer_describes(published):
    name, model = published
    if name == "charades-describer":  # it sees labels
        labels = np.zeros(sum(model.roles.sizes.values()), np.float32)
        labels[[0, 20]] = 1
        (found,) = model.describe_features([labels[None, None]])
    else:
        found = model.describe(_clip(model))
    assert len(found.text.split()) > 2
    assert found.log_prob < 0
    assert len(found.alternatives) == 4
    if model.roles is None:
        assert found.roles is None
    else:
        for role, label in found.labels.items():
            assert label in model.roles.labels[role]
            assert 0 < sum(found.roles[role].values()) <= 1 + 1e-5


def test_a_served_describer_says_what_the_loaded_one_says(published):
    name, model = published
    if name != "flickr8k-describer":
        pytest.skip("tested on the model that has all parts")
    seen = model.entry.look(_clip(model))
    served = tf.saved_model.load(str(_ZOO / name / "model")).signatures["serving_default"]
    answer = served(
        frames=tf.constant(seen[None]), frame_lengths=tf.constant([len(seen)], tf.int32)
    )
    expected = model.describe(seen)
    assert answer["sentences"].numpy()[0].decode() == expected.text
    np.testing.assert_allclose(answer["log_probs"].numpy()[0], expected.log_prob, rtol=1e-3)
    labels = [label.decode() for label in answer["roles"].numpy()[0]]
    assert labels == list(expected.labels.values())


@pytest.mark.parametrize("name", _NAMES)
def test_a_describers_card_has_its_variants(name):
    card = lrcn_keras.card(name)
    recipe = Recipe.load(_ZOO / name / "recipe.toml")
    models = {row["model"] for row in card["metrics"] if "model" in row}
    assert set(recipe.variants) <= models
    readme = (_ZOO / name / "README.md").read_text(encoding="utf-8")
    assert readme == render(card, recipe.text)
