import dataclasses
import json
from types import SimpleNamespace

import numpy as np
import pytest

from lrcn_keras.models import Recognition
from lrcn_keras.training import (
    Recipe,
    Stage,
    cross_validate,
    cross_validated,
    cross_validation,
    recognition_stages,
)
from lrcn_keras.training.recognition_stages import RecognitionStages

_RECIPE = Recipe(
    name="mover",
    description="A test.",
    task="activity-recognition",
    train="clips",
    test="clips",
    stages=(Stage("end-to-end", "clips", 1),),
    model={"backbone": "small_cnn", "units": 24},
    cross_validate="fold",
    seed=1,
)


@pytest.fixture
def folds(tmp_path):
    """Eight clips in three folds, of which only the names and labels matter."""
    rows = ["a,x,1", "b,y,1", "c,x,2", "d,y,2", "e,x,2", "f,y,3", "g,x,3", "h,y,3"]
    (tmp_path / "clips.csv").write_text("\n".join(["file,label,fold", *rows]))
    for row in rows:
        (tmp_path / row[0]).touch()
    return tmp_path


@pytest.fixture
def trainings(monkeypatch):
    """Training is only noted; `wrong` says of which clips (seed, units) tells the wrong class."""
    noted, wrong = [], {}

    def build(classes, backbone, units, modality="rgb", **_):
        lstms = [] if units is None else ["lstm1"]
        return SimpleNamespace(classes=classes, modality=modality, lstms=lstms, rate=None)

    def run(self, number, stage, data):
        self.directory.mkdir(parents=True, exist_ok=True)
        self.model.taught = (self.seed, set(data.names))

    def predict(model, data, *_, **__):
        seed, names = model.taught
        noted.append((seed, names, set(data.names)))
        errors = wrong[seed, len(model.lstms)]
        return {
            name: Recognition.of(_sure(label ^ (name in errors)), np.zeros((1, 2)), model.classes)
            for name, label in zip(data.names, data.labels, strict=True)
        }

    monkeypatch.setattr(recognition_stages, "ActivityRecognizer", build)
    monkeypatch.setattr(RecognitionStages, "run", run)
    monkeypatch.setattr(cross_validation, "predict_clips", predict)
    return noted, wrong


def _sure(label) -> np.ndarray:
    return np.eye(2)[int(label)] * 0.8 + 0.1


def test_each_group_is_left_out_and_every_clip_pooled_once(folds, trainings):
    noted, wrong = trainings
    # Of 8 clips the LSTMs miss 1 and 3, the single frame 4 and 4.
    wrong |= {(1, 1): "a", (2, 1): "abh", (1, 0): "abcd", (2, 0): "efgh"}
    recipe = dataclasses.replace(_RECIPE, variants={"single frame": {"units": None}})
    (row,) = cross_validate(recipe, folds, folds / "run", seeds=2)
    (variant,) = cross_validate(recipe, folds, folds / "run", variant="single frame", seeds=2)
    tested = [names for seed, _, names in noted if seed == 1][:3]
    assert tested == [{"a", "b"}, {"c", "d", "e"}, {"f", "g", "h"}]
    for _, taught, left_out in noted:
        assert taught == set("abcdefgh") - left_out
    assert [seed for seed, _, _ in noted] == [1, 1, 1, 2, 2, 2] * 2

    assert row["values"]["videos"] == 8
    assert row["values"]["video accuracy"] == (7 / 8 + 5 / 8) / 2
    assert row["values"]["spread"] == pytest.approx(np.std([7 / 8, 5 / 8], ddof=1))
    low, high = row["interval"]["video accuracy"]
    assert low < row["values"]["video accuracy"] < high
    assert row["values"]["mean class accuracy"] == pytest.approx(row["values"]["video accuracy"])
    assert (variant["model"], variant["values"]["video accuracy"]) == ("single frame", 0.5)
    *rows, gain = cross_validated(recipe, folds, folds / "run")
    assert rows == json.loads(json.dumps([row, variant]))
    assert gain["model"] == "model minus single frame"
    assert gain["values"] == {"gain": (3 / 8 + 1 / 8) / 2, "seeds": 2}
    assert gain["interval"]["gain"][0] < 2 / 8 < gain["interval"]["gain"][1]


def test_it_goes_on_where_it_was(folds, trainings):
    noted, wrong = trainings
    wrong[1, 1] = ""
    first = cross_validate(_RECIPE, folds, folds / "run")
    assert len(noted) == 3
    assert cross_validate(_RECIPE, folds, folds / "run") == first
    assert len(noted) == 3


def test_two_streams_are_fused(folds, trainings):
    _, wrong = trainings
    wrong[1, 1] = "c"
    recipe = dataclasses.replace(_RECIPE, streams={"rgb": {}, "flow": {}}, interval_by="fold")
    rows = cross_validate(recipe, folds, folds / "run")
    assert [row["model"] for row in rows] == ["rgb", "flow", "fused 1/2, 1/2", "fused 1/3, 2/3"]
    assert {row["values"]["video accuracy"] for row in rows} == {7 / 8}


def test_what_cannot_be_cross_validated_is_refused(tmp_path):
    recipe = dataclasses.replace(_RECIPE, cross_validate=None)
    with pytest.raises(ValueError, match="does not say cross_validate = FIELD"):
        cross_validate(recipe, tmp_path, tmp_path)
    recipe = dataclasses.replace(_RECIPE, variants={"flat": {}})
    with pytest.raises(ValueError, match=r"has variants \['flat'\], got 'round'"):
        cross_validate(recipe, tmp_path, tmp_path, variant="round")
