"""Frames to a video file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.media.extras import import_video
from lrcn_keras.media.resize import check_size


class VideoWriter:
    """Writes H.264 that every player shows; a context manager.

    Args:
        path: the ending says which container: ".mp4", ".mkv", ".mov".
        rate: frames per second.
        size: height and width of the frames, in pixels. An odd side loses its last row or column:
            players want even ones.

    Raises:
        ValueError: for a size or rate that is not positive.
        MediaError: when the file cannot be written.
    """

    def __init__(self, path: str | Path, rate: float, size: tuple[int, int]):
        check_size(size)
        if not 0 < rate <= 1000:
            raise ValueError(f"rate must be in (0, 1000] frames per second, got {rate}")
        if min(size) < 2:
            raise ValueError(f"A video must have at least 2 x 2 pixels, got {size}")
        av = import_video("av")
        self.path = Path(path)
        self.size = tuple(size)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._container = av.open(f"file:{self.path}", "w")
        except (av.FFmpegError, ValueError) as error:
            raise _unwritable(path, error) from error
        options = {"preset": "veryfast", "crf": "20"}
        rate = Fraction(rate).limit_denominator(1001)
        self._stream = self._container.add_stream("libx264", rate=rate, options=options)
        self._stream.height, self._stream.width = (side // 2 * 2 for side in size)
        self._stream.pix_fmt = "yuv420p"

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def write(self, frame: np.ndarray) -> None:
        """Adds a frame.

        Args:
            frame: RGB uint8 of shape (*size, 3).

        Raises:
            ValueError: for a frame of another shape or type.
            MediaError: when the file cannot be written, which FFmpeg finds out at the first frame.
        """
        if frame.dtype != np.uint8 or frame.shape != (*self.size, 3):
            raise ValueError(
                f"A frame must be uint8 of shape {(*self.size, 3)}, got {frame.dtype} {frame.shape}"
            )
        even = np.ascontiguousarray(frame[: self._stream.height, : self._stream.width])
        av = import_video("av")
        picture = av.VideoFrame.from_ndarray(even, format="rgb24")
        try:
            self._container.mux(self._stream.encode(picture))
        except av.FFmpegError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Writes what is left; the file is whole only then.

        Raises:
            MediaError: when the file cannot be written.
        """
        if self._container is None:
            return
        container, self._container = self._container, None
        try:
            try:
                container.mux(self._stream.encode(None))
            finally:
                container.close()
        except import_video("av").FFmpegError as error:
            raise _unwritable(self.path, error) from error


def _unwritable(path: str | Path, error: Exception) -> MediaError:
    return MediaError(path, f"cannot be written ({getattr(error, 'strerror', None) or error})")
