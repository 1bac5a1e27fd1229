"""Among them the faults of the code that the paper's authors released (crop, flow, short clips)."""

import numpy as np
import pytest

from lrcn_keras.models.augmentation import Augmentation
from lrcn_keras.models.clips import clip_view, cut, feature_view, read_chunks

# Every pixel knows its frame, row and column.
CLIP = np.stack(np.meshgrid(range(20), range(8), range(10), indexing="ij"), -1).astype(np.uint8)


def look(clip=CLIP, modality="rgb", mirror=True, **draws):
    draws = np.array([draws.get(name, 0.99) for name in ("start", "y", "x", "flip")])
    return clip_view(
        clip,
        draws,
        clip_length=16,
        image_size=6,
        modality=modality,
        augmentation=Augmentation(mirror=mirror),
    )


def test_the_crop_does_not_wait_for_the_flip():
    plain, flipped = (look(y=0.5, x=0.5, flip=flip) for flip in (0.9, 0.1))
    assert plain[0, 0, 0].tolist() == [4, 1, 2]  # start 4 of 0-4, row 1 of 0-2, column 2 of 0-4
    np.testing.assert_array_equal(flipped, plain[:, :, ::-1])


def test_all_frames_have_one_crop_and_one_flip_and_follow_each_other():
    for seed in range(20):
        start, y, x, flip = np.random.default_rng(seed).random(4)
        seen = look(start=start, y=y, x=x, flip=flip)
        assert seen.shape == (16, 6, 6, 3)
        assert np.diff(seen[:, 0, 0, 0].astype(int)).tolist() == [1] * 15
        assert np.ptp(seen[..., 1:].astype(int), axis=0).max() == 0


def test_all_places_are_reached_and_none_lies_outside():
    corners = {
        tuple(look(start=start, y=y, x=x)[0, 0, 0])
        for start in np.arange(0, 1, 0.1)
        for y in np.arange(0, 1, 0.1)
        for x in np.arange(0, 1, 0.1)
    }
    assert corners == {(t, y, x) for t in range(5) for y in range(3) for x in range(5)}


def test_mirrored_flow_turns_round_whatever_the_crop():
    rng = np.random.default_rng(0)
    flow = rng.integers(1, 256, (20, 8, 10, 3), dtype=np.uint8)
    for y in (0.0, 0.5, 0.99):
        for x in (0.0, 0.5, 0.99):
            plain = look(flow, "flow", y=y, x=x, flip=0.9)
            flipped = look(flow, "flow", y=y, x=x, flip=0.1)[:, :, ::-1]
            np.testing.assert_array_equal(flipped[..., 0], 256 - plain[..., 0].astype(int))
            np.testing.assert_array_equal(flipped[..., 1:], plain[..., 1:])


def test_a_model_that_does_not_mirror_never_does():
    np.testing.assert_array_equal(look(flip=0.1, mirror=False), look(flip=0.9))


def test_a_clip_shorter_than_16_frames_is_taken_whole():
    assert look(CLIP[:5]).shape == (5, 6, 6, 3)
    assert cut(CLIP[:16], 16, 0.9).shape[0] == 16
    assert cut(CLIP, None, 0.9).shape[0] == 20


def test_without_draws_it_is_the_centre_of_all_frames():
    seen = clip_view(
        CLIP, None, clip_length=16, image_size=6, modality="rgb", augmentation=Augmentation()
    )
    np.testing.assert_array_equal(seen, CLIP[:, 1:7, 2:8])


def test_features_have_views_instead_of_crops():
    views = np.arange(2 * 20).reshape(2, 20, 1)
    np.testing.assert_array_equal(feature_view(views, None, clip_length=16), views[0])
    seen = feature_view(views, np.array([0.99, 0, 0, 0.6]), clip_length=16)
    np.testing.assert_array_equal(seen, views[1, 4:])


def test_arrays_of_the_wrong_kind_are_refused():
    with pytest.raises(ValueError, match=r"A grey clip has shape \(T, H, W, 1\), got \(20, 8,"):
        next(read_chunks(CLIP, "grey", (8, 10), None))
    with pytest.raises(ValueError, match="array of degrees Celsius, got the file clip.mp4"):
        next(read_chunks("clip.mp4", "thermal", (8, 10), None))


def test_a_long_clip_is_read_in_pieces():
    clip = np.zeros((150, 8, 10, 1), np.uint8)
    assert [len(piece) for piece in read_chunks(clip, "grey", (8, 10), None)] == [64, 64, 22]
