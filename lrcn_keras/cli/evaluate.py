"""`lrcn evaluate`: a captioner's scores on a data set."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrcn_keras.cli.captioner import decoder_option, load_captioner

if TYPE_CHECKING:
    from lrcn_keras.datasets import CaptionDataset
    from lrcn_keras.models import Caption

# CIDEr-D alone is customarily given as it is, the others in percent.
_PERCENT = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "distinct", "repeated")


@click.command(short_help="Score a captioner on a data set.")
@click.argument("name")
@click.option("--data", required=True, help="Data set, such as flickr8k:test or folder:mine.")
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of the data sets.",
)
@decoder_option
@click.option("--compare", metavar="NAME", help="Another model, for a paired comparison.")
@click.option(
    "--predictions",
    type=click.Path(dir_okay=False, path_type=Path),
    default="predictions.json",
    show_default=True,
    help="Where the captions go.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of the table.")
def evaluate(
    name: str,
    data: str,
    data_dir: Path,
    decoder: str | None,
    compare: str | None,
    predictions: Path,
    as_json: bool,
) -> None:
    """Score the captions of the model NAME (or folder) against a data set's references.

    Intervals are 95 % bootstrap intervals over the photos.
    """
    from lrcn_keras import datasets
    from lrcn_keras.evaluation import compare_captions
    from lrcn_keras.training import score_captions

    dataset = datasets.get(data, data_dir)
    config, captions = _predict(name, dataset, decoder)
    report = {"model": name, "data": data, "decoder": config}
    report |= score_captions(
        captions, dataset, training_captions=_training_captions(name, data_dir)
    )
    if compare:
        others = _texts(_predict(compare, dataset, decoder)[1])
        references = {photo: dataset.references[photo] for photo in others}
        report["compared_with"] = {
            "model": compare,
            **compare_captions(_texts(captions), others, references),
        }
    predictions.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_texts(captions), indent=1, ensure_ascii=False)
    predictions.write_text(f"{text}\n", encoding="utf-8")
    if as_json:
        click.echo(json.dumps(report))
    else:
        _print_table(report)
        click.echo(f"Wrote {predictions}.")


def _predict(
    name: str, dataset: "CaptionDataset", decoder_name: str | None
) -> tuple[dict[str, Any], dict[str, "Caption"]]:
    from lrcn_keras.training import predict_captions

    model = load_captioner(name)
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


def _print_table(report: dict[str, Any]) -> None:
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
