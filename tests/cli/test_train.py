import json
import shutil

import pytest

import lrcn_keras
from lrcn_keras.evaluation import captioning

RECIPE = """
name = "tiny"
description = "A small one."
train = "flickr8k:train"
dev = "flickr8k:dev"
test = "flickr8k:test"
min_count = 1

[model]
backbone = "efficientnet_lite0"
image_size = 32
units = 8
embedding_size = 8
max_length = 8

[[stage]]
name = "frozen"
kind = "features"
epochs = 2
batch_size = 16
mixed_bfloat16 = false
"""


@pytest.fixture
def flickr8k(photo_folder, tmp_path):
    """A folder of generated photos that are laid out as Flickr8k is."""
    folder = tmp_path / "data" / "flickr8k"
    shutil.copytree(photo_folder / "photos", folder / "photos")
    captions = json.loads((photo_folder / "captions.json").read_text(encoding="utf-8"))
    lines = [
        f"{name}#{i}\t{text}" for name, texts in captions.items() for i, text in enumerate(texts)
    ]
    (folder / "Flickr8k.token.txt").write_text("\n".join(lines), encoding="utf-8")
    names = list(captions)
    for split, some in (("train", names[:8]), ("dev", names[8:10]), ("test", names[10:])):
        (folder / f"Flickr_8k.{split}Images.txt").write_text("\n".join(some), encoding="utf-8")
    return folder.parent


def test_a_recipe_becomes_a_model_that_captions_and_can_be_evaluated(
    run, flickr8k, tiny_backbones, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)  # no Java here
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    result = run("train", "recipe.toml", "--data-dir", flickr8k)
    assert "lrcn evaluate runs/tiny/trained --data flickr8k:test" in result.stdout
    trained = tmp_path / "runs" / "tiny" / "trained"
    assert (trained / "recipe.toml").read_text(encoding="utf-8") == RECIPE
    card = lrcn_keras.card(trained)
    assert (card["name"], card["description"]) == ("tiny", "A small one.")
    assert card["datasets"] == [{"name": "flickr8k:train", "photos": 8}]

    arguments = ("--data", "flickr8k:test", "--data-dir", flickr8k, "--json")
    report = json.loads(run("evaluate", trained, *arguments).stdout)
    assert report["images"] == 2
    assert 0 <= report["repeated"] <= 1  # the recipe says which captions it has read


@pytest.mark.parametrize(
    "recipe, devices, message",
    [
        ("name = ", "all", "is not TOML"),
        (RECIPE.replace("min_count", "least_count"), "all", "least_count"),
        (RECIPE, "tpu:0", "Devices are"),
        (RECIPE.replace("flickr8k:train", "flickr8k:training"), "all", "training"),
    ],
)
def test_mistakes_are_one_line(run, flickr8k, tmp_path, recipe, devices, message):
    (tmp_path / "recipe.toml").write_text(recipe, encoding="utf-8")
    arguments = ("--data-dir", flickr8k, "--output", tmp_path / "run", "--devices", devices)
    result = run("train", tmp_path / "recipe.toml", *arguments, status=1)
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
