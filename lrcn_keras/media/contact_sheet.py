"""Photos in a grid with their captions below, as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lrcn_keras.errors import MediaError
from lrcn_keras.media.lettering import plain, wrap

_PAPER = (255, 255, 255)
_FRAME = (240, 241, 243)
_INK = (32, 33, 36)
_FILL = 0.85  # photos that lose at most 15 % of a side are cropped


def contact_sheet(
    photos: Sequence[Image.Image | np.ndarray | str | Path],
    captions: Sequence[str],
    columns: int = 4,
    cell_width: int = 320,
) -> Image.Image:
    """Draws photos in equal frames of 4:3, each with its caption below.

    A photo of nearly that shape fills its frame; others are whole, on grey.

    Args:
        photos: Pillow images, uint8 arrays of shape (H, W, 3) or (H, W), or paths.
        captions: a sentence for each photo.
        columns: how many photos in a row.
        cell_width: width of a photo's frame, in pixels.

    Returns:
        RGB image.

    Raises:
        ValueError: when there are no photos, not as many captions, or no room.
        MediaError: for a file that is no photo.
    """
    if not photos or len(photos) != len(captions):
        raise ValueError(
            f"A sheet needs photos and as many captions, got {len(photos)} and {len(captions)}"
        )
    if columns < 1 or cell_width < 32:
        raise ValueError(
            f"columns must be at least 1 and cell_width at least 32, got {columns} and {cell_width}"
        )
    columns = min(columns, len(photos))
    gap = cell_width // 16
    frame = (cell_width, cell_width * 3 // 4)
    font = ImageFont.load_default(size=max(10, cell_width // 18))
    line_height = round(1.35 * font.size)
    texts = [wrap(plain(caption), font, cell_width) for caption in captions]
    rows = [
        range(start, min(start + columns, len(photos))) for start in range(0, len(photos), columns)
    ]
    heights = [
        frame[1] + gap // 2 + line_height * max(len(texts[index]) for index in row) for row in rows
    ]

    sheet = Image.new(
        "RGB",
        (columns * (cell_width + gap) + gap, sum(heights) + gap * (len(rows) + 1)),
        _PAPER,
    )
    draw = ImageDraw.Draw(sheet)
    top = gap
    for row, height in zip(rows, heights, strict=True):
        for column, index in enumerate(row):
            left = gap + column * (cell_width + gap)
            sheet.paste(_framed(photos[index], frame), (left, top))
            for number, line in enumerate(texts[index]):
                y = top + frame[1] + gap // 2 + number * line_height
                draw.text((left, y), line, fill=_INK, font=font)
        top += height + gap
    return sheet


def _framed(photo: Image.Image | np.ndarray | str | Path, frame: tuple[int, int]) -> Image.Image:
    image = _open(photo, frame)
    shape = image.width * frame[1] / (image.height * frame[0])
    fit = ImageOps.fit if _FILL <= shape <= 1 / _FILL else ImageOps.contain
    image = fit(image, frame, Image.Resampling.LANCZOS)
    framed = Image.new("RGB", frame, _FRAME)
    framed.paste(image, ((frame[0] - image.width) // 2, (frame[1] - image.height) // 2))
    return framed


def _open(photo: Image.Image | np.ndarray | str | Path, frame: tuple[int, int]) -> Image.Image:
    if isinstance(photo, np.ndarray):
        return Image.fromarray(photo).convert("RGB")
    if isinstance(photo, str | Path):
        try:
            with Image.open(photo) as file:
                file.draft("RGB", (2 * max(frame), 2 * max(frame)))  # small from the start, if JPEG
                file.load()
                photo = file
        except FileNotFoundError as error:
            raise MediaError(photo, "no such file") from error
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise MediaError(photo, f"cannot be drawn ({error})") from error
    image = ImageOps.exif_transpose(photo)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _PAPER), image).convert("RGB")
    return image.convert("RGB")
