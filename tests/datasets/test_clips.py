import numpy as np
import pytest

from lrcn_keras.datasets import ClipDataset
from lrcn_keras.errors import MediaError


def clip(value, frames=3, size=(4, 6), channels=3):
    return np.full((frames, *size, channels), value, np.uint8)


@pytest.fixture
def dataset():
    return ClipDataset(
        "mine",
        ["a", "b", "c", "d"],
        [clip(value) for value in (10, 20, 30, 40)],
        [0, 1, 0, 1],
        ("run", "walk"),
        {"subject": [10, 2, 2, 1], "place": ["in", "in", "out", "out"]},
        split_by="subject",
    )


def test_frames_come_as_they_are_or_stretched(dataset):
    pytest.importorskip("cv2")
    np.testing.assert_array_equal(dataset.read(1), clip(20))
    np.testing.assert_array_equal(dataset.read(1, size=(8, 5)), clip(20, size=(8, 5)))
    assert dataset.labels.dtype == np.int32
    assert repr(dataset) == "ClipDataset('mine', 4 clips, 2 classes)"


def test_shrinking_averages_what_goes_into_a_pixel():
    pytest.importorskip("cv2")
    stripes = np.tile(np.array([0, 200], np.uint8), 8)  # of one pixel: skipping would give 0 or 200
    frames = np.broadcast_to(stripes[None, None, :, None], (2, 16, 16, 1))
    small = ClipDataset("s", ["s"], [np.array(frames)], [0], ["x"], modality="grey").read(0, (4, 4))
    assert small.shape == (2, 4, 4, 1)
    assert small.dtype == np.uint8
    np.testing.assert_array_equal(small, 100)


def test_degrees_stay_degrees_when_stretched():
    pytest.importorskip("cv2")
    degrees = np.linspace(22.25, 36.5, 4, dtype=np.float32).reshape(4, 1, 1, 1)
    frames = np.broadcast_to(degrees, (4, 16, 16, 1)).copy()
    dataset = ClipDataset("t", ["t"], [frames], [0], ["x"], modality="thermal")
    stretched = dataset.read(0, (8, 20))
    assert stretched.dtype == np.float32
    np.testing.assert_allclose(stretched, np.broadcast_to(degrees, (4, 8, 20, 1)), rtol=1e-6)


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("subject=2", "bc"),
        ("subject=10, 1", "ad"),
        ("subject!=2", "ad"),
        ("place!=in", "cd"),
        ("label=walk", "bd"),
    ],
)
def test_a_condition_takes_the_clips_that_meet_it(dataset, condition, names):
    chosen = dataset.where(condition)
    assert chosen.names == list(names)
    assert chosen.name == f"mine:{condition}"
    assert chosen.classes == dataset.classes
    assert [int(frames[0, 0, 0, 0]) for frames in chosen.clips] == [
        {"a": 10, "b": 20, "c": 30, "d": 40}[name] for name in names
    ]
    assert dataset.names == list("abcd")


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("subject=3", "subjects 1, 2, 10, got 'subject=3'"),
        ("subject!=3", "subjects 1, 2, 10"),
        ("subject", "FIELD=VALUE"),
        ("colour=red", "one of subject, place, label, got 'colour'"),
        ("label!=run,walk", "at least one example"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_an_error(dataset, condition, message):
    with pytest.raises(ValueError, match=message):
        dataset.where(condition)


def test_a_selection_takes_indices_in_their_order(dataset):
    chosen = dataset.select([3, 0], "two")
    assert (chosen.names, chosen.labels.tolist()) == (["d", "a"], [1, 0])
    assert chosen.groups == {"subject": ["1", "10"], "place": ["out", "in"]}


def test_each_group_is_left_out_once(dataset):
    folds = dataset.folds()
    assert [name for name, _, _ in folds] == ["subject=1", "subject=2", "subject=10"]
    assert [test.names for _, _, test in folds] == [["d"], ["b", "c"], ["a"]]
    assert [train.names for _, train, _ in folds] == [["a", "b", "c"], ["a", "d"], ["b", "c", "d"]]
    assert [name for name, _, _ in dataset.folds(by="place")] == ["place=in", "place=out"]
    with pytest.raises(ValueError, match="at least one example"):
        dataset.where("place=in").where("subject=2").folds()


def test_a_k_fold_tests_each_clip_once_and_parts_no_group(dataset):
    folds = dataset.k_folds(2, seed=1)
    assert sorted(folds[0][2].names + folds[1][2].names) == list("abcd")
    for name, train, test in folds:
        assert name.startswith("fold ")
        assert not set(train.groups["subject"]) & set(test.groups["subject"])
    ungrouped = ClipDataset("u", "abcd", [clip(0)] * 4, [0, 1, 0, 1], ["run", "walk"])
    for _, train, test in ungrouped.k_folds(2):
        assert sorted(test.labels) == sorted(train.labels) == [0, 1]
    with pytest.raises(ValueError, match="say by which field"):
        ungrouped.folds()


def test_joined_data_sets_keep_names_unique_and_what_both_have(dataset):
    other = ClipDataset(
        "other", ["d", "e"], [clip(1)] * 2, [1, 1], ("run", "walk"), {"place": ["x", "y"]}
    )
    both = dataset + other
    assert both.name == "mine+other"
    assert both.names == ["a", "b", "c", "mine/d", "other/d", "e"]
    assert both.labels.tolist() == [0, 1, 0, 1, 1, 1]
    assert both.groups == {"place": ["in", "in", "out", "out", "x", "y"]}
    assert both.split_by is None
    with pytest.raises(ValueError, match="differ in classes"):
        dataset + ClipDataset("odd", ["e"], [clip(1)], [0], ["jump"])


def test_a_pattern_that_moves_has_flow_and_one_image_fewer():
    pytest.importorskip("cv2")
    noise = np.random.default_rng(0).integers(0, 256, (12, 12, 3))
    texture = np.kron(noise, np.ones((8, 8, 1))).astype(np.uint8)
    moving = np.stack([np.roll(texture, 2 * step, axis=1) for step in range(4)])
    still = np.stack([texture] * 4)
    dataset = ClipDataset("m", ["moving", "still"], [moving, still], [0, 1], ["m", "s"]).flow()
    assert dataset.modality == "flow"
    assert dataset.where("label=m").read(0).shape == (3, 96, 96, 3)
    inside = dataset.read(0)[:, 16:-16, 16:-16].reshape(-1, 3)
    # 2 pixels to the right: 128 + 16 * 2 in u, 128 in v, and their length.
    np.testing.assert_allclose(np.median(inside, axis=0), [160, 128, 160], atol=4)
    np.testing.assert_allclose(np.median(dataset.read(1).reshape(-1, 3), axis=0), 128, atol=1)
    assert dataset.read(0, size=(48, 48)).shape == (3, 48, 48, 3)
    with pytest.raises(ValueError, match="rgb or grey clips, not of flow"):
        dataset.flow()


def test_videos_are_read_at_the_rate_size_and_modality_asked_for(tmp_path, make_clip):
    shades = np.arange(10, 250, 20, dtype=np.uint8)  # 12 frames, 10 a second
    frames = np.broadcast_to(shades[:, None, None, None], (12, 32, 48, 3))
    path = make_clip(tmp_path / "a.mp4", np.array(frames), 10)
    dataset = ClipDataset("mine", ["a"], [path], [0], ["x"])
    assert dataset.read(0).shape == (12, 32, 48, 3)
    slow = dataset.at_rate(5)
    np.testing.assert_allclose(slow.read(0)[:, 0, 0, 0], shades[::2], atol=3)
    assert slow.read(0, size=(16, 20)).shape == (6, 16, 20, 3)
    grey = ClipDataset("mine", ["a"], [path], [0], ["x"], modality="grey", rate=5)
    np.testing.assert_allclose(grey.read(0)[:, 5, 5, 0], shades[::2], atol=3)
    assert grey.flow().read(0).shape == (5, 32, 48, 3)


def test_flow_of_a_selection_and_of_a_sum_stays_flow():
    pytest.importorskip("cv2")
    frames = clip(50, frames=4, size=(32, 32), channels=1)
    one, two = (
        ClipDataset(name, [name], [frames], [0], ["x"], modality="grey").flow() for name in "ab"
    )
    for dataset in (one + two, (one + two).select([1], "b")):
        assert dataset.modality == "flow"
        np.testing.assert_array_equal(dataset.read(0), clip(128, frames=3, size=(32, 32)))
    with pytest.raises(ValueError, match="differ in flow_settings"):
        one + ClipDataset("c", ["c"], [frames], [0], ["x"], modality="grey").flow(scale=8.0)


def test_flow_from_the_cache_is_the_flow(tmp_path, make_clip):
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3))
    texture = np.kron(noise, np.ones((8, 8, 1))).astype(np.uint8)
    path = make_clip(tmp_path / "a.mp4", np.stack([np.roll(texture, k, 1) for k in range(6)]), 10)
    dataset = ClipDataset("mine", ["a"], [path], [0], ["x"], rate=5)
    computed = dataset.flow(scale=8).read(0, (40, 48))
    assert computed.shape == (2, 40, 48, 3)
    cached = dataset.flow(tmp_path / "cache", scale=8)
    for _ in range(2):  # written, then read
        np.testing.assert_array_equal(cached.read(0, (40, 48)), computed)
    assert len(list((tmp_path / "cache").rglob("*.npz"))) == 1


def test_a_bad_video_is_named(tmp_path):
    pytest.importorskip("av")
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    dataset = ClipDataset("mine", ["bad"], [tmp_path / "bad.mp4"], [0], ["x"])
    with pytest.raises(MediaError, match="bad.mp4"):
        dataset.read(0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"names": ["a", "a"]}, "clips twice: a"),
        ({"names": ["a"]}, "needs a name, a clip, a label"),
        ({"groups": {"fold": ["1"]}}, "at least one example"),
        ({"labels": [0, 2]}, "2 classes, and labels from 0 to 2"),
        ({"labels": [-1, 0]}, "labels from -1"),
        ({"modality": "infrared"}, "modality is one of rgb, flow, grey, thermal"),
        ({"modality": "thermal"}, r"thermal frames have the shape \(T, H, W, 1\), a has"),
        ({"split_by": "fold"}, "split_by is one of"),
    ],
)
def test_lists_that_do_not_fit_are_an_error(changed, message):
    right = {
        "names": ["a", "b"],
        "clips": [clip(1), clip(2)],
        "labels": [0, 1],
        "classes": ["x", "y"],
    }
    with pytest.raises(ValueError, match=message):
        ClipDataset("mine", **{**right, **changed})
