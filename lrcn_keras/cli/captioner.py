"""What the commands that run a captioner have in common: options, the model, the picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrcn_keras.cli.loading import load_kind

if TYPE_CHECKING:
    from lrcn_keras.models import ImageCaptioner

DEFAULT_MODEL = "coco-captioner"

decoder_option = click.option(
    "--decoder",
    type=click.Choice(["greedy", "beam", "sample"]),
    help="How sentences are found; sample: the likeliest of 100.  [default: the model's own]",
)


def load_captioner(name: str) -> "ImageCaptioner":
    """Load a model by name or path.

    Raises:
        ValueError: for an unknown name, or a model of another kind.
    """
    return load_kind(name, "captioner", "ImageCaptioner")


def draw(photos: Sequence[Any], texts: Sequence[str], path: Path, columns: int = 4) -> None:
    """Write photos (paths or Pillow images) with their captions into a picture."""
    from lrcn_keras.media import contact_sheet

    sheet = contact_sheet(photos, texts, columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)
