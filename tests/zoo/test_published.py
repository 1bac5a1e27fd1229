import io
from pathlib import Path

import pytest
import tensorflow as tf
from PIL import Image

import lrcn_keras
from lrcn_keras.training import Recipe
from lrcn_keras.zoo.readme import render

data = pytest.importorskip("skimage.data")

_ZOO = Path(__file__).parents[2] / "zoo"
_CAPTIONERS = ["coco-captioner", "flickr8k-captioner"]


def _jpeg(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.fixture(scope="module", params=_CAPTIONERS)
def published(request):
    return request.param, lrcn_keras.load(request.param)


def test_the_captioners_are_listed():
    assert lrcn_keras.list_models("*-captioner") == _CAPTIONERS


def test_a_published_model_keeps_the_budgets(published):
    name, model = published
    card = lrcn_keras.card(name)
    assert card["parameters"] == model.count_params() <= 15_000_000
    assert card["size"] <= 30e6
    assert sum(path.stat().st_size for path in _ZOO.rglob("*") if path.is_file()) <= 95e6


def test_a_served_model_says_what_the_loaded_one_says(published):
    name, model = published
    photos = [_jpeg(data.chelsea()), _jpeg(data.astronaut()), b"no photo"]
    served = tf.saved_model.load(str(_ZOO / name / "model")).signatures["serving_default"]
    answer = served(photos=tf.constant(photos))
    assert answer["ok"].numpy().tolist() == [True, True, False]
    expected = [caption.text for caption in model.caption(photos[:2])]
    assert [text.decode() for text in answer["captions"].numpy()] == [*expected, ""]


def test_a_published_model_writes_in_its_vocabulary(published):
    _, model = published
    caption = model.caption(data.chelsea())
    assert 4 <= len(caption.text.split()) <= 20
    assert len(caption.alternatives) == 4


def test_a_cat_is_a_cat():
    assert "cat" in lrcn_keras.load("coco-captioner").caption(data.chelsea()).text.split()


@pytest.mark.parametrize("name", _CAPTIONERS)
def test_a_cards_rows_say_their_protocol_and_its_readme_is_generated(name):
    card = lrcn_keras.card(name)
    recipe = Recipe.load(_ZOO / name / "recipe.toml")
    decoders = {row["decoding"]["name"] for row in card["metrics"]}
    assert decoders == {"greedy", "beam", "sample"}
    assert {f"{row['dataset']}:{row['split']}" for row in card["metrics"]} == {recipe.test}
    assert all(set(row["interval"]) <= set(row["values"]) for row in card["metrics"])
    readme = (_ZOO / name / "README.md").read_text(encoding="utf-8")
    assert readme == render(card, recipe.text)
