import os

import keras
import numpy as np
import pytest

from lrcn_keras.datasets import ClipDataset, cached_clip_features

SIZE = (8, 8)


@pytest.fixture
def videos(make_clip, tmp_path) -> ClipDataset:
    """Two clips of noise, of 5 and 3 frames."""
    rng = np.random.default_rng(0)
    paths = [
        make_clip(tmp_path / f"{count}.mp4", rng.integers(0, 256, (count, 16, 16, 3), np.uint8))
        for count in (5, 3)
    ]
    return ClipDataset("mine", ["a", "b"], paths, [0, 1], ["x", "y"])


@pytest.fixture
def backbone() -> keras.Model:
    image = keras.Input((*SIZE, 3))
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))


class Encoder:
    """The mean colour of every frame, and of its mirror image's left half; counts the clips."""

    def __init__(self):
        self.seen = 0

    def __call__(self, frames):
        self.seen += 1
        means = frames.astype(np.float64).mean(axis=(1, 2))
        return np.stack([means, frames[:, :, ::-1][:, :, :4].mean(axis=(1, 2))])


def test_features_are_those_of_every_frame_of_every_clip(videos, backbone, tmp_path):
    features = cached_clip_features(Encoder(), backbone, videos, SIZE, tmp_path / "cache")
    assert [each.shape for each in features] == [(2, 5, 3), (2, 3, 3)]
    for index, each in enumerate(features):
        frames = videos.read(index, SIZE)
        assert each.dtype == np.float16
        np.testing.assert_allclose(each[0], frames.mean(axis=(1, 2)), rtol=1e-3)
        np.testing.assert_allclose(each[1], frames[:, :, 4:].mean(axis=(1, 2)), rtol=1e-3)


def test_the_second_time_they_come_from_the_disk(videos, backbone, tmp_path):
    first, second = Encoder(), Encoder()
    features = cached_clip_features(first, backbone, videos, SIZE, tmp_path / "cache")
    again = cached_clip_features(second, backbone, videos, SIZE, tmp_path / "cache")
    assert (first.seen, second.seen) == (2, 0)
    for one, other in zip(features, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_clip_is_known_again_in_another_data_set(videos, backbone, tmp_path):
    cached_clip_features(Encoder(), backbone, videos, SIZE, tmp_path / "cache")
    encoder = Encoder()
    cached_clip_features(encoder, backbone, videos.where("label=y"), SIZE, tmp_path / "cache")
    assert encoder.seen == 0


def other_weights(data, network):
    return data, keras.Sequential([keras.layers.Rescaling(2.0), network]), SIZE, False


def other_size(data, network):
    return data, network, (8, 10), False


def other_rate(data, network):
    return data.at_rate(12), network, SIZE, False


def flow(data, network):
    return data.flow(), network, SIZE, False


def other_views(data, network):
    return data, network, SIZE, True


def other_files(data, network):
    for path in data.clips:
        os.utime(path, ns=(1, 1))
    return data, network, SIZE, False


@pytest.mark.parametrize(
    "change", [other_weights, other_size, other_rate, flow, other_views, other_files]
)
def test_any_change_computes_them_again(change, videos, backbone, tmp_path):
    cached_clip_features(Encoder(), backbone, videos, SIZE, tmp_path / "cache")
    data, network, size, mirrored = change(videos, backbone)
    encoder = Encoder()
    cached_clip_features(encoder, network, data, size, tmp_path / "cache", mirrored)
    assert encoder.seen == 2


def test_clips_in_memory_are_cached_by_their_frames(backbone, tmp_path):
    clips = list(np.random.default_rng(0).integers(0, 256, (2, 4, 8, 8, 3), np.uint8))
    data = ClipDataset("mine", ["a", "b"], clips, [0, 1], ["x", "y"])
    cached_clip_features(Encoder(), backbone, data, SIZE, tmp_path)
    encoder = Encoder()
    clips[1] = 255 - clips[1]
    changed = ClipDataset("mine", ["c", "d"], clips, [0, 1], ["x", "y"])
    cached_clip_features(encoder, backbone, changed, SIZE, tmp_path)
    assert encoder.seen == 1


def test_a_clip_that_cannot_be_read_is_named_and_has_no_frames(videos, backbone, tmp_path):
    bad, missing = tmp_path / "bad.mp4", tmp_path / "missing.mp4"
    bad.write_bytes(b"no clip")
    data = ClipDataset("mine", list("abc"), [bad, missing, videos.clips[1]], [0, 1, 0], ["x", "y"])
    with pytest.warns(UserWarning, match="skipped, not a readable clip") as seen:
        features = cached_clip_features(Encoder(), backbone, data, SIZE, tmp_path / "cache")
    assert all(str(path) in str(w.message) for path, w in zip((bad, missing), seen, strict=True))
    assert [each.shape[1] for each in features] == [0, 0, 3]
