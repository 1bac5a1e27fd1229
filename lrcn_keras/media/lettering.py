"""Text in pictures, with Pillow's own font."""

from __future__ import annotations

from unicodedata import combining, normalize

from PIL import ImageFont


def plain(text: str) -> str:
    """Leaves out accents: Pillow's own font has letters without only."""
    return "".join(each for each in normalize("NFKD", text) if not combining(each))


def wrap(text: str, font: ImageFont.FreeTypeFont, width: int, balanced: bool = False) -> list[str]:
    """Breaks a text into lines.

    Args:
        text: any text.
        font: in which it is drawn.
        width: of a line, in pixels.
        balanced: whether to make the lines about equally long, as many as they are.

    Returns:
        Lines no wider than `width`; a word that is wider by itself is broken.
    """
    lines = _filled(text, font, width)
    if not balanced or len(lines) == 1:
        return lines
    for narrower in range(width, 0, -max(1, width // 20)):
        again = _filled(text, font, narrower)
        if len(again) > len(lines):
            break
        lines = again
    return lines


def cut(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """As much of a text as there is room for, "..." behind what is cut."""
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}...") > width:
        text = text[:-1]
    return f"{text}..." if text else ""


def _filled(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines
