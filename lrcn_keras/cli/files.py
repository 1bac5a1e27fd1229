"""Files that commands read and write: bad ones are named, none is overwritten by mistake."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from lrcn_keras.errors import MediaError

PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
PLOT_ENDINGS = (".png", ".svg", ".pdf")
VIDEO_ENDINGS = (".mp4", ".mkv", ".mov")


def ends_in(endings: Sequence[str]) -> Callable:
    """Make an option's callback that refuses a file that could not be written, before the work."""

    def check(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
        if value is not None and value.suffix.lower() not in endings:
            raise click.BadParameter(f"{value} must end in {', '.join(endings)}.")
        return value

    return check


def found(
    given: Iterable[str], find: Callable[[list[str]], list[Path]], errors: list[MediaError]
) -> list[Path]:
    """List the files that arguments stand for; what matches nothing is reported.

    Args:
        given: files, folders and globs.
        find: such as ``media.find_photos``.
        errors: gets what is reported.
    """
    paths = []
    for each in given:
        try:
            paths += find([each])
        except MediaError as error:
            report(error, errors)
    return paths


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
        click.UsageError: for a file of another kind, or a folder that could not be written to.
        ValueError: for one file for several sources, or a file that is a source itself.
    """
    if given is None:
        return [None] * len(sources)
    is_file = given.suffix.lower() in endings and not given.is_dir()
    if not is_file and not given.is_dir() and (given.suffix or given.exists()):
        raise click.UsageError(
            f"{option} {printable(given)} must end in {', '.join(endings)}, or be a folder."
        )
    _check_folder(given.parent if is_file else given, option)
    if is_file:
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


def _check_folder(folder: Path, option: str) -> None:
    """Refuse a folder that cannot be made or written to; nothing is made yet."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise click.UsageError(f"{option}: {printable(there)} is a file, not a folder.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise click.UsageError(f"{option}: the folder {printable(there)} cannot be written to.")


def report(error: MediaError, errors: list[MediaError]) -> None:
    """Name a bad file on standard error, and remember it."""
    errors.append(error)
    click.echo(f"Error: {printable(error)}", err=True)


def printable(text: object) -> str:
    """File names may hold bytes that no terminal can show."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
