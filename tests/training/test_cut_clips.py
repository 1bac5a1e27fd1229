import numpy as np
import pytest

from lrcn_keras.datasets import ClipCaptionDataset
from lrcn_keras.models import VideoDescriber
from lrcn_keras.training.cut_clips import cut_clips


@pytest.fixture(scope="module")
def describer():
    look = {"image_size": 16, "frame_size": (18, 20), "region": (0.5, 0, 1, 0.5), "frames": None}
    return VideoDescriber(
        ["<eos>", "<unk>", "a"], "small_cnn", weights=None, units=4, embedding_size=4, **look
    )


def test_cut_clips_without_a_region_look_as_clips_with_it(describer, make_clip, tmp_path):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 40, 60, 3), np.uint8)
    clips = [make_clip(tmp_path / "a.mkv", frames), frames[:2], tmp_path / "none.mkv"]
    dataset = ClipCaptionDataset("few", list("abc"), clips, [["a"]] * 3)
    cut = cut_clips(describer.entry, dataset, tmp_path / "frames")
    plain = VideoDescriber.from_config({**describer.get_config(), "region": None})
    for number in (0, 1):
        seen = describer.entry.look(dataset.read(number))
        np.testing.assert_array_equal(plain.entry.look(cut.read(number)), seen)
    assert cut.clips[2] == dataset.clips[2]
    assert dataset.clips[1] is not cut.clips[1]


def test_frames_that_are_there_are_not_read_again(describer, make_clip, tmp_path):
    path = make_clip(tmp_path / "a.mkv", np.zeros((2, 40, 60, 3), np.uint8))
    dataset = ClipCaptionDataset("one", ["a"], [path], [["a"]])
    cut_clips(describer.entry, dataset, tmp_path / "frames")
    (kept,) = (tmp_path / "frames").rglob("*.npy")
    np.save(kept, np.full((1, 18, 20, 3), 7, np.uint8))
    assert (cut_clips(describer.entry, dataset, tmp_path / "frames").read(0) == 7).all()
