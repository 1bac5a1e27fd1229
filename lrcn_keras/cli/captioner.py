"""What the commands that run a captioner have in common: options, and the model behind them."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lrcn_keras.decoding import Decoder
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
    import lrcn_keras

    model = lrcn_keras.load(name)
    if not isinstance(model, lrcn_keras.ImageCaptioner):
        raise ValueError(f"{name} is no captioner but a {type(model).__name__}.")
    return model


def make_decoder(model: "ImageCaptioner", name: str | None) -> "Decoder":
    """Make the decoder of the option ``--decoder`` for a model.

    ``sample`` is the paper's best setting (Donahue et al. 2017, section 5): of 100 sentences drawn
    from softmax(1.5 * logits) the likeliest. Its seed is fixed, so results can be repeated.
    """
    from lrcn_keras import decoding

    decoder = model.resolve_decoder(name)
    if name != "sample":
        return decoder
    return decoding.get({**decoder.get_config(), "samples": 100, "temperature": 1 / 1.5, "seed": 0})
