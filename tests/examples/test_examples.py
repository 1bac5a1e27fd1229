"""The examples, as they stand, one after the other on the model that the first one trains."""

import json
import runpy
import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import lrcn_keras
from lrcn_keras import backbones
from lrcn_keras.evaluation import captioning

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: object) -> None:
    argv = sys.argv
    sys.argv = [name, *map(str, arguments)]
    try:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    finally:
        sys.argv = argv


@pytest.fixture(scope="module", autouse=True)
def tiny_backbones():
    """Every backbone asked for by name is a tiny one."""
    get = backbones.get

    def get_tiny(backbone, *, trainable=False, **_):
        cnn = keras.Sequential(
            [
                keras.Input((32, 32, 3)),
                keras.layers.Rescaling(1 / 127.5, -1),
                keras.layers.Conv2D(8, 4, 4, activation="relu"),
                keras.layers.GlobalAveragePooling2D(),
            ]
        )
        return get(cnn, weights=None, trainable=trainable)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backbones, "get", get_tiny)
        patch.setattr(captioning, "meteor", lambda *_: None)  # no Java here
        yield


@pytest.fixture(scope="module")
def trained(photo_folder, tmp_path_factory):
    """The model that `train_from_scratch.py` makes of generated photos."""
    data = tmp_path_factory.mktemp("data")
    for split in ("train", "dev"):
        shutil.copytree(photo_folder, data / split)
    recipe = (EXAMPLES / "small_recipe.toml").read_text(encoding="utf-8")
    for old, new in (
        ("\nunits = 256", "\nunits = 16"),
        ("embedding_size = 256", "embedding_size = 16"),
        ("epochs = 10", "epochs = 1"),
        ("epochs = 2", "epochs = 1"),
    ):
        assert old in recipe
        recipe = recipe.replace(old, new)
    (data / "recipe.toml").write_text(recipe, encoding="utf-8")
    output = data / "run"
    run("train_from_scratch.py", data, "--recipe", data / "recipe.toml", "--output", output)
    return output / "trained"


def test_training_from_scratch_writes_a_model_with_its_recipe(trained):
    model = lrcn_keras.load(trained)
    assert "circle" in model.vocabulary.words
    assert "small-captioner" in (trained / "recipe.toml").read_text(encoding="utf-8")


def test_the_shipped_recipe_is_one(tmp_path):
    recipe = lrcn_keras.training.Recipe.load(EXAMPLES / "small_recipe.toml")
    assert [stage.kind for stage in recipe.stages] == ["features", "photos"]


def test_a_folder_gets_captions_and_a_sheet(trained, photo_folder, tmp_path, capsys):
    sheet = tmp_path / "sheet.png"
    run("caption_folder.py", photo_folder / "photos", "--model", trained, "--sheet", sheet)
    lines = capsys.readouterr().out.splitlines()
    assert sum(".jpg: " in line for line in lines) == 12
    with Image.open(sheet) as picture:
        assert picture.width > 1000


def test_fine_tuning_learns_new_words(trained, photo_folder, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(photo_folder / "photos", mine / "photos")
    captions = {photo.name: ["a wombat on a skateboard"] for photo in (mine / "photos").iterdir()}
    (mine / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    output = tmp_path / "tuned"
    options = ("--dev", mine, "--output", output, "--epochs", 1)
    run("finetune_on_your_captions.py", mine, "--model", trained, *options)
    before, after = lrcn_keras.load(trained), lrcn_keras.load(output)
    assert after.vocabulary.words[: len(before.vocabulary)] == before.vocabulary.words
    assert {"wombat", "skateboard"} <= set(after.vocabulary.words)


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory):
    """The folder of a recognizer that knows one of the actions of `motion_clips`."""
    keras.utils.set_random_seed(0)
    model = lrcn_keras.ActivityRecognizer(["MoveLeft", "Jump"], units=8, clip_length=4)
    folder = tmp_path_factory.mktemp("zoo") / "recognizer"
    lrcn_keras.save(model, folder)
    return folder


@pytest.fixture
def my_clips(motion_clips, tmp_path):
    """Five clips an action."""
    for label in ("MoveLeft", "MoveRight"):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for clip in sorted((motion_clips / "ucf101" / "UCF-101" / label).iterdir())[:5]:
            shutil.copy(clip, tmp_path / "mine" / label)
    return tmp_path / "mine"


def test_a_folder_of_clips_is_recognized_and_a_bad_one_named(recognizer, my_clips, capsys):
    timelines = my_clips / "timelines"
    (my_clips / "bad.avi").write_text("not a clip")
    run("recognize_folder.py", my_clips, "--model", recognizer, "--timelines", timelines)
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 10
    clip = my_clips / "MoveLeft" / "v_MoveLeft_g01_c01.avi"
    found = lrcn_keras.load(recognizer).recognize(clip)
    assert lines[0].startswith(f"{clip}: {found.label} ({found.probability:.2f}), surest after 0.")
    assert "bad.avi" in err
    with Image.open(timelines / "v_MoveLeft_g01_c01.png") as picture:
        assert picture.width > 300


def test_fine_tuning_learns_new_actions(recognizer, my_clips, tmp_path):
    output = tmp_path / "tuned"
    run("finetune_on_your_clips.py", my_clips, "--model", recognizer, "--output", output,
        "--epochs", 1)  # fmt: skip
    before, after = lrcn_keras.load(recognizer), lrcn_keras.load(output)
    assert after.classes == ("MoveLeft", "MoveRight")
    changed = [not np.array_equal(a, b) for a, b in zip(before.lstms[0].get_weights(),
               after.lstms[0].get_weights(), strict=True)]  # fmt: skip
    assert all(changed)


def test_the_exported_model_answers_without_the_library(trained, photo_folder, tmp_path, capsys):
    photos = sorted((photo_folder / "photos").iterdir())[:2]
    (tmp_path / "text.jpg").write_text("not a photo")
    directory = tmp_path / "served" / "1"
    options = ("--model", trained, "--directory", directory)
    run("serve_saved_model.py", *photos, tmp_path / "text.jpg", *options)
    lines = capsys.readouterr().out.splitlines()
    expected = lrcn_keras.load(trained).caption(photos)
    for line, photo, caption in zip(lines, photos, expected, strict=False):
        assert line.startswith(f"{photo}: {caption.text} (")
    assert lines[2] == f"{tmp_path / 'text.jpg'}: not a photo"
