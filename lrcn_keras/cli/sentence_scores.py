"""Scores of captioners and describers on a data set, and the table of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrcn_keras.cli.recipe_of import recipe_of

if TYPE_CHECKING:
    from lrcn_keras.datasets import CaptionDataset, ClipCaptionDataset
    from lrcn_keras.models import Caption, ImageCaptioner, VideoDescriber

    Model = ImageCaptioner | VideoDescriber
    Described = CaptionDataset | ClipCaptionDataset

# CIDEr-D alone is customarily given as it is, the others in percent.
METRICS = (
    *("CIDEr-D", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "distinct"),
    *("repeated", "word accuracy", "WER", "sentence accuracy", "role accuracy"),
)
_OF_SOME = METRICS[9:]  # left out where there are none


def score_sentences(
    model: "Model",
    name: str,
    dataset: "Described",
    data_dir: Path,
    decoder: str | None,
    compare: str | None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Score a captioner or a describer, alone or against another one.

    Args:
        model: the model; of clips a captioner sees the middle frame.
        name: its name or folder.
        dataset: photos or clips with sentences.
        data_dir: folder of the data sets.
        decoder: name of the decoder; None for the models' own.
        compare: name or folder of another captioner or describer; None for none.

    Returns:
        The scores, and the sentence of each photo or clip.

    Raises:
        ValueError: for another kind of model, or no photo or clip that can be read.
    """
    import lrcn_keras
    from lrcn_keras.evaluation import compare_descriptions, evaluate_descriptions

    ours = _predict(model, name, dataset, decoder)
    texts, roles, gold = _texts(ours), _labels(ours), _gold(model, dataset, ours)
    report = {
        "decoder": model.resolve_decoder(decoder).get_config(),
        "sees": _sees(model, name, dataset),
        **evaluate_descriptions(
            texts,
            {each: dataset.references[each] for each in texts},
            roles,
            gold,
            training_captions=_training_captions(name, data_dir),
        ),
    }
    if compare:
        other = lrcn_keras.load(compare)
        if not is_sentence_model(other):
            raise ValueError(f"{compare} writes no sentences, it is a {type(other).__name__}.")
        theirs = _predict(other, compare, dataset, decoder)
        both = [each for each in texts if each in theirs]
        taken = [{each: found[each] for each in both} for found in (ours, theirs)]
        report["compared_with"] = {
            "model": compare,
            "sees": _sees(other, compare, dataset),
            **compare_descriptions(
                *map(_texts, taken),
                {each: dataset.references[each] for each in both},
                *map(_labels, taken),
                gold and {each: gold[each] for each in both},
            ),
        }
    return report, texts


def is_sentence_model(model: Any) -> bool:
    """Whether a model writes sentences."""
    import lrcn_keras

    return isinstance(model, lrcn_keras.ImageCaptioner | lrcn_keras.VideoDescriber)


def _predict(
    model: "Model", name: str, dataset: "Described", decoder: str | None
) -> dict[str, "Caption"]:
    from lrcn_keras import training

    if hasattr(model, "describe"):
        features = None
        if model.backbone is None:
            features = training.observed_features(model, dataset, _rates(name))
        found = training.predict_descriptions(model, dataset, decoder, features)
    elif _has_photos(dataset):
        found = training.predict_captions(model, dataset, decoder)
    else:
        found = training.predict_middle_frames(model, dataset, decoder)
    if not found:
        raise ValueError(f"Nothing of {dataset.name} can be read.")
    return found


def _sees(model: "Model", name: str, dataset: "Described") -> str:
    if _has_photos(dataset):
        return "photos"
    if not hasattr(model, "describe"):
        return "middle frames"
    if model.backbone is not None:
        return "clips"
    rates = " and ".join(f"{rate:.0%} {what}" for what, rate in _rates(name).items())
    return f"annotations, {rates}"


def _rates(name: str) -> dict[str, float]:
    """The shares of annotated labels that a model without pixels does not see, or sees wrong.

    Raises:
        ValueError: when nothing beside the model says so.
    """
    recipe = recipe_of(name)
    if recipe is None:
        raise ValueError(f"{name} has no recipe beside it that says how many labels are hidden.")
    return {what: recipe.roles[what] for what in ("hidden", "corrupted") if what in recipe.roles}


def _has_photos(dataset: "Described") -> bool:
    return hasattr(dataset, "photos")


def _texts(found: dict[str, "Caption"]) -> dict[str, str]:
    return {name: each.text for name, each in found.items()}


def _labels(found: dict[str, "Caption"]) -> dict[str, dict[str, str]] | None:
    labels = {name: getattr(each, "labels", None) for name, each in found.items()}
    return None if None in labels.values() else labels


def _gold(model: "Model", dataset: "Described", found) -> dict[str, dict[str, str]] | None:
    from lrcn_keras.training import gold_roles

    if getattr(model, "roles", None) is None:
        return None
    gold = gold_roles(model, dataset)
    return gold and {name: gold[name] for name in found}


def _training_captions(name: str, data_dir: Path) -> list[str] | None:
    """What the model was trained on, if its recipe and its data are at hand."""
    from lrcn_keras import datasets

    recipe = recipe_of(name)
    if recipe is None:
        return None
    try:
        captions = datasets.get(recipe.train, data_dir).captions
    except ValueError as error:
        click.echo(f"Training captions not found, so repeated ones not counted: {error}", err=True)
        return None
    return [text for texts in captions for text in texts]


def print_sentences(report: dict[str, Any]) -> None:
    """Print a table of what `score_sentences` returns."""
    from rich.console import Console
    from rich.table import Table

    seen = f"{report['images']} {report['sees']}, {report['decoder']['name']}"
    table = Table(title=f"{report['model']} on {report['data']}, {seen}")
    table.add_column("metric")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    difference = report.get("compared_with")
    if difference:
        table.add_column(f"minus {difference['model']} ({difference['sees']})", justify="right")
    for metric in METRICS:
        if metric in _OF_SOME and metric not in report:
            continue
        row = [metric, number(metric, report[metric])]
        row.append(interval(metric, report["interval"].get(metric)))
        if difference:
            gain = difference.get(metric)
            row.append(
                f"{number(metric, gain['difference'], '+')} [{interval(metric, gain['interval'])}]"
                if gain
                else ""
            )
        table.add_row(*row)
    table.add_row("different words", str(report["vocabulary"]), "")
    parts = {f"word {place}": share for place, share in enumerate(report.get("slots", ()), 1)}
    parts |= {f"role {role}": share for role, share in report.get("roles", {}).items()}
    if parts:
        table.add_section()
    for part, share in parts.items():
        table.add_row(part, number(part, share), "")
    Console(markup=False).print(table)


def number(metric: str, value: float | None, sign: str = "") -> str:
    """Write a metric's value."""
    if value is None:
        return "-"
    return f"{value:{sign}.3f}" if metric == "CIDEr-D" else f"{100 * value:{sign}.1f} %"


def interval(metric: str, ends: list[float] | None) -> str:
    """Write a metric's interval."""
    return " to ".join(number(metric, end) for end in ends) if ends else ""
