import os
import threading
import tracemalloc

import numpy as np
import pytest

from lrcn_keras import MediaError
from lrcn_keras.media import clip_info, iter_frames, read_clip

av = pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")


def numbered(count, height=48, width=64):
    """Frames that tell their number: grey of level 5 * k, a brighter corner at the top left."""
    frames = np.empty((count, height, width, 3), np.uint8)
    frames[:] = 5 * np.arange(count)[:, None, None, None]
    frames[:, : height // 2, : width // 2] += 100
    return frames


def numbers(clip):
    """Which of the numbered frames these are."""
    return np.round(clip[:, -4:, -4:].astype(float).mean((1, 2, 3)) / 5).astype(int).tolist()


@pytest.fixture(scope="module")
def clip(make_clip, tmp_path_factory):
    """30 numbered frames at 10 frames/s."""
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", numbered(30), 10)


def colours(height, width):
    """Four quarters: red, green, blue, white, in reading order."""
    image = np.full((height, width, 3), 255, np.uint8)
    image[: height // 2, : width // 2] = 200, 30, 30
    image[: height // 2, width // 2 :] = 30, 160, 30
    image[height // 2 :, : width // 2] = 30, 30, 200
    return image


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.mov"])
def test_frames_come_whole_and_in_order_from_any_container(make_clip, tmp_path, name):
    frames = np.stack([np.roll(colours(48, 64), 3 * k, axis=1) for k in range(12)])
    path = make_clip(tmp_path / name, frames, options={"qp": "1", "bf": "2"})
    read = read_clip(path)
    assert read.dtype == np.uint8 and read.shape == frames.shape
    assert np.abs(read.astype(int) - frames).max() <= 6  # colour conversion and qp 1
    assert [round(25 * frame.time) for frame in iter_frames(path)] == list(range(12))


def test_b_frames_without_times_keep_their_order(make_clip, tmp_path):
    options = {"codec": "mpeg4", "pixel_format": "yuv420p"}
    options["options"] = {"bf": "2", "qmin": "1", "qmax": "1"}
    path = make_clip(tmp_path / "a.avi", numbered(20), **options)
    assert numbers(read_clip(path)) == list(range(20))
    assert numbers(read_clip(path, rate=12.5)) == list(range(0, 20, 2))


@pytest.mark.parametrize("shape", [(49, 65), (1, 1), (3, 5), (2, 400)])
def test_odd_sizes(make_clip, tmp_path, shape):
    path = make_clip(tmp_path / "odd.mkv", numbered(3, *shape), codec="ffv1", pixel_format="bgr0")
    np.testing.assert_array_equal(read_clip(path), numbered(3, *shape))
    assert read_clip(path, size=(7, 9)).shape == (3, 7, 9, 3)


def test_one_frame(make_clip, tmp_path):
    path = make_clip(tmp_path / "one.mp4", numbered(1))
    for options in ({}, {"rate": 25}, {"count": 1}, {"indices": [0]}):
        assert read_clip(path, **options).shape == (1, 48, 64, 3)
    assert numbers(read_clip(path, count=3)) == [0, 0, 0]


def test_grey_is_the_luma_at_full_range(make_clip, tmp_path):
    path = make_clip(tmp_path / "a.mp4", np.stack([colours(48, 64)] * 2))
    grey = read_clip(path, grey=True)
    assert grey.shape == (2, 48, 64, 1)
    luma = colours(48, 64) @ [0.299, 0.587, 0.114]
    assert np.abs(grey[0, ..., 0] - luma).max() <= 4
    assert grey.max() >= 254


def test_frames_are_stretched_as_by_averaging_areas(make_clip, tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (2, 48, 64, 3)).astype(np.uint8)
    path = make_clip(tmp_path / "noise.mkv", frames, codec="ffv1", pixel_format="bgr0")
    areas = frames.reshape(2, 12, 4, 32, 2, 3).mean((2, 4))
    assert np.abs(read_clip(path, size=(12, 32)) - areas).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("rotation", [0, 90, 180, -90])
def test_a_turned_clip_is_upright(make_clip, tmp_path, rotation):
    upright = colours(48, 64)
    stored = np.rot90(upright, -rotation // 90)  # to be turned counter-clockwise again
    path = make_clip(tmp_path / "turned.mp4", np.stack([stored] * 2), rotation=rotation)
    (read, _) = read_clip(path)
    assert read.shape == upright.shape
    assert np.abs(read.astype(int) - upright).max() <= 6
    assert clip_info(path)[:2] == (64, 48)
    assert clip_info(path).rotation == rotation % 360


def test_clip_info_says_what_the_file_says(make_clip, clip, tmp_path):
    info = clip_info(clip)
    assert info == (64, 48, 10.0, 30, 3.0, 0)
    assert clip_info(make_clip(tmp_path / "a.mkv", numbered(5), 10)).frames is None


def test_a_rate_takes_what_is_on_screen(clip):
    assert numbers(read_clip(clip, rate=10)) == list(range(30))
    assert numbers(read_clip(clip, rate=5)) == list(range(0, 30, 2))
    assert numbers(read_clip(clip, rate=4)) == [0, 2, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27]
    assert numbers(read_clip(clip, rate=20)) == [k // 2 for k in range(60)]


@pytest.mark.parametrize("rate", [24, 30, 60])
@pytest.mark.parametrize("container", ["mkv", "mp4", "ts"])
def test_rounded_times_double_and_drop_no_frame(make_clip, tmp_path, rate, container):
    """Matroska's times are whole milliseconds: 33, 67, 100."""
    path = make_clip(tmp_path / f"a.{container}", numbered(30), rate)
    assert numbers(read_clip(path, rate=rate)) == list(range(30))
    assert numbers(read_clip(path, rate=rate / 2)) == list(range(0, 30, 2))


def test_a_variable_frame_rate_is_sampled_by_time(make_clip, tmp_path):
    times = [0, 0.1, 0.2, 1.0, 1.5, 3.0]
    path = make_clip(tmp_path / "variable.mkv", numbered(6), times=times)
    assert [frame.time for frame in iter_frames(path)] == pytest.approx(times, abs=1e-3)
    assert numbers(read_clip(path)) == [0, 1, 2, 3, 4, 5]
    # 0, 0.5, ..., 3.0
    assert numbers(read_clip(path, rate=2)) == [0, 2, 3, 4, 4, 4, 5]
    assert numbers(read_clip(path, start=0.9, duration=1)) == [3, 4]


def test_indices_in_any_order(clip):
    assert numbers(read_clip(clip, indices=[7, 0, 29, 7])) == [7, 0, 29, 7]
    with pytest.raises(MediaError, match="clip.mp4: has 30 frames, frame 30 was asked for"):
        read_clip(clip, indices=[3, 30])


def test_a_count_takes_the_middles_of_equal_parts(clip):
    assert numbers(read_clip(clip, count=5)) == [3, 9, 15, 21, 27]
    assert numbers(read_clip(clip, count=30)) == list(range(30))
    assert numbers(read_clip(clip, count=2, start=1, duration=1)) == [12, 17]


@pytest.mark.parametrize("container", ["mp4", "mkv", "avi", "ts", "h264"])
def test_a_part_is_the_same_whether_the_file_can_be_jumped_in_or_not(
    make_clip, tmp_path, container
):
    options = {"g": "8", "qp": "1", "bf": "0" if container == "h264" else "2"}
    path = make_clip(tmp_path / f"a.{container}", numbered(30), options=options)
    assert numbers(read_clip(path, start=0.8, duration=0.2)) == [20, 21, 22, 23, 24]
    assert numbers(read_clip(path, start=0.8, rate=12.5)) == [20, 22, 24, 26, 28]


def test_frames_one_by_one_are_those_of_the_whole_clip(clip):
    for options in ({}, {"rate": 4}, {"size": (24, 20)}, {"grey": True}):
        frames = list(iter_frames(clip, **options))
        np.testing.assert_array_equal(
            np.stack([frame.image for frame in frames]), read_clip(clip, **options)
        )
        assert [frame.index for frame in frames] == list(range(len(frames)))
        assert [frame.time for frame in frames] == pytest.approx(
            [k / options.get("rate", 10) for k in range(len(frames))]
        )


def test_a_long_video_is_read_in_bounded_memory(make_clip, tmp_path):
    frames = np.broadcast_to(numbered(40, 128, 128), (40, 128, 128, 3))
    path = make_clip(tmp_path / "long.mp4", np.tile(frames, (15, 1, 1, 1)))  # 29 MB decoded
    tracemalloc.start()
    count = sum(1 for _ in iter_frames(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 600
    assert peak < 2e6


def test_left_early_a_video_is_closed(clip):
    frames = iter_frames(clip)
    next(frames)
    open_files = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else None
    frames.close()
    if open_files:
        assert len(os.listdir("/proc/self/fd")) < open_files


def audio(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.mp4", "no such file"),
        ("empty.mp4", "empty file"),
        ("folder.mp4", "is a folder"),
        ("sound.wav", "has no video stream"),
        ("notes.txt", "not a video"),
        ("text.mp4", "not a video, or truncated"),
        ("noise.mp4", "not a video, or truncated"),
        ("cut.mp4", "not a video, or truncated"),
        ("headonly.mp4", "no frame can be decoded"),
    ],
)
def test_what_cannot_be_read_is_named(make_clip, tmp_path, name, reason):
    path = tmp_path / name
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    audio(tmp_path / "sound.wav")
    for text in ("notes.txt", "text.mp4"):
        (tmp_path / text).write_text("nothing to see\n" * 100)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(4000))
    whole = make_clip(tmp_path / "whole.mp4", numbered(30)).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # the index was at the end
    fast = {"movflags": "faststart"}
    whole = make_clip(tmp_path / "fast.mp4", numbered(30), container_options=fast).read_bytes()
    (tmp_path / "headonly.mp4").write_bytes(whole[: whole.index(b"mdat") + 4])
    for read in (read_clip, clip_info, lambda path: list(iter_frames(path))):
        with pytest.raises(MediaError, match=reason) as error:
            read(path)
        assert error.value.file == str(path)


def noisy(count):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, 48, 64, 3)).astype(np.uint8)


@pytest.mark.parametrize("container", ["mp4", "avi", "mkv", "ts"])
def test_of_a_truncated_clip_the_frames_that_are_there(make_clip, tmp_path, container):
    fast = {"movflags": "faststart"} if container == "mp4" else {}
    path = make_clip(tmp_path / f"a.{container}", noisy(40), container_options=fast)
    whole, frames = path.read_bytes(), read_clip(path)
    path.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.warns(UserWarning, match=rf"a\.{container}: damaged: \d+ frames could be read"):
        read = read_clip(path)
    if container != "ts":  # which has no length that could disagree
        with pytest.warns(UserWarning, match="missing"):
            assert len(list(iter_frames(path))) == len(read)
        with pytest.warns(UserWarning, match="missing"):
            assert len(read_clip(path, count=4)) == 4
    assert 20 <= len(read) <= 26
    np.testing.assert_array_equal(read[:20], frames[:20])


@pytest.mark.parametrize("container", ["mp4", "avi", "mkv"])
def test_of_a_clip_damaged_in_the_middle_the_other_frames(make_clip, tmp_path, container):
    path = make_clip(tmp_path / f"a.{container}", noisy(40), options={"qp": "1", "g": "5"})
    data, frames = bytearray(path.read_bytes()), read_clip(path)
    middle = len(data) // 2
    data[middle : middle + 20_000] = bytes(20_000)
    path.write_bytes(data)
    with pytest.warns(UserWarning, match=rf"a\.{container}: damaged: \d+ frames could be read"):
        read = read_clip(path)
    assert 25 <= len(read) < 40
    np.testing.assert_array_equal(read[:10], frames[:10])
    np.testing.assert_array_equal(read[-10:], frames[-10:])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 5, "count": 3}, "at most one of"),
        ({"rate": 0}, "rate must be positive"),
        ({"rate": float("nan")}, "rate must be positive"),
        ({"count": 0}, "count must be at least 1"),
        ({"indices": []}, "indices must be some"),
        ({"indices": [-1]}, "not negative"),
        ({"indices": [1], "start": 1}, "neither start nor duration"),
        ({"size": (0, 5)}, "size must be"),
        ({"start": -1}, "start must not be negative"),
        ({"start": 9}, "has no frame from 9 s on"),
    ],
)
def test_wrong_arguments(clip, options, message):
    with pytest.raises(ValueError, match=message):
        read_clip(clip, **options)


def test_names_of_any_kind(make_clip, tmp_path):
    make_clip(tmp_path / "a.mp4", numbered(2))
    for name in ("http:a%03d.mp4", "été 1*?.mp4", "concat:x.mp4", os.fsdecode(b"odd\xff.mp4")):
        os.link(tmp_path / "a.mp4", tmp_path / name)
        assert len(read_clip(tmp_path / name)) == 2


def test_clips_are_read_in_threads(clip):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(numbers(read_clip(clip)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [list(range(30))] * 8
