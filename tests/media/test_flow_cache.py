import json
import shutil

import numpy as np
import pytest

from lrcn_keras import MediaError
from lrcn_keras.media import cached_flow, compute_flows, flow_cache, flow_images, read_clip

pytest.importorskip("av")
pytest.importorskip("cv2")


@pytest.fixture
def clip(make_clip, tmp_path):
    """6 frames of noise that moves to the right."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    frames = np.stack([np.roll(noise, 2 * k, axis=1) for k in range(6)])
    return make_clip(tmp_path / "clips" / "clip.mp4", frames, 10)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def computed(monkeypatch):
    """Which clips were computed, not loaded."""
    paths, compute = [], flow_cache._compute

    def counted(path, *arguments):
        paths.append(path)
        return compute(path, *arguments)

    monkeypatch.setattr(flow_cache, "_compute", counted)
    return paths


def test_the_cache_gives_the_flow_of_the_clip(clip, cache, computed):
    for _ in range(2):
        np.testing.assert_array_equal(cached_flow(clip, cache), flow_images(read_clip(clip)))
    assert computed == [clip]


def test_every_setting_has_a_file_of_its_own_that_says_it(clip, cache):
    small = cached_flow(clip, cache, size=(24, 40), rate=5)
    np.testing.assert_array_equal(small, flow_images(read_clip(clip, size=(24, 40), rate=5)))
    farneback = cached_flow(clip, cache, algorithm="farneback", scale=4)
    np.testing.assert_array_equal(farneback, flow_images(read_clip(clip), "farneback", 4))
    cached_flow(clip, cache)
    settings = []
    for file in cache.glob("clip-*.npz"):
        with np.load(file, allow_pickle=False) as archive:
            settings.append(json.loads(str(archive["settings"])))
    keys = ("algorithm", "scale", "size", "rate")
    found = {tuple(str(each[key]) for key in keys) for each in settings}
    assert found == {
        ("dis", "16.0", "[24, 40]", "5.0"),
        ("farneback", "4.0", "None", "None"),
        ("dis", "16.0", "None", "None"),
    }


def test_another_clip_of_the_same_name_is_computed(make_clip, clip, cache, computed, tmp_path):
    first = cached_flow(clip, cache)
    make_clip(clip, np.zeros((3, 48, 64, 3), np.uint8))
    assert len(cached_flow(clip, cache)) == 2 != len(first)
    moved = tmp_path / "elsewhere" / "clip.mp4"
    moved.parent.mkdir()
    shutil.move(clip, moved)
    cached_flow(moved, cache)
    assert computed == [clip, clip]


def test_a_damaged_file_is_computed_again(clip, cache, computed):
    whole = cached_flow(clip, cache)
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:300])
    np.testing.assert_array_equal(cached_flow(clip, cache), whole)
    file.write_bytes(file.read_bytes()[:300])
    assert compute_flows([clip], cache)[:2] == (1, 0)
    assert len(computed) == 3


def test_a_failed_write_leaves_nothing(clip, cache, monkeypatch):
    def full(*_, **__):
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="no space"):
        compute_flows([clip], cache)
    assert list(cache.iterdir()) == []


def test_a_clip_of_one_frame_has_no_flow(make_clip, cache, tmp_path):
    path = make_clip(tmp_path / "one.mp4", np.zeros((1, 48, 64, 3), np.uint8))
    for _ in range(2):
        assert cached_flow(path, cache).shape == (0, 48, 64, 3)


def test_flows_are_counted_and_go_on_where_they_stopped(make_clip, clip, cache, computed, tmp_path):
    others = [
        make_clip(tmp_path / f"{k}.mp4", np.full((2, 48, 64, 3), k, np.uint8)) for k in range(4)
    ]
    (tmp_path / "empty.mp4").touch()
    bad = [tmp_path / "empty.mp4", tmp_path / "missing.mp4"]
    cached_flow(others[1], cache)
    seen = []
    report = compute_flows(
        [clip, bad[0], *others, bad[1]], cache, 2, on_clip=lambda *each: seen.append(each)
    )
    assert (report.done, report.cached) == (4, 1)
    assert {str(error) for error in report.failed} == {
        f"{bad[0]}: empty file",
        f"{bad[1]}: no such file",
    }
    assert {path for path, error in seen if error is None} == {clip, *others}
    assert {path for path, error in seen if error is not None} == set(bad)
    assert compute_flows([clip, *others], cache)[:2] == (0, 5)
    assert len(computed) == 6  # the empty one was tried


def test_wrong_arguments(clip, cache):
    with pytest.raises(ValueError, match="dis, farneback, tvl1"):
        compute_flows([clip], cache, algorithm="brox")
    with pytest.raises(ValueError, match="workers must be"):
        compute_flows([clip], cache, 0)
    with pytest.raises(ValueError, match="rate must be positive"):
        compute_flows([clip], cache, rate=-1)
    with pytest.raises(MediaError, match="missing.mp4: no such file"):
        cached_flow(cache / "missing.mp4", cache)
    with pytest.raises(MediaError, match="cannot be read"):
        cached_flow(clip.parent, cache)
