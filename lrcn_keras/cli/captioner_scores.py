"""A captioner's scores on a data set, and the table of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrcn_keras.cli.captioner import load_captioner

if TYPE_CHECKING:
    from lrcn_keras.datasets import CaptionDataset
    from lrcn_keras.models import Caption, ImageCaptioner

# CIDEr-D alone is customarily given as it is, the others in percent.
_PERCENT = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "distinct", "repeated")


def score_captioner(
    model: "ImageCaptioner",
    name: str,
    dataset: "CaptionDataset",
    data_dir: Path,
    decoder: str | None,
    compare: str | None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Score a captioner, alone or against another one.

    Args:
        model: the captioner.
        name: its name or folder.
        dataset: photos with captions.
        data_dir: folder of the data sets.
        decoder: name of the decoder; None for the models' own.
        compare: name or folder of another captioner; None for none.

    Returns:
        The scores, and the caption of each photo.
    """
    from lrcn_keras.evaluation import compare_captions
    from lrcn_keras.training import score_captions

    config, captions = _predict(model, dataset, decoder)
    report = {"decoder": config}
    report |= score_captions(
        captions, dataset, training_captions=_training_captions(name, data_dir)
    )
    if compare:
        others = _texts(_predict(load_captioner(compare), dataset, decoder)[1])
        references = {photo: dataset.references[photo] for photo in others}
        report["compared_with"] = {
            "model": compare,
            **compare_captions(_texts(captions), others, references),
        }
    return report, _texts(captions)


def _predict(
    model: "ImageCaptioner", dataset: "CaptionDataset", decoder_name: str | None
) -> tuple[dict[str, Any], dict[str, "Caption"]]:
    from lrcn_keras.training import predict_captions

    decoder = model.resolve_decoder(decoder_name)
    return decoder.get_config(), predict_captions(model, dataset, decoder)


def _texts(captions: dict[str, "Caption"]) -> dict[str, str]:
    return {photo: caption.text for photo, caption in captions.items()}


def _training_captions(name: str, data_dir: Path) -> list[str] | None:
    """What the model was trained on, if its recipe and its data are at hand."""
    from lrcn_keras import datasets
    from lrcn_keras.storage import find_model
    from lrcn_keras.training import Recipe

    recipe = find_model(name) / "recipe.toml"
    if not recipe.exists():
        return None
    try:
        captions = datasets.get(Recipe.load(recipe).train, data_dir).captions
    except ValueError as error:
        click.echo(f"Training captions not found, so repeated ones not counted: {error}", err=True)
        return None
    return [text for texts in captions for text in texts]


def print_captioner(report: dict[str, Any]) -> None:
    """Print a table of what `score_captioner` returns."""
    from rich.console import Console
    from rich.table import Table

    decoder = report["decoder"]["name"]
    images = report["images"]
    table = Table(title=f"{report['model']} on {report['data']}, {images} photos, {decoder}")
    table.add_column("metric")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    difference = report.get("compared_with")
    if difference:
        table.add_column(f"minus {difference['model']}", justify="right")
    for metric in ("CIDEr-D", *_PERCENT):
        row = [metric, _number(metric, report[metric])]
        row.append(_range(metric, report["interval"].get(metric)))
        if difference:
            gain = difference.get(metric)
            row.append(
                f"{_number(metric, gain['difference'], '+')} [{_range(metric, gain['interval'])}]"
                if gain
                else ""
            )
        table.add_row(*row)
    table.add_row("different words", str(report["vocabulary"]), "")
    Console(markup=False).print(table)


def _number(metric: str, value: float | None, sign: str = "") -> str:
    if value is None:
        return "-"
    return f"{100 * value:{sign}.1f} %" if metric in _PERCENT else f"{value:{sign}.3f}"


def _range(metric: str, interval: list[float] | None) -> str:
    return " to ".join(_number(metric, end) for end in interval) if interval else ""
