"""Files and network streams of video, opened; what is none is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras.errors import MediaError
from lrcn_keras.media.extras import import_video

if TYPE_CHECKING:
    import av


def is_url(source: str | Path) -> bool:
    """Whether a source is on the network."""
    return isinstance(source, str) and "://" in source


def open_video(source: str | Path) -> av.container.InputContainer:
    """Opens a path or a URL.

    Raises:
        MediaError: when it cannot be read or is no video.
    """
    return _open_url(source) if is_url(source) else _open_file(Path(source))


def video_stream(container: av.container.InputContainer, name: str) -> av.VideoStream:
    """The first video stream that is not a cover's picture.

    Raises:
        MediaError: names what has none.
    """
    av = import_video("av")
    covers = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    for stream in container.streams.video:
        if not stream.disposition & covers and stream.codec_context is not None:
            return stream
    raise MediaError(name, "has no video stream")


def _open_file(path: Path) -> av.container.InputContainer:
    av = import_video("av")
    if not path.exists():
        raise MediaError(path, "no such file")
    if path.is_dir():
        raise MediaError(path, "is a folder")
    if path.is_file() and path.stat().st_size == 0:
        raise MediaError(path, "empty file")
    try:
        # A playlist may name other files, and must not make us fetch them from elsewhere.
        options = {"protocol_whitelist": "file"}
        container = av.open(f"file:{os.fspath(path)}", options=options)
    except av.FFmpegError as error:
        raise MediaError(path, _reason(error)) from error
    if container.format.name == "tty":  # FFmpeg shows any text as a film of a terminal
        container.close()
        raise MediaError(path, "not a video")
    return container


def _open_url(url: str) -> av.container.InputContainer:
    av = import_video("av")
    options = {"rtsp_transport": "tcp"} if url.startswith("rtsp") else {}
    try:
        return av.open(url, options=options, timeout=10.0)
    except av.FFmpegError as error:
        raise MediaError(url, f"cannot be opened ({error.strerror})") from error


def _reason(error: Exception) -> str:
    av = import_video("av")
    if isinstance(error, av.InvalidDataError):
        return "not a video, or truncated"
    return f"cannot be read ({error.strerror})"
