"""A describer and its variants, each with several seeds, on the same test data."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras.evaluation import compare_descriptions, evaluate_descriptions
from lrcn_keras.models import VideoDescriber
from lrcn_keras.training.captioning import as_published
from lrcn_keras.training.description import begin, flat
from lrcn_keras.training.description_scores import gold_roles, predict_descriptions
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.sentence_data import SentenceData

_MODEL = "model"  # what the recipe's own model is called beside its variants
_METRICS = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "METEOR", "CIDEr-D")
_FURTHER = ("word accuracy", "WER", "sentence accuracy", "role accuracy")


def compare_variants(
    recipe: Recipe,
    data_dir: str | Path,
    output_dir: str | Path,
    variant: str | None = None,
    seeds: int = 1,
    strategy: Any = None,
) -> list[dict[str, Any]]:
    """Train a describer's recipe and its variants with several seeds, and score all on test.

    Called again after an interruption, it goes on; the first seed of the recipe's model is the one
    that ``train`` trains in the same folder.

    Args:
        recipe: what to do; see ``variants`` of `Recipe`.
        data_dir: folder of the data sets.
        output_dir: where progress and results go.
        variant: one of the recipe's, or "model" for its own model; None for all.
        seeds: how often, with other seeds.
        strategy: where to run; see `strategy_for`. None for one device.

    Returns:
        What `variants_compared` returns.

    Raises:
        ValueError: for an unknown variant.
    """
    import tensorflow as tf

    models = _models(recipe)
    if variant is not None and variant not in models:
        raise ValueError(f"{recipe.name} has variants {list(models)}, got {variant!r}.")
    data = SentenceData.load(recipe, data_dir)
    strategy = strategy or tf.distribute.get_strategy()
    for name in models if variant is None else [variant]:
        for seed in range(recipe.seed, recipe.seed + seeds):
            path = _predictions_path(Path(output_dir), name, seed)
            if not path.exists():
                _run(data, name, seed, Path(output_dir), path, strategy)
                keras.backend.clear_session()
    return variants_compared(recipe, data_dir, output_dir)


def variants_compared(
    recipe: Recipe, data_dir: str | Path, output_dir: str | Path
) -> list[dict[str, Any]]:
    """Score what `compare_variants` left in a folder.

    Args:
        recipe: the recipe.
        data_dir: folder of the data sets.
        output_dir: the folder.

    Returns:
        Results as a card has them: a row for each model, values being means over its seeds, with
        "spread", the standard deviation, of CIDEr-D and BLEU-4 and of what the model is chosen by;
        then a row for each pair of models that have the same seeds, with the mean of the paired
        differences. The ends of an interval are means over the seeds' intervals, too.
    """
    output_dir = Path(output_dir)
    found = {}
    for name in _models(recipe):
        seeds = sorted(output_dir.glob(f"variants/{name}/seed *.json"), key=_seed_of)
        if seeds:
            found[name] = {_seed_of(path): _read(path) for path in seeds}
    if not found:
        return []
    data = SentenceData.load(recipe, data_dir)
    rows = [_model_row(data, name, runs) for name, runs in found.items()]
    for one, other in itertools.combinations(found, 2):
        if found[one].keys() == found[other].keys():
            rows.append(_difference_row(data, (one, other), found[one], found[other]))
    return rows


def _models(recipe: Recipe) -> dict[str, Mapping[str, Any]]:
    return {_MODEL: {}, **recipe.variants}


def _predictions_path(output_dir: Path, name: str, seed: int) -> Path:
    return output_dir / "variants" / name / f"seed {seed}.json"


def _seed_of(path: Path) -> int:
    return int(path.stem.split()[-1])


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _run(
    data: SentenceData, name: str, seed: int, output_dir: Path, path: Path, strategy: Any
) -> None:
    """Train one model, and keep what it says of the test data."""
    recipe = data.recipe
    first = name == _MODEL and seed == recipe.seed
    directory = output_dir if first else path.with_suffix("")
    runner = begin(data, _models(recipe)[name], seed, directory, output_dir, strategy)
    for number, stage in enumerate(recipe.stages, 1):
        if _has(runner.model, stage.kind):
            runner.run(number, stage, data.of_stage(stage))
    with as_published(runner.model):
        frozen = all(not stage.trainable_backbone for stage in recipe.stages)
        features = runner.given(data.test) if frozen else None
        model = runner.model
        if frozen and model.backbone is not None:
            model = model.without_backbone()
        found = predict_descriptions(model, data.test, recipe.decoder, features)
    kept = {
        "sentences": {clip: each.text for clip, each in found.items()},
        "roles": None,
        "gold": gold_roles(runner.model, data.test),
    }
    if kept["gold"] is not None:
        kept["roles"] = {clip: each.labels for clip, each in found.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    if not first:
        for file in directory.rglob("*.npz"):  # weights of no further use
            file.unlink()


def _has(model: VideoDescriber, kind: str) -> bool:
    """Whether a kind of stage is for a model: one variant has roles, another has none."""
    return kind != "roles" or model.roles is not None


def _model_row(data: SentenceData, name: str, runs: dict[int, dict[str, Any]]) -> dict[str, Any]:
    scores = [_scores(data, kept) for kept in runs.values()]
    names = [
        metric
        for metric, value in scores[0].items()
        if value is not None and (metric in (*_METRICS, *_FURTHER) or metric[:5] in _PARTS)
    ]
    values = {metric: float(np.mean([each[metric] for each in scores])) for metric in names}
    row = _row(data, name, len(runs), values, [each["interval"] for each in scores])
    if len(runs) > 1:
        for metric in ("CIDEr-D", "BLEU-4", "word accuracy", "role accuracy"):
            if metric in values:
                spread = np.std([each[metric] for each in scores], ddof=1)
                row["values"][f"spread of {metric}"] = float(spread)
    return row


_PARTS = ("word ", "role ")  # how scores of single words and roles begin


def _difference_row(data: SentenceData, names: tuple[str, str], ours, theirs) -> dict[str, Any]:
    gains = []
    for seed, one in ours.items():
        other = theirs[seed]
        both = [clip for clip in one["sentences"] if clip in other["sentences"]]
        # The gold labels are the same, but of a model with fewer labels.
        roles = [_taken(each["roles"], both) for each in (one, other)]
        gains.append(
            compare_descriptions(
                _taken(one["sentences"], both),
                _taken(other["sentences"], both),
                _taken(data.test.references, both),
                *roles,
                None if None in roles else _taken(one["gold"], both),
            )
        )
    values = {m: float(np.mean([gain[m]["difference"] for gain in gains])) for m in gains[0]}
    intervals = [{metric: gain[metric]["interval"] for metric in values} for gain in gains]
    return _row(data, " minus ".join(names), len(gains), values, intervals)


def _row(data: SentenceData, name: str, seeds: int, values, intervals: list) -> dict[str, Any]:
    """Intervals are those of each seed by metric."""
    dataset, _, split = data.test.name.partition(":")
    return {
        "dataset": dataset,
        "split": split,
        "model": name,
        "decoding": data.recipe.decoder or "beam",
        "interval": {
            metric: np.mean([each[metric] for each in intervals], axis=0).tolist()
            for metric in intervals[0]
            if metric in values
        },
        "values": {"seeds": seeds, **values},
    }


def _scores(data: SentenceData, kept: dict[str, Any]) -> dict[str, Any]:
    clips = list(kept["sentences"])
    return flat(
        evaluate_descriptions(
            kept["sentences"],
            _taken(data.test.references, clips),
            kept["roles"],
            _taken(kept["gold"], clips),
        )
    )


def _taken(values: Mapping[str, Any] | None, names: list[str]) -> dict[str, Any] | None:
    return None if values is None else {name: values[name] for name in names}
