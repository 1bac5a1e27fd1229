import numpy as np
import pytest

from lrcn_keras.models.augmentation import Augmentation

CLIP = np.random.default_rng(0).integers(0, 256, (12, 9, 9, 1), dtype=np.uint8)


def varied(count=60, clip=CLIP, **arguments):
    augmentation = Augmentation(**arguments)
    return [augmentation.vary(clip, np.random.default_rng(seed)) for seed in range(count)]


def test_nothing_is_varied_without_being_asked_for():
    assert all(np.array_equal(seen, CLIP) for seen in varied(3))


def test_quarter_turns_are_the_same_for_all_frames():
    turns = [np.rot90(CLIP, n, axes=(1, 2)) for n in range(4)]
    found = [next(n for n in range(4) if np.array_equal(x, turns[n])) for x in varied(rotate=True)]
    assert set(found) == {0, 1, 2, 3}


def test_shifts_repeat_the_edge():
    places = set()
    for seen in varied(shift=1):
        padded = np.pad(CLIP, [(0, 0), (1, 1), (1, 1), (0, 0)], "edge")
        places |= {
            (y, x)
            for y in range(3)
            for x in range(3)
            if np.array_equal(seen, padded[:, y : y + 9, x : x + 9])
        }
    assert places == {(y, x) for y in range(3) for x in range(3)}


def test_speed_keeps_the_order_of_frames():
    clip = np.arange(40, dtype=np.uint8)[:, None, None, None]
    lengths = []
    for seen in varied(speed=0.25, clip=clip):
        steps = np.diff(seen.ravel().astype(int))
        assert steps.min() >= 0 and steps.max() <= 2
        lengths.append(len(seen))
    assert 32 <= min(lengths) < 36 and 44 < max(lengths) <= 50


def test_noise_stays_within_a_byte_and_its_deviation():
    grey = np.full((4, 50, 50, 1), 128, np.uint8)
    spreads = [np.std(seen.astype(float)) for seen in varied(clip=grey, noise=8.0)]
    assert max(spreads) < 8.3 and min(spreads) < 2
    assert all(seen.dtype == np.uint8 for seen in varied(3, noise=300.0))


def test_config_round_trip_and_what_is_refused():
    augmentation = Augmentation(False, True, 2, 0.1, 3.0)
    assert Augmentation.of(augmentation.get_config()) == augmentation
    with pytest.raises(ValueError, match="noise is 0 or more, got -1"):
        Augmentation(noise=-1)
