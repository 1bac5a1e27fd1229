"""The frames of a clip, in whatever form a data set has it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from lrcn_keras.media import clip_info, read_clip
from lrcn_keras.media.resize import resize


class ClipPart(NamedTuple):
    """A part of a longer video.

    Attributes:
        path: the video.
        first: its first frame, counted from 0.
        last: its last frame, which belongs to it.
    """

    path: str
    first: int
    last: int


Clip = str | ClipPart | np.ndarray


def as_clip(clip: str | Path | ClipPart | np.ndarray | None) -> Clip | None:
    """Makes a path a text, and leaves what a clip may be otherwise."""
    return clip if clip is None or isinstance(clip, np.ndarray | ClipPart) else str(clip)


def read_frames(
    clip: Clip,
    size: tuple[int, int] | None,
    *,
    rate: float | None = None,
    count: int | None = None,
    grey: bool = False,
) -> np.ndarray:
    """Reads a clip.

    Args:
        clip: path, part of a video, or frames (T, H, W, C).
        size: (H, W) to which frames are stretched; None leaves them.
        rate: frames/s at which a video is read; arrays are read as they are.
        count: how many frames, from the middle of as many equal parts, instead of a rate.
        grey: whether to give a video's brightness instead of RGB.

    Returns:
        (T, H, W, C) uint8, or of an array's own type.

    Raises:
        MediaError: when the video cannot be read; it names the file.
    """
    if isinstance(clip, np.ndarray):
        if count is not None:
            clip = clip[(np.arange(count) * 2 + 1) * len(clip) // (2 * count)]
        return clip if size is None else np.stack([resize(frame, size) for frame in clip])
    part = {}
    if isinstance(clip, ClipPart):
        own = clip_info(clip.path).rate
        part = {"start": clip.first / own, "duration": (clip.last + 1 - clip.first) / own}
        clip = clip.path
    rate = rate if count is None else None
    return read_clip(clip, size=size, rate=rate, count=count, grey=grey, **part)
