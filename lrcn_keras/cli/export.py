"""`lrcn export`: a folder that TensorFlow Serving can serve."""

from pathlib import Path

import click

from lrcn_keras.cli.captioner import decoder_option

_SERVED = {
    "image-captioning": "encoded photos in, captions out",
    "activity-recognition": "clips in, labels out; signature step: frames in, probabilities out",
}


@click.command(short_help="Write a model for TensorFlow Serving.")
@click.argument("name")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@decoder_option
def export(name: str, directory: Path, decoder: str | None) -> None:
    """Write the model NAME (or folder) as a SavedModel into DIRECTORY.

    TensorFlow Serving wants a number as the last part of DIRECTORY: served/captioner/1. A decoder
    is for captioners.
    """
    import lrcn_keras

    model = lrcn_keras.load(name)
    lrcn_keras.export(model, directory, decoder=decoder)
    captions = isinstance(model, lrcn_keras.ImageCaptioner)
    served = _SERVED["image-captioning" if captions else "activity-recognition"]
    click.echo(f"Wrote {directory}: {served}.")
