"""`lrcn evaluate`: a model's scores on a data set, or a recipe's, trained several times."""

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from lrcn_keras.cli.captioner import decoder_option
from lrcn_keras.cli.files import PLOT_ENDINGS, ends_in

if TYPE_CHECKING:
    import keras

    from lrcn_keras.training import Recipe

_OF_ALL = {"name", "data_dir", "as_json"}
_OF_MODELS = _OF_ALL | {"data", "compare", "predictions"}
_OPTIONS = {
    "captioner": _OF_MODELS | {"decoder"},
    "describer": _OF_MODELS | {"decoder"},
    "recognizer": _OF_MODELS | {"by", "confusion", "class_gain"},
    "recipe of a recognizer": _OF_ALL | {"by", "k", "variant", "seeds", "output"},
    "recipe of a describer": _OF_ALL | {"variant", "seeds", "output"},
}

_plot = {"type": click.Path(dir_okay=False, path_type=Path), "callback": ends_in(PLOT_ENDINGS)}


@click.command(short_help="Score a model or a recipe on a data set.")
@click.argument("name")
@click.option("--data", help="Data set, such as flickr8k:test, fights:fold=5 or described:mine.")
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
    help="Where sentences or probabilities go.",
)
@click.option(
    "--by",
    metavar="FIELD",
    help="Of a recognizer: what intervals draw, such as source.  [default: the recipe's, or clips]"
    "  Of a recipe: which groups are left out.  [default: the recipe's]",
)
@click.option("--confusion", **_plot, help="Plot a recognizer's confusion matrix into this file.")
@click.option("--class-gain", **_plot, help="With --compare: plot the gain of each class.")
@click.option(
    "--variant",
    metavar="NAME",
    help="Of a recipe: which of its variants to train.  [default: the model; of a describer all]",
)
@click.option(
    "--seeds", type=click.IntRange(1), default=1, help="Of a recipe: how often, with other seeds."
)
@click.option("--k", type=click.IntRange(2), help="Of a recipe: folds in place of single groups.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Of a recipe: where progress and results go.  [default: runs/NAME]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of the table.")
@click.pass_context
def evaluate(ctx: click.Context, name: str, data_dir: Path, as_json: bool, **options: Any) -> None:
    """Score the model NAME (or folder) on a data set, or train and test the recipe NAME.toml.

    A captioner's and a describer's sentences are scored against references, a recognizer's labels
    against the clips'. Of clips a captioner sees the middle frame.

    A recognizer's recipe is trained once for each group of its clips, and tested on the group left
    out; a describer's once for each of its variants, and tested on its test data. Interrupted, the
    same command goes on.

    Intervals are 95 % bootstrap intervals over photos, clips or groups of clips.
    """
    if Path(name).suffix == ".toml":
        _evaluate_recipe(ctx, name, data_dir, as_json, options)
        return
    if options["data"] is None:
        raise click.UsageError("A model is scored on a data set: give --data.")
    if options["class_gain"] and not options["compare"]:
        raise click.UsageError("A gain is over another model: give --class-gain with --compare.")
    import lrcn_keras

    model = lrcn_keras.load(name)
    kinds = {"ImageCaptioner": "captioner", "VideoDescriber": "describer"}
    kind = kinds.get(type(model).__name__, "recognizer")
    _refuse_others(ctx, kind)
    (_evaluate_recognizer if kind == "recognizer" else _evaluate_sentences)(
        model, name, data_dir, as_json, options
    )


def _refuse_others(ctx: click.Context, kind: str) -> None:
    """An option that would do nothing is a mistake."""
    for option, value in ctx.params.items():
        given = ctx.get_parameter_source(option) is not ParameterSource.DEFAULT
        if given and value is not None and option not in _OPTIONS[kind]:
            raise click.UsageError(
                f"{ctx.params['name']} is a {kind}: it has no --{_flag(option)}."
            )


def _flag(option: str) -> str:
    return option.replace("_", "-")


def _evaluate_sentences(model, name: str, data_dir: Path, as_json: bool, options: dict) -> None:
    from lrcn_keras.cli.sentence_scores import print_sentences, score_sentences

    dataset = _dataset(options["data"], data_dir, "sentences")
    report, texts = score_sentences(
        model, name, dataset, data_dir, options["decoder"], options["compare"]
    )
    report = {"model": name, "data": options["data"], **report}
    _save(options["predictions"], texts)
    _show(report, as_json, print_sentences, options["predictions"])


def _evaluate_recognizer(
    model: "keras.Model", name: str, data_dir: Path, as_json: bool, options: dict
) -> None:
    from lrcn_keras.cli.recognizer_scores import (
        draw_class_gain,
        draw_confusion,
        print_recognizer,
        score_recognizer,
    )

    dataset = _dataset(options["data"], data_dir, "classes")
    report, probabilities = score_recognizer(
        model, name, dataset, options["by"], options["compare"]
    )
    report = {"model": name, "data": options["data"], **report}
    _save(options["predictions"], probabilities)
    _show(report, as_json, print_recognizer, options["predictions"])
    for option, draw in (("confusion", draw_confusion), ("class_gain", draw_class_gain)):
        path = options[option]
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(report, path)


def _evaluate_recipe(
    ctx: click.Context, name: str, data_dir: Path, as_json: bool, options: dict
) -> None:
    from lrcn_keras.training import Recipe

    recipe = Recipe.load(name)
    kinds = {
        "activity-recognition": ("recipe of a recognizer", _cross_validate),
        "video-description": ("recipe of a describer", _compare_variants),
    }
    if recipe.task not in kinds:
        raise ValueError(f"{name} is for {recipe.task}: `lrcn train` trains and tests it.")
    kind, run = kinds[recipe.task]
    _refuse_others(ctx, kind)
    output = options["output"] or Path("runs") / recipe.name
    with contextlib.redirect_stdout(sys.stderr):  # Keras's progress is no result
        results, print_results = run(recipe, data_dir, output, options)
    if as_json:
        click.echo(json.dumps(results))
    else:
        print_results(recipe.name, results)
        click.echo(f"Wrote {output}.")


def _cross_validate(recipe: "Recipe", data_dir: Path, output: Path, options: dict) -> tuple:
    from lrcn_keras.cli.cross_validation import print_results
    from lrcn_keras.training import Folds, cross_validate, cross_validated

    folds = None
    if options["by"] or options["k"]:
        folds = Folds(options["by"] or recipe.cross_validate, options["k"])
    cross_validate(recipe, data_dir, output, options["variant"], options["seeds"], folds=folds)
    return cross_validated(recipe, data_dir, output, folds), print_results


def _compare_variants(recipe: "Recipe", data_dir: Path, output: Path, options: dict) -> tuple:
    from lrcn_keras.cli.variants import print_variants
    from lrcn_keras.training import compare_variants

    rows = compare_variants(recipe, data_dir, output, options["variant"], options["seeds"])
    return rows, print_variants


def _dataset(name: str, data_dir: Path, kind: str):
    from lrcn_keras import datasets

    dataset = datasets.get(name, data_dir)
    if isinstance(dataset, datasets.ClipDataset) != (kind == "classes"):
        raise ValueError(f"The model is scored by {kind}: {name} has none.")
    return dataset


def _save(path: Path, predictions: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(predictions, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _show(report: dict[str, Any], as_json: bool, print_table, predictions: Path) -> None:
    if as_json:
        click.echo(json.dumps(report))
    else:
        print_table(report)
        click.echo(f"Wrote {predictions}.")
