import json

import pytest

import lrcn_keras
from lrcn_keras import datasets, evaluation
from lrcn_keras.evaluation import captioning

METRICS = ("BLEU-1", "BLEU-4", "CIDEr-D", "ROUGE-L", "distinct")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own_without_java(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)


@pytest.fixture
def arguments(photo_folder):
    return ("coco-captioner", "--data", "folder", "--data-dir", photo_folder)


def test_the_scores_are_those_of_the_models_captions(run, zoo, photo_folder, arguments, tmp_path):
    report = json.loads(run("evaluate", *arguments, "--json").stdout)
    data = datasets.folder(photo_folder)
    captions = lrcn_keras.load(zoo / "coco-captioner").caption(data.photos)
    texts = {name: each.text for name, each in zip(data.names, captions, strict=True)}
    expected = evaluation.evaluate_captions(texts, data.references)
    assert report["model"] == "coco-captioner"
    assert report["data"] == "folder"
    assert report["decoder"]["name"] == "beam"
    assert report["images"] == 12
    assert {name: report[name] for name in METRICS} == pytest.approx(
        {name: expected[name] for name in METRICS}
    )
    assert json.loads((tmp_path / "predictions.json").read_text(encoding="utf-8")) == texts


def test_the_table_has_the_metrics_with_intervals(run, arguments, tmp_path):
    predictions = tmp_path / "below" / "mine.json"
    text = run("evaluate", *arguments, "--predictions", predictions).stdout
    for metric in (*METRICS, "METEOR", "95 % interval"):
        assert metric in text
    assert "12 photos, beam" in text
    assert "mine.json" in text.replace("\n", "")
    assert predictions.exists()


def test_two_models_are_compared_in_pairs(run, arguments):
    options = (*arguments, "--decoder", "greedy", "--json", "--compare")
    with_itself = json.loads(run("evaluate", *options, "coco-captioner").stdout)
    same = {"difference": 0.0, "interval": [0.0, 0.0]}
    compared = with_itself["compared_with"]
    assert compared == {
        "model": "coco-captioner",
        "sees": "photos",
        "BLEU-4": same,
        "CIDEr-D": same,
    }

    first = json.loads(run("evaluate", *options, "other-captioner").stdout)
    other = json.loads(run("evaluate", "other-captioner", *options[1:], "coco-captioner").stdout)
    for metric in ("BLEU-4", "CIDEr-D"):
        difference = first["compared_with"][metric]["difference"]
        assert difference == pytest.approx(first[metric] - other[metric], abs=1e-6)
    table = run("evaluate", *arguments, "--decoder", "greedy", "--compare", "other-captioner")
    assert "minus" in table.stdout


def test_a_damaged_photo_costs_itself_only(run, photo_folder, tmp_path):
    photos = tmp_path / "mine" / "photos"
    photos.mkdir(parents=True)
    captions = json.loads((photo_folder / "captions.json").read_text(encoding="utf-8"))
    for name in captions:
        (photos / name).write_bytes((photo_folder / "photos" / name).read_bytes())
    damaged = next(iter(captions))
    (photos / damaged).write_bytes(b"no photo")
    (photos.parent / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    run("evaluate", "coco-captioner", "--data", "folder:mine", "--data-dir", tmp_path, "--json")
    predictions = json.loads((tmp_path / "predictions.json").read_text(encoding="utf-8"))
    assert predictions.keys() == captions.keys() - {damaged}


def test_an_unknown_data_set_is_one_line(run, photo_folder):
    arguments = ("coco-captioner", "--data", "flickr9k:test", "--data-dir", photo_folder)
    (line,) = run("evaluate", *arguments, status=1).stderr.splitlines()
    assert line.startswith("Error: ") and "'flickr9k:test'" in line
