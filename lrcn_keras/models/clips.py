"""Clips as the recognizers see them: read in pieces, cut, cropped, mirrored."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.models.augmentation import Augmentation

CHANNELS = {"rgb": 3, "flow": 3, "grey": 1, "thermal": 1}  # modality: channels of a frame

_CHUNK = 64  # frames of a video in memory at a time


def mirrored(frames: np.ndarray, modality: str) -> np.ndarray:
    """Mirror frames (..., H, W, C) left to right; in flow images motion turns round as well."""
    if modality != "flow":
        return frames[..., ::-1, :]
    from lrcn_keras.media import mirror_flow

    return mirror_flow(frames)


def centre(frames, size: int):
    """Crop the centre (..., size, size, C) of frames (..., H, W, C), arrays or tensors."""
    y, x = (frames.shape[-3] - size) // 2, (frames.shape[-2] - size) // 2
    if min(y, x) < 0:
        raise ValueError(
            f"Frames must be at least {size}x{size}, got {frames.shape[-3]}x{frames.shape[-2]}."
        )
    return frames[..., y : y + size, x : x + size, :]


def cut(steps: np.ndarray, length: int | None, draw: float) -> np.ndarray:
    """Cut ``length`` steps out of (T, ...), the place given by a draw in [0, 1); or take all."""
    if length is None or len(steps) <= length:
        return steps
    start = int(draw * (len(steps) - length + 1))
    return steps[start : start + length]


def clip_view(
    clip: np.ndarray,
    draws: np.ndarray | None,
    *,
    clip_length: int | None,
    image_size: int,
    modality: str,
    augmentation: Augmentation,
) -> np.ndarray:
    """Look at a clip as training does, or, without draws, at the centre of all its frames.

    Place, crop and flip are independent of each other and the same for all frames.

    Args:
        clip: (T, H, W, C).
        draws: (4,) in [0, 1): where the frames start, the crop's row and column, and whether to
            mirror; together they decide how else the clip is varied.
        clip_length: frames to take; None for all.
        image_size: height and width of the crop in pixels.
        modality: the clip's.
        augmentation: how it may be varied.

    Returns:
        (t, image_size, image_size, C).
    """
    if draws is None:
        return centre(clip, image_size)
    clip = cut(clip, clip_length, draws[0])
    spare = np.array(clip.shape[1:3]) - image_size
    y, x = (draws[1:3] * (spare + 1)).astype(int)
    clip = clip[:, y : y + image_size, x : x + image_size]
    if augmentation.mirror and draws[3] < 0.5:
        clip = mirrored(clip, modality)
    return augmentation.vary(clip, np.random.default_rng(draws.view(np.uint32)))


def feature_view(
    views: np.ndarray, draws: np.ndarray | None, *, clip_length: int | None
) -> np.ndarray:
    """Look at a clip's features (views, T, F) as training does, or at all of the first view."""
    if draws is None:
        return views[0]
    return cut(views[int(draws[3] * len(views))], clip_length, draws[0])


def read_chunks(
    clip: str | Path | np.ndarray, modality: str, size: tuple[int, int] | None, rate: float | None
) -> Iterator[np.ndarray]:
    """Read a clip piece by piece, however long it is.

    Args:
        clip: a path, or an array (T, H, W, C) of the modality.
        modality: what to make of it; of a video ``flow`` is computed.
        size: height and width that frames are stretched to, in pixels; None leaves a video's.
        rate: frames/s at which a video is looked at; None for its own.

    Yields:
        (t, *size, C), t at most 64.

    Raises:
        ValueError: for an array of another shape, or a path for ``thermal``.
        MediaError: for a video that cannot be read, or is too short.
    """
    if isinstance(clip, str | Path):
        yield from _stacked(video_frames(clip, modality, size, rate), clip)
        return
    clip = np.asarray(clip)
    if clip.ndim != 4 or clip.shape[-1] != CHANNELS[modality]:
        raise ValueError(
            f"A {modality} clip has shape (T, H, W, {CHANNELS[modality]}), got {clip.shape}."
        )
    for start in range(0, len(clip), _CHUNK):
        yield resized(clip[start : start + _CHUNK], size)


def resized(frames: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Stretch frames (T, H, W, C) to a height and width in pixels."""
    if frames.shape[1:3] == tuple(size):
        return frames
    from lrcn_keras.media.resize import resize

    return np.stack([resize(frame, tuple(size)) for frame in frames])


def video_frames(
    path: str | Path, modality: str, size: tuple[int, int] | None, rate: float | None
) -> Iterator[np.ndarray]:
    """Read a video frame by frame, (H, W, C) uint8; arguments as for `read_chunks`."""
    from lrcn_keras.media import iter_frames

    if modality == "thermal":
        raise ValueError(f"A thermal clip is an array of degrees Celsius, got the file {path}.")
    frames = iter_frames(path, size=size, rate=rate, grey=modality == "grey")
    if modality != "flow":
        yield from (frame.image for frame in frames)
        return
    from lrcn_keras.media import FlowStream

    stream = FlowStream()
    for frame in frames:
        flow = stream(frame.image)
        if flow is not None:
            yield flow


def _stacked(images: Iterable[np.ndarray], path) -> Iterator[np.ndarray]:
    held, empty = [], True
    for image in images:
        held.append(image)
        if len(held) == _CHUNK:
            yield np.stack(held)
            held, empty = [], False
    if held:
        yield np.stack(held)
    elif empty:
        raise MediaError(path, "too few frames")
