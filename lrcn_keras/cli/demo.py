"""`lrcn demo`: captions for photographs that everyone has."""

from pathlib import Path

import click

from lrcn_keras.cli.captioner import DEFAULT_MODEL, draw, load_captioner
from lrcn_keras.cli.files import PICTURE_ENDINGS, ends_in

# Those of scikit-image's pictures that are photographs and come with its package: no download.
_PHOTOGRAPHS = ("astronaut", "camera", "cat", "coffee", "stereo_motorcycle", "rocket")


@click.command(short_help="Caption scikit-image's photographs.")
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="Name or folder.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="lrcn-demo.png",
    show_default=True,
    callback=ends_in(PICTURE_ENDINGS),
    help="Where the contact sheet goes.",
)
def demo(model: str, output: Path) -> None:
    """Caption scikit-image's photographs, and draw them with their captions."""
    photos = _photographs()
    captions = load_captioner(model).caption(list(photos.values()))
    for name, caption in zip(photos, captions, strict=True):
        click.echo(f"{name}: {caption.text}")
    draw(list(photos.values()), [each.text for each in captions], output, columns=3)
    click.echo(f"Wrote {output}.")


def _photographs() -> dict:
    try:
        from skimage import data
    except ImportError as error:
        raise click.ClickException(
            "The demo's photographs come with scikit-image: pip install 'lrcn-keras[demo]'"
        ) from error
    from PIL import Image

    photos = {name: getattr(data, name)() for name in _PHOTOGRAPHS}
    photos["stereo_motorcycle"] = photos["stereo_motorcycle"][0]  # left, right, disparity
    return {
        name.removeprefix("stereo_"): Image.fromarray(photo).convert("RGB")
        for name, photo in photos.items()
    }
