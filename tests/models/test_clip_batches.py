import itertools

import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras.datasets import ClipDataset
from lrcn_keras.models import ActivityRecognizer


@pytest.fixture(scope="module")
def model():
    return ActivityRecognizer(
        ["left", "right"], "small_cnn", weights=None, image_size=32, frame_size=(36, 40), units=4,
        clip_length=6,
    )  # fmt: skip


def _take(dataset, count):
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


def _equal(left, right):
    tf.nest.map_structure(np.testing.assert_array_equal, left, right)


def test_a_training_goes_on_where_it_stopped(model, data):
    whole = _take(model.prepare(data, 2, training=True, seed=3), 8)
    # 5 clips in batches of 2 are 3 steps an epoch: step 1 of epoch 1 is the fifth batch.
    rest = model.prepare(data, 2, training=True, seed=3, first_epoch=1, first_step=1)
    assert rest.steps_per_epoch == 3
    _equal(_take(rest, 4), whole[4:])


def test_a_seed_decides_everything(model, data):
    one, same, other = (
        _take(model.prepare(data, 2, training=True, seed=seed), 4) for seed in (1, 1, 2)
    )
    _equal(one, same)
    assert not np.array_equal(one[0][0]["frames"], other[0][0]["frames"])


def test_a_pass_has_every_clip_once_and_the_next_one_looks_elsewhere(model, data):
    first, second = (
        {tuple(labels): inputs for inputs, labels in [batch]}
        for batch in _take(model.prepare(data, 5, training=True), 2)
    )
    ((labels, one),) = first.items()
    ((_, other),) = second.items()
    assert sorted(labels) == [0, 0, 1, 1, 1]
    assert sorted(one["lengths"]) == [3, 6, 6, 6, 6]  # cut at 6, the short one as it is
    assert not np.array_equal(np.sort(one["frames"], 0), np.sort(other["frames"], 0))


def test_frames_stay_bytes_and_padding_is_zero(model, data, clips):
    inputs, labels = next(model.prepare(data, 5).as_numpy_iterator())
    assert inputs["frames"].dtype == np.uint8
    assert inputs["frames"].shape == (5, 20, 32, 32, 3)
    assert inputs["lengths"].tolist() == [3, 9, 20, 14, 7]
    assert labels.tolist() == [0, 1, 0, 1, 1]
    for row, clip in zip(inputs["frames"], clips, strict=True):
        np.testing.assert_array_equal(row[: len(clip)], clip[:, 2:34, 4:36])
        assert not row[len(clip) :].any()


def test_degrees_stay_degrees(motion):
    degrees = [clip / np.float32(10) + np.float32(0.25) for clip in motion.clips[:3]]
    data = ClipDataset("warm", list("abc"), degrees, [0, 1, 0], motion.classes, modality="thermal")
    model = ActivityRecognizer(
        motion.classes, "thermal_cnn", weights=None, modality="thermal", units=4
    )
    inputs, _ = next(model.prepare(data, 3).as_numpy_iterator())
    np.testing.assert_array_equal(inputs["frames"], np.stack(degrees))


def test_a_clip_that_cannot_be_read_is_named_and_counts_for_nothing(model, clips, tmp_path, capfd):
    pytest.importorskip("av")
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"no video")
    data = ClipDataset("x", ["good", "broken"], [clips[0], str(bad)], [0, 1], ["left", "right"])
    inputs, _ = next(model.prepare(data, 2).as_numpy_iterator())
    assert inputs["lengths"].tolist() == [3, 0]
    assert "not a readable clip: broken" in capfd.readouterr().err
    model.compile()
    only_bad = data.select([1], "only bad")
    assert model.evaluate(model.prepare(only_bad, 1), verbose=0, return_dict=True)["loss"] == 0


def test_iterators_can_be_thrown_away_while_clips_are_read(model, data):
    for _ in range(10):
        next(iter(model.prepare(data, 2, training=True)))
