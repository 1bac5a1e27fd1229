"""A video's frames with their times, out of whatever FFmpeg reads, damaged files included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.media.extras import import_video
from lrcn_keras.media.video_open import is_url, open_video, video_stream

if TYPE_CHECKING:
    import av

_DEFAULT_RATE = 25.0  # for files that do not say theirs, as FFmpeg assumes


class VideoFile:
    """The first video stream of a file or of a network stream; a context manager.

    Args:
        source: path, or URL ("rtsp://...") of a live stream.

    Raises:
        MediaError: when there is no such file, it is no video or has no video stream.
    """

    def __init__(self, source: str | Path):
        self.name = str(source)
        self.live = is_url(source)
        self._container = open_video(source)
        try:
            self._stream = video_stream(self._container, self.name)
        except BaseException:
            self.close()
            raise
        # Threads by frame are faster, and late by as many frames as there are threads.
        self._stream.thread_type = "SLICE" if self.live else "AUTO"
        self._first = float("inf")  # the earliest packet's time, in seconds
        self._readable_end = 0.0
        self._at_end = False
        self._count = self._marred = self._lost = 0
        self._stopped_by: str | None = None

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._container.close()

    @property
    def stream(self) -> av.VideoStream:
        """PyAV's stream."""
        return self._stream

    @property
    def rate(self) -> float:
        """Frames per second, on average."""
        return float(self._stream.average_rate or self._stream.guessed_rate or _DEFAULT_RATE)

    @property
    def duration(self) -> float | None:
        """Seconds, as the file says; None where it does not."""
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        duration = self._container.duration
        return duration / 1e6 if duration else None

    @property
    def tolerance(self) -> float:
        """Seconds by which times may be off: some containers round them to milliseconds."""
        return min(1e-3, 0.1 / self.rate)

    def frames(self, start: float = 0.0) -> Iterator[tuple[float, av.VideoFrame]]:
        """Decodes in the order of presentation, holding a few frames at a time.

        Args:
            start: seconds; frames that end before are left out where the file allows to jump.

        Yields:
            Seconds since the first frame, and the frame.

        Raises:
            MediaError: when not one frame can be decoded.
        """
        for time, frame in self._from(start):
            if time >= start - self.tolerance:
                self._count += 1
                self._marred += frame.is_corrupt
            yield time, frame

    def end(self) -> float:
        """Looks through the file, decoding nothing: seconds from its first frame to its end."""
        packets = sum(bool(packet.size) for packet in self._packets())
        self._rewind()
        return self._readable_end or packets / self.rate

    def damage(self) -> str | None:
        """What was wrong with the frames decoded so far, None if nothing was."""
        parts = []
        if self._marred:
            parts.append(f"{self._marred} of them damaged")
        if self._lost:
            parts.append(f"{self._lost} could not")
        expected = self.duration or 0.0
        if self._container.format.name == "avi":  # FFmpeg shortens the duration to what is there
            expected = max(expected, self._stream.frames / self.rate)
        missing = expected - self._readable_end
        if self._at_end and missing > max(2 / self.rate, 0.05 * expected):
            parts.append(f"about {round(missing * self.rate)} are missing at the end")
        if self._stopped_by:
            parts.append(f"reading stopped ({self._stopped_by})")
        return f"damaged: {self._count} frames could be read, {', '.join(parts)}" if parts else None

    def _packets(self) -> Iterator[av.Packet]:
        error_type = import_video("av").FFmpegError
        try:
            for packet in self._container.demux(self._stream):
                if packet.pts is not None and packet.size and not packet.is_corrupt:
                    time = float(packet.pts * packet.time_base)
                    end = time + float((packet.duration or 0) * packet.time_base)
                    self._first = min(self._first, time)
                    self._readable_end = max(self._readable_end, end - self._first)
                yield packet
        except error_type as error:
            self._stopped_by = error.strerror
        self._at_end = self._readable_end > 0 and not self.live

    def _decode(self) -> Iterator[av.VideoFrame]:
        error_type = import_video("av").FFmpegError
        for packet in self._packets():
            try:
                frames = packet.decode()
            except error_type:
                self._lost += 1
                continue
            yield from frames

    def _from(self, start: float) -> Iterator[tuple[float, av.VideoFrame]]:
        decoded = self._decode()
        first = next(decoded, None)
        if first is None:
            raise MediaError(self.name, "no frame can be decoded")
        origin = self._seconds(first)
        if start > 0 and origin is not None and not self.live:
            frames = self._jump(origin, start)
            if frames is not None:
                yield from frames
                return
            self._rewind()
            decoded = self._decode()
        else:
            yield 0.0, first
        yield from self._timed(decoded, origin)

    def _timed(
        self, decoded: Iterator[av.VideoFrame], origin: float | None, last: float = 0.0
    ) -> Iterator[tuple[float, av.VideoFrame]]:
        step = 1 / self.rate
        for frame in decoded:
            time = self._seconds(frame)
            # Streams without times, and those that were put together and start again in the middle.
            time = last + step if time is None or origin is None else time - origin
            last = time if time > last else last + step
            yield last, frame

    def _jump(self, origin: float, start: float) -> Iterator[tuple[float, av.VideoFrame]] | None:
        """Frames from the key frame before `start`, or None where that cannot be done."""
        error_type = import_video("av").FFmpegError
        target = int((origin + start) / self._stream.time_base)
        try:
            self._container.seek(target, stream=self._stream)
            decoded = self._decode()
            first = next(decoded, None)
        except error_type:
            return None
        time = None if first is None else self._seconds(first)
        if time is None or time - origin > start + self.tolerance:
            return None

        def frames() -> Iterator[tuple[float, av.VideoFrame]]:
            yield time - origin, first
            yield from self._timed(decoded, origin, time - origin)

        return frames()

    def _seconds(self, frame: av.VideoFrame) -> float | None:
        times = frame.pts, frame.dts
        # AVI stores the order of decoding alone; FFmpeg's guess at the other is wrong for H.264.
        if self._container.format.name == "avi":
            times = times[::-1]
        time = next((time for time in times if time is not None), None)
        return None if time is None else float(time * frame.time_base)

    def _rewind(self) -> None:
        threads = self._stream.thread_type
        self._container.close()
        self._container = open_video(self.name)
        self._stream = video_stream(self._container, self.name)
        self._stream.thread_type = threads
        self._lost = 0


def pixels(frame: av.VideoFrame, grey: bool = False) -> np.ndarray:
    """The upright image.

    Args:
        frame: of any pixel format.
        grey: whether to keep the brightness alone.

    Returns:
        RGB uint8 of shape (H, W, 3), or (H, W, 1).
    """
    image = frame.to_ndarray(format="gray" if grey else "rgb24")
    if grey:
        image = image[..., None]
    turns = round(frame.rotation / 90) % 4  # counter-clockwise, as rot90's
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
