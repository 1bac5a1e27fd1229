"""A clip as one picture: key frames, the sentence, and the roles it was written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lrcn_keras.media.lettering import cut, plain, wrap

_PAPER = (255, 255, 255)
_INK = (32, 33, 36)
_DIM = (112, 117, 125)
_CHOSEN = (171, 214, 240)
_OTHER = (231, 233, 236)
_NARROWEST = 640  # pixels: room for a sentence below a single frame
_LABELS = 3  # of each role


def storyboard(
    frames: Sequence[np.ndarray],
    sentence: str,
    roles: Mapping[str, Mapping[str, float]] | None = None,
    labels: Mapping[str, str] | None = None,
    path: str | Path | None = None,
    count: int = 6,
    height: int = 160,
) -> Image.Image:
    """Draws a strip of key frames with what was said of the clip below.

    Args:
        frames: the clip, (T, H, W, 3) or (T, H, W, 1) uint8, or a list of such frames of one size.
        sentence: its description.
        roles: {role: {label: probability}}, the likeliest first, as `describe` gives; the first
            three labels of each are drawn as bars.
        labels: the label chosen for each role, drawn in colour; None for the likeliest.
        path: where to save the picture; its ending says the format. None does not.
        count: how many frames at most, from the middle of as many equal parts of the clip.
        height: of a frame in the strip, in pixels.

    Returns:
        RGB image.

    Raises:
        ValueError: for no frames or frames of another kind, or a count or height without room.
    """
    if not len(frames) or any(
        frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] not in (1, 3)
        for frame in frames
    ):
        raise ValueError("A storyboard needs frames, uint8 of shape (H, W, 3) or (H, W, 1)")
    if count < 1 or height < 32:
        raise ValueError(
            f"count must be at least 1 and height at least 32, got {count} and {height}"
        )
    shown = min(count, len(frames))
    middles = [(2 * part + 1) * len(frames) // (2 * shown) for part in range(shown)]
    pictures = [_scaled(frames[middle], height) for middle in middles]
    gap = height // 16
    strip = sum(picture.width for picture in pictures) + gap * (shown - 1)
    width = max(_NARROWEST, strip)
    font = ImageFont.load_default(size=max(12, height // 6))
    lines = wrap(plain(sentence), font, width)
    line = round(1.35 * font.size)
    text_top = 2 * gap + height
    roles_top = text_top + line * len(lines) + gap
    table = _Table(roles or {}, labels or {}, width, height)

    board = Image.new("RGB", (width + 2 * gap, roles_top + table.height + gap), _PAPER)
    left = gap
    for picture in pictures:
        board.paste(picture, (left, gap))
        left += picture.width + gap
    draw = ImageDraw.Draw(board)
    for number, text in enumerate(lines):
        draw.text((gap, text_top + number * line), text, _INK, font)
    table.draw(draw, gap, roles_top)
    if path is not None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        board.save(path)
    return board


class _Table:
    """The roles side by side, in as many rows as needed, a bar for each label."""

    def __init__(
        self,
        roles: Mapping[str, Mapping[str, float]],
        labels: Mapping[str, str],
        width: int,
        height: int,
    ):
        self._roles = {role: _likeliest(each, labels.get(role)) for role, each in roles.items()}
        self._font = ImageFont.load_default(size=max(11, height // 10))
        self._line = round(1.5 * self._font.size)
        self._gap = self._font.size
        narrowest = 10 * self._font.size
        self._columns = max(1, min(len(roles), (width + self._gap) // (narrowest + self._gap)))
        self._width = (width + self._gap) // self._columns - self._gap
        self._row = (1 + _LABELS) * self._line + self._gap
        self.height = -(-len(roles) // self._columns) * self._row

    def draw(self, draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
        for number, (role, shown) in enumerate(self._roles.items()):
            row, column = divmod(number, self._columns)
            x = left + column * (self._width + self._gap)
            y = top + row * self._row
            name = cut(plain(role), self._font, self._width)
            draw.text((x, y + self._line / 2), name, _DIM, self._font, anchor="lm")
            for place, (label, probability, chosen) in enumerate(shown, 1):
                self._bar(draw, x, y + place * self._line, label, probability, chosen)

    def _bar(self, draw, x: int, y: int, label: str, probability: float, chosen: bool) -> None:
        width, bottom = self._width, y + self._line - 3
        draw.rectangle(
            (x, y, x + round((width - 1) * min(max(probability, 0.0), 1.0)), bottom),
            fill=_CHOSEN if chosen else _OTHER,
        )
        number = f"{round(100 * probability)} %"
        room = width - self._font.getlength(number) - self._font.size
        middle = (y + bottom) / 2
        text = cut(plain(label), self._font, room)
        draw.text((x + self._font.size / 4, middle), text, _INK, self._font, anchor="lm")
        draw.text((x + width - 4, middle), number, _DIM, self._font, anchor="rm")


def _likeliest(labels: Mapping[str, float], chosen: str | None) -> list[tuple[str, float, bool]]:
    """The first labels, and the chosen one in place of the last where it is not among them."""
    ordered = list(labels)
    chosen = chosen if chosen in labels else next(iter(ordered), None)
    first = ordered[:_LABELS]
    if chosen is not None and chosen not in first:
        first = [*first[:-1], chosen]
    return [(label, labels[label], label == chosen) for label in first]


def _scaled(frame: np.ndarray, height: int) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(np.broadcast_to(frame, (*frame.shape[:2], 3))))
    width = max(1, round(image.width * height / image.height))
    return image.resize((width, height), Image.Resampling.LANCZOS)
