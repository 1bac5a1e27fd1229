"""`lrcn export`: a folder that TensorFlow Serving can serve."""

from pathlib import Path

import click

from lrcn_keras.cli.captioner import decoder_option, load_captioner


@click.command(short_help="Write a captioner for TensorFlow Serving.")
@click.argument("name")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@decoder_option
def export(name: str, directory: Path, decoder: str | None) -> None:
    """Write the model NAME (or folder) as a SavedModel into DIRECTORY.

    TensorFlow Serving wants a number as the last part of DIRECTORY: served/captioner/1.
    """
    import lrcn_keras

    lrcn_keras.export(load_captioner(name), directory, decoder=decoder)
    click.echo(f"Wrote {directory}: encoded photos in, captions out.")
