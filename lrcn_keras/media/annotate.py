"""What was recognised, drawn on the frames."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lrcn_keras.media.lettering import cut, plain, wrap

_DARK = (24, 26, 30)
_LIGHT = (245, 246, 248)
_DIM = (150, 154, 162)
# Told apart by those who see no red or green (Okabe and Ito 2008), light enough for a dark ground.
COLOURS = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 190, 140),
    (240, 228, 66),
    (204, 121, 167),
    (235, 110, 40),
    (110, 140, 255),
)
_SENTENCE = 4  # lines of a sentence at most; a longer one is written smaller
_LINES = 3  # classes in the timeline: the likeliest over the time that it shows


def annotate(
    frame: np.ndarray,
    label: str,
    probability: float,
    timeline: np.ndarray | None = None,
    classes: Sequence[str] | None = None,
    position: float = 1.0,
) -> np.ndarray:
    """Draws the recognised class on a frame, and under it how probabilities went with time.

    Args:
        frame: RGB uint8 of shape (H, W, 3), or (H, W, 1), grey.
        label: name of the class.
        probability: in [0, 1].
        timeline: probabilities of shape (T, K), a row for each step so far or of the whole clip;
            the likeliest classes are drawn as curves.
        classes: their names, K; None draws the curves without.
        position: where in the timeline this frame is, in [0, 1]; what comes later is dimmed.

    Returns:
        RGB uint8 of shape (H, W, 3).

    Raises:
        ValueError: for a frame, probability or timeline of another kind.
    """
    image = _image(frame)
    if not 0 <= probability <= 1 or not 0 <= position <= 1:
        raise ValueError(
            f"probability and position must be in [0, 1], got {probability} and {position}"
        )
    height = max(11, min(image.height // 9, image.width // 12))  # of a line of text
    draw = ImageDraw.Draw(image, "RGBA")
    if timeline is not None:
        timeline = np.asarray(timeline, float)
        if timeline.ndim != 2 or (classes is not None and len(classes) != timeline.shape[1]):
            raise ValueError(
                f"A timeline must have shape (T, K), with K classes, got {timeline.shape}"
            )
    if timeline is not None and timeline.size:
        _draw_timeline(draw, image.size, height, timeline, classes, position)
    _draw_label(draw, image.width, height, label, probability)
    return np.asarray(image)


def annotate_sentence(frame: np.ndarray, sentence: str) -> np.ndarray:
    """Writes a sentence over the bottom of a frame, as subtitles are.

    Args:
        frame: RGB uint8 of shape (H, W, 3), or (H, W, 1), grey.
        sentence: any text; nothing is drawn for an empty one.

    Returns:
        RGB uint8 of shape (H, W, 3).

    Raises:
        ValueError: for a frame of another kind.
    """
    image = _image(frame)
    text = plain(sentence).strip()
    if not text:
        return np.asarray(image)
    size, lines = _subtitle(text, image.width, image.height)
    font = ImageFont.load_default(size=size)
    step = round(1.25 * size)
    top = image.height - step * len(lines) - size // 2
    draw = ImageDraw.Draw(image, "RGBA")
    draw.rectangle((0, top, image.width, image.height), fill=(*_DARK, 190))
    for number, line in enumerate(lines):
        middle = top + size // 4 + (number + 0.5) * step
        draw.text((image.width / 2, middle), line, _LIGHT, font, anchor="mm")
    return np.asarray(image)


@lru_cache(maxsize=8)  # a clip's frames all get the same
def _subtitle(text: str, width: int, height: int) -> tuple[int, list[str]]:
    """Size of the font, and lines; the last one is cut where even small letters take too many."""
    size = max(11, min(height // 15, width // 24))
    while True:
        font = ImageFont.load_default(size=size)
        lines = wrap(text, font, max(width - size, 1), balanced=True)
        if len(lines) <= _SENTENCE:
            return size, lines
        if size == 11:
            last = " ".join(lines[_SENTENCE - 1 :])
            return size, [*lines[: _SENTENCE - 1], cut(last, font, width - size)]
        size = max(11, size * 9 // 10)


def _image(frame: np.ndarray) -> Image.Image:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] not in (1, 3):
        raise ValueError(
            f"A frame must be uint8 of shape (H, W, 3), got {frame.dtype} {frame.shape}"
        )
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3))))


def _draw_label(
    draw: ImageDraw.ImageDraw, width: int, height: int, label: str, probability: float
) -> None:
    """A bar across the top, filled as far as the probability goes."""
    bar = height + height // 2
    draw.rectangle((0, 0, width, bar), fill=(*_DARK, 190))
    draw.rectangle((0, bar - max(2, height // 6), round(width * probability), bar), fill=COLOURS[0])
    font = ImageFont.load_default(size=round(0.85 * height))
    number = f"{round(100 * probability)} %"
    room = width - draw.textlength(number, font=font) - height
    middle = (bar - height // 6) // 2
    draw.text((height // 3, middle), cut(label, font, room), _LIGHT, font, anchor="lm")
    draw.text((width - height // 3, middle), number, _LIGHT, font, anchor="rm")


def _draw_timeline(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    height: int,
    timeline: np.ndarray,
    classes: Sequence[str] | None,
    position: float,
) -> None:
    """A strip along the bottom: a curve for each of the likeliest classes, and their names."""
    width, bottom = size
    top = bottom - round(2.6 * height)
    draw.rectangle((0, top, width, bottom), fill=(*_DARK, 190))
    font = ImageFont.load_default(size=max(9, round(0.6 * height)))
    shown = sorted(np.argsort(-timeline.max(axis=0), kind="stable")[:_LINES])
    colours = _colours(shown)
    low, high = bottom - 3, top + (round(0.95 * height) if classes is not None else 3)
    now = round(position * (width - 1))
    thick = max(1, height // 9)
    for colour, index in zip(colours, shown, strict=True):
        across = np.linspace(0, width - 1, len(timeline)) if len(timeline) > 1 else np.array([0])
        points = list(zip(across, low - timeline[:, index].clip(0, 1) * (low - high), strict=True))
        if len(points) == 1:
            points.append((width - 1, points[0][1]))
        draw.line(points, fill=colour, width=thick, joint="curve")
    draw.rectangle((now + 1, top, width, bottom), fill=(*_DARK, 150))  # what is yet to come
    draw.line((now, top, now, bottom), fill=_DIM, width=1)
    if classes is None:
        return
    left, room = height // 3, width / len(shown)
    for colour, index in zip(colours, shown, strict=True):
        text = cut(str(classes[index]), font, room - height // 2)
        draw.text((left, top + height // 2), text, colour, font, anchor="lm")
        left += room


def _colours(shown: Sequence[int]) -> list[tuple[int, int, int]]:
    """A class keeps its colour from frame to frame, unless another has taken it."""
    free = dict(enumerate(COLOURS))
    chosen = []
    for index in shown:
        nearest = min(free, key=lambda place: (place - index) % len(COLOURS))
        chosen.append(free.pop(nearest))
    return chosen
