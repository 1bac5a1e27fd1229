"""`lrcn caption`: a sentence for every photo."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrcn_keras.cli.captioner import DEFAULT_MODEL, decoder_option, draw, load_captioner
from lrcn_keras.cli.files import PICTURE_ENDINGS, ends_in, found, printable, report
from lrcn_keras.errors import MediaError

if TYPE_CHECKING:
    from lrcn_keras.models import Caption, ImageCaptioner

_READERS = 4  # threads; each may hold one large photo in memory
_SHEET_LIMIT = 400  # photos: a sheet is one picture in memory


@click.command(short_help="Caption photos.")
@click.argument("photos", nargs=-1, required=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder.")
@decoder_option
@click.option("--batch-size", type=click.IntRange(1), default=32, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=ends_in(PICTURE_ENDINGS),
    help="Draw the photos with their captions into this picture.",
)
@click.pass_context
def caption(
    ctx: click.Context,
    photos: tuple[str, ...],
    model: str,
    decoder: str | None,
    batch_size: int,
    as_json: bool,
    sheet: Path | None,
) -> None:
    """Caption PHOTOS: files, folders, globs, or - for a list of them on standard input.

    A photo that cannot be read is named on standard error and the others go on; the exit status
    is 1 then.
    """
    errors: list[MediaError] = []
    paths = _find(photos, errors)
    if paths:
        captioner = load_captioner(model)
        results = _captions(captioner, paths, decoder, batch_size, errors)
        drawn, texts = [], []
        for count, (path, result) in enumerate(results, 1):
            click.echo(_as_json(path, result) if as_json else f"{printable(path)}: {result.text}")
            if sheet is not None and count <= _SHEET_LIMIT:
                drawn.append(path)
                texts.append(result.text)
            elif sheet is not None and count == _SHEET_LIMIT + 1:
                click.echo(f"{sheet} shows the first {_SHEET_LIMIT} photos.", err=True)
        if drawn:
            draw(drawn, texts, sheet)
    if errors:
        ctx.exit(1)


def _find(given: Iterable[str], errors: list[MediaError]) -> list[Path]:
    """All photos that the arguments stand for; what matches nothing is reported."""
    from lrcn_keras.media import find_photos

    paths = []
    for each in given:
        names = _listed() if each == "-" else [each]
        if not names:
            report(MediaError("standard input", "no photos in the list"), errors)
        paths += found(names, find_photos, errors)
    return paths


def _listed() -> list[str]:
    """The lines of standard input, as file names of any encoding."""
    lines = sys.stdin.buffer.read().splitlines()
    return [os.fsdecode(line) for line in lines if line.strip()]


def _captions(
    model: "ImageCaptioner",
    paths: list[Path],
    decoder: str | None,
    batch_size: int,
    errors: list[MediaError],
) -> Iterator[tuple[Path, "Caption"]]:
    """Caption batch by batch, in order; a photo that cannot be read is reported and left out."""
    import numpy as np

    from lrcn_keras.media import read_photo

    def read(path: Path) -> np.ndarray | MediaError:
        try:
            return read_photo(path, model.image_size)
        except MediaError as error:
            return error

    generate = model.generator(decoder)
    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(paths), batch_size):
            batch = paths[start : start + batch_size]
            good, images = [], []
            for path, photo in zip(batch, readers.map(read, batch), strict=True):
                if isinstance(photo, MediaError):
                    report(photo, errors)
                else:
                    good.append(path)
                    images.append(photo)
            if good:
                yield from zip(good, model.to_captions(generate(np.stack(images))), strict=True)


def _as_json(path: Path, result: "Caption") -> str:
    return json.dumps(
        {
            "file": str(path),
            "caption": result.text,
            "log_prob": round(result.log_prob, 4),
            "alternatives": [
                {"caption": text, "log_prob": round(log_prob, 4)}
                for text, log_prob in result.alternatives
            ],
        }
    )
