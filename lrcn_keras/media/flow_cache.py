"""Flow images of clips, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.media.flow import SCALE, FlowStream
from lrcn_keras.media.video import iter_frames

_FORMAT = 1  # to be raised when the same settings give other images


class FlowReport(NamedTuple):
    """What became of the clips whose flow was to be computed.

    Attributes:
        done: how many were computed.
        cached: how many were there already.
        failed: an error for each of the others, which names it.
    """

    done: int
    cached: int
    failed: list[MediaError]


def cached_flow(
    path: str | Path,
    cache_dir: str | Path,
    *,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
    algorithm: str = "dis",
    scale: float = SCALE,
) -> np.ndarray:
    """Gives a clip's flow images, from the cache where it has them.

    Each has a compressed NumPy archive there, with `flow` and `settings`: JSON of all arguments and
    the clip's SHA-256. Another clip of the same name or another setting has a file of its own.

    Args:
        path: the clip.
        cache_dir: folder for the cache; it is made where missing.
        size: height and width to which frames are stretched first, in pixels.
        rate: frames per second that are looked at; None: all.
        algorithm: "dis", "farneback" or "tvl1", as for `optical_flow`.
        scale: levels a pixel of motion.

    Returns:
        uint8 of shape (T - 1, H, W, 3), as `flow_images` gives.

    Raises:
        ValueError: for a setting out of range.
        MediaError: names the clip and says what is wrong with it.
    """
    settings = _settings(path, size, rate, algorithm, scale)
    file = _file(Path(path), Path(cache_dir), settings)
    images = _load(file)
    if images is None:
        images = _compute(path, size, rate, FlowStream(algorithm, scale))
        _save(file, images, settings)
    return images


def compute_flows(
    paths: Iterable[str | Path],
    cache_dir: str | Path,
    workers: int | None = None,
    *,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
    algorithm: str = "dis",
    scale: float = SCALE,
    on_clip: Callable[[Path, MediaError | None], None] | None = None,
) -> FlowReport:
    """Fills the cache of `cached_flow`, several clips at a time.

    Interrupted, the same call goes on with the clips that are missing.

    Args:
        paths: the clips.
        cache_dir: folder for the cache; it is made where missing.
        workers: how many clips at a time; None: as many as there are cores.
        size: as for `cached_flow`, like all that follow.
        rate: frames per second that are looked at.
        algorithm: how flow is found.
        scale: levels a pixel of motion.
        on_clip: called after every clip with its path, and the error if it has one.

    Returns:
        How many were computed, and which failed; a bad clip stops none of the others.

    Raises:
        ValueError: for a setting out of range.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    FlowStream(algorithm, scale)  # a wrong setting is said once, not for each clip
    cache_dir = Path(cache_dir)

    def compute(path: Path) -> bool:
        settings = _settings(path, size, rate, algorithm, scale)
        file = _file(path, cache_dir, settings)
        if zipfile.is_zipfile(file):
            return False
        _save(file, _compute(path, size, rate, FlowStream(algorithm, scale)), settings)
        return True

    done = cached = 0
    failed = []
    pool = ThreadPoolExecutor(workers or os.cpu_count())  # FFmpeg and OpenCV release the GIL
    try:
        clips = {pool.submit(compute, Path(path)): Path(path) for path in paths}
        for clip in as_completed(clips):
            error = None
            try:
                computed = clip.result()
                done, cached = done + computed, cached + (not computed)
            except MediaError as raised:
                error = raised
                failed.append(error)
            if on_clip is not None:
                on_clip(clips[clip], error)
    finally:
        pool.shutdown(cancel_futures=True)
    return FlowReport(done, cached, failed)


def _settings(
    path: str | Path,
    size: tuple[int, int] | None,
    rate: float | None,
    algorithm: str,
    scale: float,
) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "algorithm": algorithm,
        "scale": float(scale),
        "size": None if size is None else [int(side) for side in size],
        "rate": None if rate is None else float(rate),
        "sha256": _hash(Path(path)),
    }


def _hash(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
    except FileNotFoundError as error:
        raise MediaError(path, "no such file") from error
    except OSError as error:
        raise MediaError(path, f"cannot be read ({error.strerror})") from error
    return digest.hexdigest()


def _file(path: Path, cache_dir: Path, settings: dict[str, Any]) -> Path:
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    stem = path.stem.encode("utf-8", "replace").decode("utf-8")[:100]
    return cache_dir / f"{stem}-{key[:16]}.npz"


def _compute(
    path: str | Path, size: tuple[int, int] | None, rate: float | None, stream: FlowStream
) -> np.ndarray:
    images, shape = [], (0, 0)
    for frame in iter_frames(path, size=size, rate=rate):
        shape = frame.image.shape[:2]
        image = stream(frame.image)
        if image is not None:
            images.append(image)
    return np.stack(images) if images else np.empty((0, *shape, 3), np.uint8)


def _load(file: Path) -> np.ndarray | None:
    try:
        with open(file, "rb") as opened, np.load(opened, allow_pickle=False) as archive:
            return archive["flow"]
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None  # missing or damaged: computed again


def _save(file: Path, images: np.ndarray, settings: dict[str, Any]) -> None:
    """Another process sees the whole file or none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(suffix=".part", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            np.savez_compressed(opened, flow=images, settings=json.dumps(settings))
        os.replace(part, file)
    except BaseException:
        os.unlink(part)
        raise
