import numpy as np
import pytest

from lrcn_keras.models import Protocol


@pytest.mark.parametrize(
    ("frames", "windows"),
    [
        (5, [(0, 5)]),  # shorter than a clip
        (16, [(0, 16)]),
        (17, [(0, 16), (1, 17)]),
        (24, [(0, 16), (8, 24)]),
        (35, [(0, 16), (8, 24), (16, 32), (19, 35)]),
        (0, []),
    ],
)
def test_the_papers_windows_end_with_the_last_16_frames(frames, windows):
    assert Protocol(16, 8).windows(frames) == windows


def test_the_whole_clip_is_one_window_and_a_stride_defaults_to_the_length():
    assert Protocol().windows(7) == [(0, 7)]
    assert Protocol(3).windows(7) == [(0, 3), (3, 6), (4, 7)]


def test_ten_crops_are_corners_and_centre_and_their_mirror_images():
    frames = np.arange(2 * 5 * 6, dtype=np.uint8).reshape(2, 5, 6, 1)
    crops = Protocol(crops=10).crop(frames, 3, lambda x: x[:, :, ::-1])
    places = [(0, 0), (0, 3), (2, 0), (2, 3), (1, 1)]
    for crop, mirrored, (y, x) in zip(crops[:5], crops[5:], places, strict=True):
        np.testing.assert_array_equal(crop, frames[:, y : y + 3, x : x + 3])
        np.testing.assert_array_equal(mirrored, crop[:, :, ::-1])
    (centre,) = Protocol().crop(frames, 3, None)
    np.testing.assert_array_equal(centre, crops[4])


def test_eight_crops_are_the_centre_in_all_quarter_turns_and_their_mirror_images():
    frames = np.arange(2 * 4 * 3, dtype=np.uint8).reshape(2, 4, 3, 1)
    crops = Protocol(crops=8).crop(frames, 3, lambda x: x[:, :, ::-1])
    centre = frames[:, 0:3]
    turned = [np.rot90(centre, turns, axes=(1, 2)) for turns in (1, 2, 3, 0)]
    for crop, expected in zip(crops, turned + [x[:, :, ::-1] for x in turned], strict=True):
        np.testing.assert_array_equal(crop, expected)


def test_config_round_trip():
    protocol = Protocol(16, 8, 10)
    assert Protocol.of(protocol.get_config()) == protocol
    assert Protocol.of(None) == Protocol() == Protocol.of({})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((16, 8, 3), "crops is one of"),
        ((None, 8), "stride needs a clip_length"),
        ((0,), "clip_length is a number of frames from 1 on, got 0"),
        ((4, 0), "stride is a number of frames from 1 on, got 0"),
    ],
)
def test_what_looks_at_nothing_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        Protocol(*arguments)
