"""Videos with what was recognized, or said of them, drawn on them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras.media import (
    Frame,
    VideoWriter,
    annotate,
    annotate_sentence,
    clip_info,
    iter_frames,
)

if TYPE_CHECKING:
    import numpy as np

    from lrcn_keras.cli.recognizer import Recognizer
    from lrcn_keras.models import Recognition


class SteadyVideo:
    """Writes frames at a constant rate; a context manager.

    A frame that stays longer is repeated, one too many left out.

    Args:
        path: the video to write.
        rate: its frames a second.
    """

    def __init__(self, path: Path, rate: float):
        self._path = path
        self._rate = rate
        self._writer: VideoWriter | None = None
        self._count = 0  # frames written

    def __enter__(self) -> "SteadyVideo":
        return self

    def __exit__(self, *_) -> None:
        if self._writer is not None:
            self._writer.close()

    def due(self, frame: Frame) -> int:
        """Say how often a frame is to be written, by its time."""
        return max(0, int(frame.time * self._rate + 1.001) - self._count)

    def write(self, image: "np.ndarray", times: int) -> None:
        """Write an image (H, W, 3) so many times."""
        if self._writer is None:
            self._writer = VideoWriter(self._path, self._rate, image.shape[:2])
        for _ in range(times):
            self._writer.write(image)
        self._count += times


class Overlay(SteadyVideo):
    """Writes frames with a label and a timeline on them; a context manager.

    Args:
        path: the video to write.
        rate: its frames a second.
        classes: names of the classes.
    """

    def __init__(self, path: Path, rate: float, classes: Sequence[str]):
        super().__init__(path, rate)
        self._classes = classes

    def add(
        self,
        frame: Frame,
        probabilities: "np.ndarray",
        timeline: "np.ndarray",
        position: float = 1.0,
    ) -> None:
        """Draw on a frame and write it.

        Args:
            frame: the frame; its time says how often it is written.
            probabilities: (K,) at this frame.
            timeline: (T, K) to draw.
            position: of this frame in the timeline, in [0, 1].
        """
        times = self.due(frame)
        if not times:
            return
        best = int(probabilities.argmax())
        probability = min(1.0, float(probabilities[best]))
        drawn = annotate(
            frame.image, self._classes[best], probability, timeline, self._classes, position
        )
        self.write(drawn, times)


def draw_sentence(clip: Path, sentence: str, path: Path) -> None:
    """Write a clip with a sentence over every frame.

    Args:
        clip: a video file.
        sentence: what is said of it.
        path: the video to write.
    """
    with SteadyVideo(path, clip_info(clip).rate) as video:
        for frame in iter_frames(clip):
            times = video.due(frame)
            if times:
                video.write(annotate_sentence(frame.image, sentence), times)


def draw_overlay(model: "Recognizer", clip: Path, result: "Recognition", path: Path) -> None:
    """Write a clip with what was recognized at every frame.

    Args:
        model: the recognizer.
        clip: a video file.
        result: what the model said of it.
        path: the video to write.
    """
    rows = result.timeline
    lag = 1 if getattr(model, "modality", None) == "flow" else 0  # no flow before the first frame
    with Overlay(path, clip_info(clip).rate, result.classes) as overlay:
        for frame in iter_frames(clip):
            # At a rate of its own, the model has seen other frames than these.
            seen = frame.index if model.rate is None else int(frame.time * model.rate + 1e-3)
            step = min(max(seen - lag, 0), len(rows) - 1)
            overlay.add(frame, rows[step], rows, step / max(len(rows) - 1, 1))
