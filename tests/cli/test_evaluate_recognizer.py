import json
import shutil

import numpy as np
import pytest
from PIL import Image

from lrcn_keras import datasets, evaluation

pytest.importorskip("av")
pytest.importorskip("cv2")

METRICS = ("video accuracy", "mean class accuracy")
RECIPE = """
name = "tiny-recognizer"
description = "A small one."
task = "activity-recognition"
train = "clips:data:camera!=cam3"
test = "clips:data:camera=cam3"
cross_validate = "camera"
interval_by = "camera"

[model]
backbone = "small_cnn"
weights = "none"
image_size = 32
units = 4

[variants.single_frame]
units = "none"

[[stage]]
name = "whole"
kind = "clips"
epochs = 1
batch_size = 4
mixed_bfloat16 = false
trainable_backbone = true
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def arguments(clip_folder):
    return ("--data", "clips:data", "--data-dir", clip_folder)


@pytest.fixture
def evaluate(with_recognizers):
    def run(*arguments, **kwargs):
        return with_recognizers("evaluate", *arguments, **kwargs)

    return run


def answers(recognizers, name, clip_folder):
    data = datasets.get("clips:data", clip_folder)
    found = recognizers[name].recognize([clip_folder / "data" / each for each in data.names])
    return data, {n: each.probabilities for n, each in zip(data.names, found, strict=True)}


def test_the_scores_are_those_of_the_models_answers(
    evaluate, recognizers, saved_recognizer, arguments, clip_folder, tmp_path
):
    report = json.loads(evaluate(saved_recognizer, *arguments, "--by", "camera", "--json").stdout)
    data, expected = answers(recognizers, "fight-recognizer", clip_folder)
    predictions = json.loads((tmp_path / "predictions.json").read_text(encoding="utf-8"))
    assert list(predictions) == data.names
    for name, row in expected.items():  # the saved weights are float16
        assert predictions[name] == pytest.approx(row, abs=0.01)
    right = [max(predictions[n], key=predictions[n].get) == n.split("/")[0] for n in data.names]
    assert report["videos"] == 8
    assert report["video accuracy"] == pytest.approx(np.mean(right))
    assert report["clips of class"] == {"left": 4, "right": 4}
    rows = {name: np.array(list(row.values())) for name, row in predictions.items()}
    labels = dict(zip(data.names, map(int, data.labels), strict=True))
    groups = dict(zip(data.names, data.groups["camera"], strict=True))
    scores = evaluation.evaluate_recognition(rows, labels, data.classes, groups)
    assert report["interval"] == scores["interval"]
    drawn_from_clips = json.loads(evaluate(saved_recognizer, *arguments, "--json").stdout)
    assert drawn_from_clips["by"] is None
    scores = evaluation.evaluate_recognition(rows, labels, data.classes)
    assert drawn_from_clips["interval"] == scores["interval"]


def test_the_models_recipe_says_what_intervals_draw(
    evaluate, saved_recognizer, arguments, tmp_path
):
    shutil.copytree(saved_recognizer, tmp_path / "mine")
    (tmp_path / "mine" / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    text = evaluate("mine", *arguments).stdout
    assert "95 % interval by camera" in text and "mine on clips:data, 8 videos" in text
    for words in (*METRICS, "left (4)", "right (4)", "Wrote predictions.json"):
        assert words in text


def test_two_models_are_compared_in_pairs_and_drawn(
    evaluate, saved_recognizer, arguments, recognizers, clip_folder, tmp_path
):
    pytest.importorskip("matplotlib")
    plots = ("--confusion", "new/confusion.png", "--class-gain", "new/gain.png")
    options = (*arguments, *plots, "--json", "--compare")
    report = json.loads(evaluate(saved_recognizer, *options, "fused-recognizer").stdout)
    data, theirs = answers(recognizers, "fused-recognizer", clip_folder)
    right = [max(theirs[n], key=theirs[n].get) == n.split("/")[0] for n in data.names]
    compared = report["compared_with"]
    assert compared["model"] == "fused-recognizer"
    expected = report["video accuracy"] - np.mean(right)
    assert compared["video accuracy"]["difference"] == pytest.approx(expected)
    gains = compared["class gain"]
    assert np.mean(list(gains.values())) == pytest.approx(expected)  # classes of one size
    for name in ("confusion", "gain"):
        with Image.open(tmp_path / "new" / f"{name}.png") as picture:
            assert min(picture.size) > 100
    flow = evaluate(saved_recognizer, *arguments, "--compare", "flow-recognizer").stdout
    assert "minus" in flow


@pytest.mark.parametrize(
    "options, message",
    [
        (("--by", "person"), "has the fields camera, got 'person'"),
        (("--decoder", "beam"), "is a recognizer: it has no --decoder"),
        (("--variant", "single_frame"), "is a recognizer: it has no --variant"),
        (("--class-gain", "gain.png"), "give --class-gain with --compare"),
        (("--confusion", "confusion.txt"), "must end in .png"),
        (("--compare", "thermal-recognizer"), "the model takes 'thermal'"),
    ],
)
def test_mistakes_are_named(evaluate, saved_recognizer, arguments, options, message):
    status = 1 if options[0] in ("--by", "--compare") else 2
    result = evaluate(saved_recognizer, *arguments, *options, status=status)
    assert message in " ".join(result.stderr.split())


def test_a_model_is_scored_on_its_own_kind_of_data(evaluate, saved_recognizer, photo_folder):
    photos = ("--data", "folder", "--data-dir", photo_folder)
    result = evaluate(saved_recognizer, *photos, status=1)
    assert result.stderr == "Error: The model is scored by classes: folder has none.\n"
    result = evaluate(saved_recognizer, "--data-dir", photo_folder, status=2)
    assert "give --data" in result.stderr


def test_a_recipe_is_cross_validated_by_variant_and_by_folds(evaluate, clip_folder, tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    arguments = ("recipe.toml", "--data-dir", clip_folder, "--k", 2, "--by", "camera")
    text = evaluate(*arguments).stdout
    assert "tiny-recognizer on clips:data, 2 folds by camera" in text and "Wrote runs/tiny" in text
    results = json.loads(evaluate(*arguments, "--variant", "single_frame", "--json").stdout)
    models = [result.get("model", "") for result in results]
    assert models == ["", "single_frame", "model minus single_frame"]
    folder = tmp_path / "runs" / "tiny-recognizer" / "folds 2 folds by camera"
    rows = [
        seed
        for n in ("model", "single_frame")
        for seed in json.loads((folder / f"{n}.predictions").read_text())
    ]
    accuracies = []
    for (predictions,) in (row.values() for row in rows):
        assert len(predictions) == 8
        right = [int(np.argmax(p)) == (n[0] == "r") for n, p in predictions.items()]
        accuracies.append(np.mean(right))
    assert [result["values"]["video accuracy"] for result in results[:2]] == accuracies
    assert results[2]["values"]["gain"] == pytest.approx(accuracies[0] - accuracies[1])
    again = evaluate(*arguments)  # nothing is trained
    assert "minus" in again.stdout and "Epoch" not in again.stderr


@pytest.mark.parametrize(
    "change, options, message, status",
    [
        ('cross_validate = "camera"', (), "does not say cross_validate", 1),
        ("", ("--by", "person"), "a field is one of camera, label", 1),
        ("", ("--k", "9"), "from 2 to the 4 groups", 1),
        ("", ("--variant", "rgb"), "has variants ['single_frame']", 1),
        ("", ("--data", "clips:data"), "is a recipe of a recognizer: it has no --data", 2),
    ],
)
def test_mistakes_with_recipes_are_named(
    evaluate, clip_folder, tmp_path, change, options, message, status
):
    text = RECIPE.replace(change, "") if change else RECIPE
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    result = evaluate("recipe.toml", "--data-dir", clip_folder, *options, status=status)
    assert message in " ".join(result.stderr.split())
