import dataclasses
import json
import re
import subprocess
import sys
import textwrap
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras import datasets
from lrcn_keras.datasets import ClipDataset
from lrcn_keras.models import ActivityRecognizer
from lrcn_keras.training import (
    Recipe,
    Stage,
    callbacks,
    predict_clips,
    recognition_stages,
    score_clips,
    train,
)
from lrcn_keras.training.recognition_stages import RecognitionStages

_RECIPE = """
name = "mover"
description = "A test."
task = "activity-recognition"
train = "ucf101:train1"
test = "ucf101:test1"
interval_by = "group"
fusion = [0.5, 0.5]
seed = 1
[model]
units = 24
clip_length = "none"
input_dropout = 0.0
dropout = 0.0
augmentation = { mirror = false }
[streams.rgb]
[streams.flow]
[[stage]]
name = "end-to-end"
kind = "clips"
epochs = 8
batch_size = 12
learning_rate = 5e-3
warmup_steps = 2
label_smoothing = 0.0
trainable_backbone = true
mixed_bfloat16 = false
"""


_SHORT = {"epochs": 3, "batch_size": 8, "mixed_bfloat16": False, "warmup_steps": 0}


def _cnn() -> keras.Model:
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 64, -2),
            keras.layers.Conv2D(8, 5, 2, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(24, activation="relu"),
        ]
    )


@pytest.fixture
def recipe(tmp_path) -> Recipe:
    (tmp_path / "recipe.toml").write_text(_RECIPE)
    recipe = Recipe.load(tmp_path / "recipe.toml")
    return dataclasses.replace(recipe, model={**recipe.model, "backbone": _cnn()})


def _stages(model, dev, folder) -> RecognitionStages:
    return RecognitionStages(model, dev, folder, folder, 0, tf.distribute.get_strategy())


def _noise(**changes) -> ClipDataset:
    rng = np.random.default_rng(0)
    clips = [rng.integers(0, 256, (4, 16, 16, 3), dtype=np.uint8) for _ in range(8)]
    arguments = {
        "name": "noise",
        "names": list("abcdefgh"),
        "clips": clips,
        "labels": [0, 1] * 4,
        "classes": ["x", "y"],
    }
    return ClipDataset(**{**arguments, **changes})


def _recognizer(**changes) -> ActivityRecognizer:
    keras.utils.set_random_seed(0)
    return ActivityRecognizer(["x", "y"], _cnn(), **{"units": 8, "clip_length": None, **changes})


def test_both_streams_of_a_recipe_learn_what_only_motion_tells(recipe, motion_clips, tmp_path):
    model = train(recipe, motion_clips, tmp_path / "run")
    card = json.loads((tmp_path / "run" / "trained" / "card.json").read_text())
    found = {row["model"]: row["values"] for row in card["metrics"]}
    assert list(found) == ["rgb", "flow", "fused 1/2, 1/2", "fused 1/3, 2/3"]
    assert all(values["videos"] == 42 for values in found.values())
    assert min(values["video accuracy"] for values in found.values()) > 0.9

    clip = datasets.ucf101(motion_clips, "test1").clips[0]
    again = lrcn_keras.load(tmp_path / "run" / "trained").recognize(clip)
    assert again.label == "MoveLeft"
    assert again.probabilities == pytest.approx(model.recognize(clip).probabilities, abs=1e-5)


def test_a_single_frame_does_not_tell_them(recipe, motion_clips, tmp_path):
    data, test = (datasets.ucf101(motion_clips, split) for split in ("train1", "test1"))
    model = ActivityRecognizer(data.classes, **{**recipe.model, "units": None})
    _stages(model, None, tmp_path).run(1, recipe.stages[0], data)
    accuracy = score_clips(predict_clips(model, test), test)["video accuracy"]
    assert 0.3 < accuracy < 0.7


@pytest.fixture
def ends(monkeypatch):
    """What is behind the features, at the end of every epoch."""
    ends = []
    on_epoch_end = callbacks.Choice.on_epoch_end

    def noting(self, epoch, logs=None):
        ends.append(self.model.head.get_weights())
        on_epoch_end(self, epoch, logs)

    monkeypatch.setattr(callbacks.Choice, "on_epoch_end", noting)
    return ends


def _which(ends, model) -> list[int]:
    kept = model.head.get_weights()
    return [epoch for epoch, weights in enumerate(ends) if all(map(np.array_equal, weights, kept))]


@pytest.mark.parametrize("kind", ["features", "clips"])
def test_a_bad_clip_is_left_out_and_without_dev_the_last_epoch_is_kept(kind, ends, tmp_path, capfd):
    (tmp_path / "bad.avi").write_bytes(b"")
    data = _noise()
    data = _noise(clips=[*data.clips[:3], tmp_path / "bad.avi", *data.clips[4:]])
    model = _recognizer()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        _stages(model, None, tmp_path).run(1, Stage("s", kind, **_SHORT), data)
    said = capfd.readouterr().err + "".join(str(warning.message) for warning in seen)
    assert re.search("skipped, not a readable clip: .*bad.avi", said)
    assert all(np.isfinite(array).all() for array in model.get_weights())
    assert _which(ends, model) == [2]


def test_with_dev_the_best_epoch_is_kept(ends, tmp_path, monkeypatch):
    accuracies = iter([0.5, 0.75, 0.25])
    monkeypatch.setattr(recognition_stages, "predict_clips", lambda *_, **__: {})
    monkeypatch.setattr(
        recognition_stages,
        "score_clips",
        lambda *_: {"video accuracy": next(accuracies), "mean class accuracy": 0.5},
    )
    model = _recognizer()
    _stages(model, _noise(), tmp_path).run(1, Stage("frozen", "features", **_SHORT), _noise())
    assert _which(ends, model) == [1]
    scores = json.loads((tmp_path / "1-frozen" / "scores.json").read_text())
    assert [entry["video accuracy"] for entry in scores] == [0.5, 0.75, 0.25]


def test_a_bad_clip_gets_no_answer(tmp_path):
    data = _noise(clips=[*_noise().clips[:7], tmp_path / "missing.avi"])
    with pytest.warns(UserWarning, match="skipped, not a readable clip: .*missing.avi"):
        assert list(predict_clips(_recognizer(), data)) == list("abcdefg")


def test_a_single_frame_stage_takes_only_the_cnn_and_hands_only_it_back(tmp_path):
    model = _recognizer()
    cnn, head = model.backbone.get_weights(), model.head.get_weights()
    stages = _stages(model, None, tmp_path)
    stage = Stage("s", "clips", 1, single_frame=True, trainable_backbone=True)
    frames, _, _ = stages._clips(stage, _noise(), 0)
    assert (len(frames.lstms), frames.clip_length) == (0, 1)
    for mine, theirs in zip(frames.backbone.get_weights(), cnn, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    frames.backbone.set_weights([array + 1 for array in cnn])
    stages.take_over(frames)
    for mine, theirs in zip(model.backbone.get_weights(), cnn, strict=True):
        np.testing.assert_array_equal(mine, theirs + 1)
    for mine, theirs in zip(model.head.get_weights(), head, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_kind_of_stage_that_recognizers_do_not_have_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Stage 's': this task has no stages of sentences"):
        _stages(_recognizer(), None, tmp_path).run(1, Stage("s", "sentences", 1), _noise())


def test_a_killed_training_ends_with_the_weights_of_an_unkilled_one(tmp_path):
    code = """
        import sys
        from pathlib import Path
        import keras, numpy as np, tensorflow as tf
        tf.config.experimental.enable_op_determinism()
        from lrcn_keras.datasets import ClipDataset
        from lrcn_keras.models import ActivityRecognizer
        from lrcn_keras.training import Stage, callbacks, stages
        from lrcn_keras.training.recognition_stages import RecognitionStages
        stages._SAVE_EVERY = 1
        rng = np.random.default_rng(0)
        clips = [rng.integers(0, 256, (6, 16, 16, 3), dtype=np.uint8) for _ in range(8)]
        data = ClipDataset("noise", list("abcdefgh"), clips, [0, 1] * 4, ["x", "y"])
        stage = Stage(
            "s", "clips", epochs=2, batch_size=3, mixed_bfloat16=False, ema=0.9, optimizer="sgd",
            schedule="step", decay_steps=4, head_rate=10.0, trainable_backbone=True,
        )

        def trained(folder):
            keras.utils.set_random_seed(0)
            cnn = keras.Sequential([
                keras.Input((12, 12, 3)),
                keras.layers.Conv2D(4, 5, 4, name="conv"),
                keras.layers.GlobalAveragePooling2D(),
            ])
            sizes = {"units": 4, "clip_length": 3, "frame_size": (16, 16)}
            model = ActivityRecognizer(data.classes, cnn, **sizes)
            strategy = tf.distribute.get_strategy()
            RecognitionStages(model, None, folder, folder, 0, strategy).run(1, stage, data)
            return model.get_weights()

        class Killed(BaseException):
            pass

        whole = trained(Path(sys.argv[1]) / "whole")
        kept = callbacks.Checkpoint.on_train_batch_end

        def dies(self, batch, logs=None):
            kept(self, batch, logs)
            if (self.progress.epoch, self.progress.step) == (1, 1):
                callbacks.Checkpoint.on_train_batch_end = kept
                raise Killed

        callbacks.Checkpoint.on_train_batch_end = dies
        try:
            trained(Path(sys.argv[1]) / "killed")
        except Killed:
            again = trained(Path(sys.argv[1]) / "killed")
        print(all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True)))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split()[-1] == "True"
