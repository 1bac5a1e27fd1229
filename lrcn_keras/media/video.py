"""Clips as arrays, and long or live videos frame by frame."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from itertools import count as count_up
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.media.camera import camera_frames
from lrcn_keras.media.resize import check_size, resize
from lrcn_keras.media.video_file import VideoFile, pixels

if TYPE_CHECKING:
    import av


class Frame(NamedTuple):
    """An image of a video.

    Attributes:
        index: which frame it is, from 0, of those asked for.
        time: seconds since the video's first frame.
        image: uint8 of shape (H, W, C).
    """

    index: int
    time: float
    image: np.ndarray


class ClipInfo(NamedTuple):
    """What a file says of its video.

    Attributes:
        width: of the upright picture, in pixels.
        height: of the upright picture, in pixels.
        rate: frames per second, on average.
        frames: how many there are, None where the file does not say.
        duration: seconds, None where the file does not say.
        rotation: degrees counter-clockwise by which the stored picture is turned to be upright.
    """

    width: int
    height: int
    rate: float
    frames: int | None
    duration: float | None
    rotation: int


def clip_info(path: str | Path) -> ClipInfo:
    """Says how large, how fast and how long a video is, decoding its first frame only.

    Args:
        path: a file of any kind that FFmpeg reads.

    Raises:
        MediaError: names the file and says what is wrong with it.
    """
    with VideoFile(path) as video:
        _, frame = next(video.frames())
        rotation = round(frame.rotation / 90) % 4 * 90
        sides = (frame.height, frame.width) if rotation % 180 else (frame.width, frame.height)
        return ClipInfo(*sides, video.rate, video.stream.frames or None, video.duration, rotation)


def read_clip(
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
    indices: Sequence[int] | None = None,
    count: int | None = None,
    start: float = 0.0,
    duration: float | None = None,
    grey: bool = False,
) -> np.ndarray:
    """Reads a clip's frames in the order of presentation, upright.

    Of a damaged file the frames that can be had are returned, with a warning that counts them.

    Args:
        path: a file of any kind that FFmpeg reads.
        size: height and width to which frames are stretched, in pixels; None keeps the clip's own.
        rate: frames per second: those on screen at `start`, `start + 1 / rate`, ...; a frame that
            stays longer is repeated.
        indices: which frames, counted from 0, in any order.
        count: how many frames, those on screen in the middle of as many equal parts.
        start: where the part to read begins, in seconds from the first frame.
        duration: how long it is, in seconds; None: to the end.
        grey: whether to give brightness instead of RGB.

    Returns:
        uint8 of shape (T, H, W, 3), or (T, H, W, 1) when grey.

    Raises:
        ValueError: when more than one of rate, indices and count is given, or one is out of range.
        MediaError: names the file and says what is wrong with it.
    """
    _check(size, rate, start, duration)
    if sum(each is not None for each in (rate, indices, count)) > 1:
        raise ValueError("Give at most one of rate, indices and count")
    if indices is not None and (start or duration is not None):
        raise ValueError("indices count from the first frame: give neither start nor duration")
    if count is not None and count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    with VideoFile(path) as video:
        stop = np.inf if duration is None else start + duration
        if indices is not None:
            chosen = _at_indices(video, indices)
        elif count is not None:
            stop = min(stop, max(video.end(), start))
            times = [start + (part + 0.5) * (stop - start) / count for part in range(count)]
            chosen = (frame for _, frame in _on_screen(video, times, start, hold=True))
        elif rate is not None:
            chosen = (frame for _, frame in _on_screen(video, _ticks(rate, start, stop), start))
        else:
            chosen = (frame for _, frame in _between(video, start, stop))
        images = _images(chosen, size, grey)
        clip = list(images)
        _warn_of_damage(video)
    if not clip:
        raise MediaError(path, f"has no frame from {start:g} s on")
    if indices is None:
        return np.stack(clip)
    places = {index: place for place, index in enumerate(sorted(set(indices)))}
    return np.stack([clip[places[index]] for index in indices])


def iter_frames(
    source: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
    grey: bool = False,
) -> Iterator[Frame]:
    """Gives a video's frames one by one, however long it is; a few are in memory at a time.

    Args:
        source: a file, "camera:0" (the first camera), or a URL such as "rtsp://host/stream".
        size: height and width to which frames are stretched, in pixels; None keeps their own.
        rate: frames per second. Of a file those on screen at 0, 1 / rate, ...; of a live source at
            most so many, each as it comes.
        grey: whether to give brightness instead of RGB.

    Yields:
        Frames with their times; a damaged file or a broken connection ends with a warning.

    Raises:
        ValueError: for a size or rate that is not positive.
        MediaError: names the source and says what is wrong with it.
    """
    _check(size, rate)
    if isinstance(source, str) and source.startswith("camera:"):
        images = camera_frames(source, size, grey)
        frames = images if rate is None else _thinned(images, rate)
        yield from (Frame(index, *each) for index, each in enumerate(frames))
        return
    with VideoFile(source) as video:
        if rate is None:
            frames = video.frames()
        elif video.live:
            frames = _thinned(video.frames(), rate)
        else:
            frames = _on_screen(video, _ticks(rate, 0.0, np.inf), 0.0)
        for index, (time, frame) in enumerate(frames):
            if size is None:
                size = pixels(frame, grey).shape[:2]  # later frames of a stream may differ
            yield Frame(index, time, resize(pixels(frame, grey), size))
        _warn_of_damage(video)


def _check(
    size: tuple[int, int] | None,
    rate: float | None,
    start: float = 0.0,
    duration: float | None = None,
) -> None:
    check_size(size)
    if rate is not None and not rate > 0:
        raise ValueError(f"rate must be positive, in frames per second, got {rate}")
    if start < 0 or (duration is not None and not duration > 0):
        raise ValueError(
            f"start must not be negative and duration positive, got {start} and {duration}"
        )


def _images(
    frames: Iterable[av.VideoFrame], size: tuple[int, int] | None, grey: bool
) -> Iterator[np.ndarray]:
    for frame in frames:
        image = pixels(frame, grey)
        size = size or image.shape[:2]  # later frames of a stream may differ
        yield resize(image, size)


def _ticks(rate: float, start: float, stop: float) -> Iterator[float]:
    for tick in count_up():
        time = start + tick / rate
        if time > stop - 1e-9:
            return
        yield time


def _on_screen(
    video: VideoFile, times: Iterable[float], start: float, hold: bool = False
) -> Iterator[tuple[float, av.VideoFrame]]:
    """The frame seen at each time; after the last one's end, that one, if `hold`."""
    times = iter(times)
    wanted = next(times, None)
    seen, shown = 0.0, None
    for time, frame in video.frames(start):
        while shown is not None and wanted is not None and wanted < time - video.tolerance:
            yield wanted, shown
            wanted = next(times, None)
        if wanted is None:
            return
        seen, shown = time, frame
    end = np.inf if hold else seen + 1 / video.rate
    while wanted is not None and wanted < end - video.tolerance:
        yield wanted, shown
        wanted = next(times, None)


def _between(video: VideoFile, start: float, stop: float) -> Iterator[tuple[float, av.VideoFrame]]:
    for time, frame in video.frames(start):
        if time >= stop - video.tolerance:
            return
        if time >= start - video.tolerance:
            yield time, frame


def _at_indices(video: VideoFile, indices: Sequence[int]) -> Iterator[av.VideoFrame]:
    if not len(indices) or min(indices) < 0:
        raise ValueError(f"indices must be some, and not negative, got {list(indices)}")
    wanted, last = set(indices), max(indices)
    index = -1
    for index, (_, frame) in enumerate(video.frames()):
        if index in wanted:
            yield frame
        if index == last:
            return
    raise MediaError(video.name, f"has {index + 1} frames, frame {last} was asked for")


def _thinned(frames: Iterator[tuple[float, object]], rate: float) -> Iterator[tuple[float, object]]:
    """At most `rate` of a live source's frames a second, without waiting for a later one."""
    due = 0.0
    for time, frame in frames:
        if time >= due - 1e-3:
            yield time, frame
            due = max(due + 1 / rate, time)


def _warn_of_damage(video: VideoFile) -> None:
    damage = video.damage()
    if damage:
        warnings.warn(f"{video.name}: {damage}", stacklevel=3)
