"""A video looked at frame by frame, as it comes."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.cli.bars import Bars
from lrcn_keras.cli.overlay import Overlay
from lrcn_keras.cli.read_ahead import read_ahead
from lrcn_keras.errors import MediaError
from lrcn_keras.media import FlowStream, Frame, clip_info, iter_frames
from lrcn_keras.media.resize import resize
from lrcn_keras.models import Recognition

if TYPE_CHECKING:
    from lrcn_keras.cli.recognizer import Recognizer

_SHOWN = 300  # frames in a live timeline
_RATE = 25.0  # of an overlay's video, where neither model nor file has one


@dataclass(frozen=True)
class Watched:
    """What came of a video.

    Args:
        result: what it shows, by the mean over its frames; None for a video without any.
        error: why it ended early.
        stopped: whether the user has ended it.
    """

    result: Recognition | None
    error: MediaError | None
    stopped: bool


def watch(
    model: "Recognizer",
    source: str | Path,
    overlay: Path | None = None,
    keep: bool = False,
    says: Callable[[str], None] | None = None,
) -> Watched:
    """Look at a video frame by frame, with live bars where there is a terminal.

    Args:
        model: the recognizer.
        source: a file, "camera:0", or a URL.
        overlay: video to write, with the labels on it.
        keep: whether the result has the timeline of all frames, and not of the last ones alone.
        says: is told of every change of the label, where there is no terminal.

    Returns:
        What came of it, whether the video ended, broke off, or the user pressed Ctrl-C.
    """
    total, count, label = np.zeros(len(model.classes)), 0, None
    rows: deque[np.ndarray] = deque(maxlen=None if keep else _SHOWN)
    error, stopped = None, False
    try:
        with ExitStack() as stack:
            bars = stack.enter_context(Bars(str(source), model.classes))
            video = overlay and stack.enter_context(
                Overlay(overlay, _rate(model, source), model.classes)
            )
            for frame, scores in stack.enter_context(closing(stream(model, source))):
                total, count = total + scores, count + 1
                rows.append(scores)
                bars.update(scores, frame.time)
                if video:
                    shown = itertools.islice(rows, max(0, len(rows) - _SHOWN), None)
                    video.add(frame, scores, np.stack(list(shown)))
                best = int(scores.argmax())
                if says and not bars.shown and best != label:
                    label = best
                    says(_line(source, frame.time, model.classes[best], scores[best]))
    except MediaError as broken:
        error = broken
    except KeyboardInterrupt:
        stopped = True
    result = Recognition.of(total / count, np.stack(list(rows)), model.classes) if count else None
    return Watched(result, error, stopped)


def stream(model: "Recognizer", source: str | Path) -> Iterator[tuple[Frame, np.ndarray]]:
    """Give a video's frames, and after each what the model says.

    Args:
        model: the recognizer.
        source: a file, "camera:0", or a URL; of the latter two, frames that come while the model
            is busy are left out.

    Yields:
        The frame and the probabilities (K,); a flow model says nothing of the first frame.

    Raises:
        MediaError: when it cannot be read, or breaks off.
    """
    step = _stepper(model)
    grey = getattr(model, "modality", None) == "grey"
    frames = iter_frames(source, rate=model.rate, grey=grey)
    with closing(read_ahead(frames, newest=isinstance(source, str))) as frames:
        for frame in frames:
            scores = step(frame.image)
            if scores is not None:
                yield frame, scores


def _stepper(model: "Recognizer") -> Callable[[np.ndarray], np.ndarray | None]:
    """A function from the next frame (H, W, C) uint8 to probabilities (K,)."""
    modality = getattr(model, "modality", None)  # None: two streams, which do all this themselves
    if modality == "thermal":
        raise ValueError("A thermal model sees degrees Celsius: it looks at no camera's pictures.")
    flow = FlowStream() if modality == "flow" else None
    state = model.initial_state()

    def step(image: np.ndarray) -> np.ndarray | None:
        nonlocal state
        if modality is not None:
            image = resize(image, model.frame_size)
        if flow is not None:
            image = flow(image)
            if image is None:
                return None
        scores, state = model.step(image[None], state)
        return np.asarray(scores)[0]

    return step


def _rate(model: "Recognizer", source: str | Path) -> float:
    if model.rate is not None:
        return model.rate
    return clip_info(source).rate if isinstance(source, Path) else _RATE


def _line(source: str | Path, time: float, label: str, probability: float) -> str:
    return f"{source}, {time:.1f} s: {label} ({100 * probability:.0f} %)"
