"""`lrcn recognize`: the action in every clip, or in what a camera sees."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrcn_keras.cli.files import (
    PLOT_ENDINGS,
    VIDEO_ENDINGS,
    found,
    outputs,
    printable,
    report,
)
from lrcn_keras.cli.recognizer import DEFAULT_MODEL, load_recognizer
from lrcn_keras.errors import MediaError

if TYPE_CHECKING:
    from lrcn_keras.cli.recognizer import Recognizer
    from lrcn_keras.models import Recognition


@click.command(short_help="Recognize actions in clips and live video.")
@click.argument("clips", nargs=-1, required=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a clip.")
@click.option("--live", is_flag=True, help="Play files, too, frame by frame with live bars.")
@click.option(
    "--overlay",
    type=click.Path(path_type=Path),
    help="Draw label and timeline on the video: a .mp4 to write, or a folder for several.",
)
@click.option(
    "--timeline",
    type=click.Path(path_type=Path),
    help="Plot the probabilities over time: a .png to write, or a folder for several.",
)
@click.pass_context
def recognize(
    ctx: click.Context,
    clips: tuple[str, ...],
    model: str,
    as_json: bool,
    live: bool,
    overlay: Path | None,
    timeline: Path | None,
) -> None:
    """Recognize the action in CLIPS: files, folders, globs, camera:0 or rtsp://...

    A camera or stream is looked at frame by frame, until it ends or Ctrl-C. Arrays of thermal
    frames (T, H, W), in degrees Celsius, come as .npy files.

    A clip that cannot be read is named on standard error and the others go on; the exit status is 1
    then.
    """
    errors: list[MediaError] = []
    sources = _find(clips, errors)
    if sources:
        videos = outputs(overlay, sources, VIDEO_ENDINGS, "--overlay")
        plots = outputs(timeline, sources, PLOT_ENDINGS, "--timeline")
        recognizer = load_recognizer(model)
        for source, video, plot in zip(sources, videos, plots, strict=True):
            try:
                if live or isinstance(source, str):
                    result, stopped = _watch(recognizer, source, video, plot, as_json, errors)
                else:
                    result, stopped = _look(recognizer, source, video), False
                if result is not None:
                    _write(recognizer, source, result, plot, as_json)
            except MediaError as error:
                report(error, errors)
            else:
                if stopped:
                    break
    if errors:
        ctx.exit(1)


def _find(given: Iterable[str], errors: list[MediaError]) -> list[str | Path]:
    """All that the arguments stand for: paths of clips, and live sources as they are written."""
    from lrcn_keras.media import find_clips

    sources: list[str | Path] = []
    for each in given:
        if each.startswith("camera:") or "://" in each:
            sources.append(each)
        else:
            sources += found([each], find_clips, errors)
    return sources


def _look(model: "Recognizer", path: Path, video: Path | None) -> "Recognition":
    """Recognize a file, and draw on its video what was recognized."""
    from lrcn_keras.cli.overlay import draw_overlay

    if path.suffix.lower() != ".npy":
        result = model.recognize(path)
        if video is not None:
            draw_overlay(model, path, result, video)
        return result
    if video is not None:
        raise MediaError(path, "is an array: there is no video to draw on")
    return model.recognize(_array(path))


def _array(path: Path):
    import numpy as np

    try:
        clip = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise MediaError(path, f"not an array of numbers ({error})") from error
    return clip[..., None] if clip.ndim == 3 else clip


def _watch(
    model: "Recognizer",
    source: str | Path,
    video: Path | None,
    plot: Path | None,
    as_json: bool,
    errors: list[MediaError],
) -> tuple["Recognition | None", bool]:
    """Look at a video frame by frame; also say whether the user has stopped it."""
    from lrcn_keras.cli.live import watch

    says = None if as_json or isinstance(source, Path) else lambda text: click.echo(text)
    watched = watch(model, source, video, keep=plot is not None, says=says)
    if watched.error is not None:
        report(watched.error, errors)
    return watched.result, watched.stopped


def _write(
    model: "Recognizer",
    source: str | Path,
    result: "Recognition",
    plot: Path | None,
    as_json: bool,
) -> None:
    click.echo(_as_json(source, result) if as_json else _line(source, result))
    if plot is not None:
        from lrcn_keras.evaluation import plot_timeline

        plot.parent.mkdir(parents=True, exist_ok=True)
        plot_timeline(result.timeline, result.classes, model.rate, plot, title=printable(source))


def _line(source: str | Path, result: "Recognition") -> str:
    return f"{printable(source)}: {result.label} ({100 * result.probability:.0f} %)"


def _as_json(source: str | Path, result: "Recognition") -> str:
    return json.dumps(
        {
            "file": str(source),
            "label": result.label,
            "probability": round(result.probability, 4),
            "probabilities": {name: round(p, 4) for name, p in result.probabilities.items()},
        }
    )
