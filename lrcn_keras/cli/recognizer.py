"""What commands that run a recognizer have in common: the model, files to write, bad files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrcn_keras.errors import MediaError

if TYPE_CHECKING:
    from lrcn_keras.models import ActivityRecognizer, TwoStreamRecognizer

    Recognizer = ActivityRecognizer | TwoStreamRecognizer

DEFAULT_MODEL = "fight-recognizer"

PLOT_ENDINGS = (".png", ".svg", ".pdf")
VIDEO_ENDINGS = (".mp4", ".mkv", ".mov")


def load_recognizer(name: str) -> "Recognizer":
    """Load a model by name or path.

    Raises:
        ValueError: for an unknown name, or a model of another kind.
    """
    import lrcn_keras

    model = lrcn_keras.load(name)
    if not isinstance(model, lrcn_keras.ActivityRecognizer | lrcn_keras.TwoStreamRecognizer):
        raise ValueError(f"{name} is no recognizer but a {type(model).__name__}.")
    return model


def check_plot(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Refuse a plot's name that could not be written, before the work is done."""
    if value is not None and value.suffix.lower() not in PLOT_ENDINGS:
        raise click.BadParameter(f"{value} must end in {', '.join(PLOT_ENDINGS)}.")
    return value


def outputs(
    given: Path | None, sources: Sequence[str | Path], endings: Sequence[str], option: str
) -> list[Path | None]:
    """Say where the drawing of each source goes, before the work is done.

    Args:
        given: a file with one of the endings, or a folder; None for no drawings.
        sources: clips and live sources.
        endings: of files that can be written; in a folder the first one is taken.
        option: what to call it in an error.

    Raises:
        ValueError: for one file for several sources, or a file that is a source itself.
    """
    if given is None:
        return [None] * len(sources)
    if given.suffix.lower() in endings and not given.is_dir():
        if len(sources) > 1:
            raise ValueError(
                f"{option} {given} is one file for {len(sources)} clips: give a folder."
            )
        paths = [given]
    else:
        paths, taken = [], set()
        for source in sources:
            stem = Path(source).stem if isinstance(source, Path) else "live"
            name, number = stem, 1
            while name in taken:
                number += 1
                name = f"{stem}-{number}"
            taken.add(name)
            paths.append(given / f"{name}{endings[0]}")
    originals = {source.resolve() for source in sources if isinstance(source, Path)}
    for path in paths:
        if path.resolve() in originals:
            raise ValueError(f"{option} would overwrite the clip {path}.")
    return paths


def report(error: MediaError) -> None:
    """Name a bad file on standard error."""
    click.echo(f"Error: {printable(error)}", err=True)


def printable(text: object) -> str:
    """File names may hold bytes that no terminal can show."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
