"""`lrcn describe`: a sentence for every clip."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lrcn_keras.cli.captioner import decoder_option
from lrcn_keras.cli.describer import DEFAULT_MODEL, load_describer
from lrcn_keras.cli.files import (
    PICTURE_ENDINGS,
    VIDEO_ENDINGS,
    found,
    outputs,
    printable,
    report,
)
from lrcn_keras.errors import MediaError

if TYPE_CHECKING:
    from lrcn_keras.models import Description

_KEY_FRAMES = 6


@click.command(short_help="Describe clips.")
@click.argument("clips", nargs=-1, required=True)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder.")
@decoder_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a clip.")
@click.option(
    "--overlay",
    type=click.Path(path_type=Path),
    help="Write the sentence over the video: a .mp4 to write, or a folder for several.",
)
@click.option(
    "--storyboard",
    type=click.Path(path_type=Path),
    help="Draw key frames, sentence and roles: a .png to write, or a folder for several.",
)
@click.pass_context
def describe(
    ctx: click.Context,
    clips: tuple[str, ...],
    model: str,
    decoder: str | None,
    as_json: bool,
    overlay: Path | None,
    storyboard: Path | None,
) -> None:
    """Say in a sentence what CLIPS show: files, folders or globs. A photo is a clip of one frame.

    A clip that cannot be read is named on standard error and the others go on; the exit status is 1
    then.
    """
    from lrcn_keras.media import find_media

    errors: list[MediaError] = []
    paths = found(clips, find_media, errors)
    if paths:
        videos = outputs(overlay, paths, VIDEO_ENDINGS, "--overlay")
        boards = outputs(storyboard, paths, PICTURE_ENDINGS, "--storyboard")
        describer = load_describer(model)
        for path, video, board in zip(paths, videos, boards, strict=True):
            try:
                result = describer.describe(path, decoder)
                click.echo(
                    _as_json(path, result) if as_json else f"{printable(path)}: {result.text}"
                )
                _draw(path, result, video, board)
            except MediaError as error:
                report(error, errors)
    if errors:
        ctx.exit(1)


def _draw(path: Path, result: "Description", video: Path | None, board: Path | None) -> None:
    from lrcn_keras.cli.overlay import draw_sentence
    from lrcn_keras.media import is_photo, read_clip, read_photo, storyboard

    if board is not None:
        if is_photo(path):
            frames = read_photo(path, None)[None].astype("uint8")
        else:
            frames = read_clip(path, count=_KEY_FRAMES)
        storyboard(frames, result.text, result.roles, result.labels, board, _KEY_FRAMES)
    if video is not None:
        if is_photo(path):
            raise MediaError(path, "is a photo: there is no video to write on")
        draw_sentence(path, result.text, video)


def _as_json(path: Path, result: "Description") -> str:
    roles = result.roles and {
        role: {
            "label": result.labels[role],
            "probabilities": {label: round(p, 4) for label, p in labels.items()},
        }
        for role, labels in result.roles.items()
    }
    return json.dumps(
        {
            "file": str(path),
            "sentence": result.text,
            "log_prob": round(result.log_prob, 4),
            "roles": roles,
        }
    )
