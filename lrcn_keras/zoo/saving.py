"""A model into its folder: SavedModel, card, recipe, README."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from lrcn_keras import __version__, storage
from lrcn_keras.zoo.card import Card
from lrcn_keras.zoo.measures import facts, task
from lrcn_keras.zoo.readme import render

_OURS = ("model", "card.json", "README.md")


def save(
    model: keras.Model,
    directory: str | Path,
    *,
    card: Mapping[str, Any] | None = None,
    recipe: str | None = None,
    decoder: Any = None,
) -> None:
    """Write a model's folder, which `load` reads and `LRCN_ZOO` may point at the parent of.

    It gets ``model/`` (see `export`), ``card.json``, ``README.md`` and, if there is one,
    ``recipe.toml``. All of it appears at once: if writing fails, what was there stays. Other
    files of a folder that is replaced are kept.

    Args:
        model: a model of ``lrcn_keras.models``.
        directory: folder to make or to replace.
        card: what only a person can say, fields of `Card` such as ``description``, ``licence``,
            ``datasets`` and ``metrics``, and ``name`` if it is not the folder's; sizes and hashes
            are measured.
        recipe: text of the recipe that made the model; None keeps a ``recipe.toml`` that is there.
        decoder: default decoder of a model that has one, as for ``model.export``; None for its own.

    Raises:
        ValueError: for a model of another kind, a decoder for one that has none, an unknown
            field of the card, or a folder that has neither ``card.json`` nor ``recipe.toml`` but
            something else.
    """
    directory = Path(directory).resolve()
    said = {"name": directory.name, "task": task(model), **Card.check(card or {})}
    with storage.replaced(directory, ["card.json", "recipe.toml"]) as new:
        if directory.is_dir():
            _copy_others(directory, new)
        export(model, new / "model", decoder)
        fields = Card(**said, **_measured(model, new, decoder)).to_dict()
        if recipe is not None:
            (new / "recipe.toml").write_text(recipe, encoding="utf-8")
        elif (new / "recipe.toml").is_file():
            recipe = (new / "recipe.toml").read_text(encoding="utf-8")
        text = json.dumps(fields, indent=2, ensure_ascii=False)
        (new / "card.json").write_text(f"{text}\n", encoding="utf-8")
        (new / "README.md").write_text(render(fields, recipe), encoding="utf-8")


def export(model: keras.Model, directory: str | Path, decoder: Any = None) -> None:
    """Write only the SavedModel, as ``model.export`` does.

    Args:
        model: a model of ``lrcn_keras.models``.
        directory: folder to make, such as ``served/1``; a SavedModel there is replaced.
        decoder: default decoder of a model that has one, as for ``model.export``; None for its own.

    Raises:
        ValueError: for a model of another kind, a decoder for one that has none, or a folder that
            holds something else.
    """
    task(model)
    if decoder is None:
        model.export(directory)
    elif hasattr(model, "decoder"):
        model.export(directory, decoder)
    else:
        raise ValueError(f"A {type(model).__name__} has no decoder, got decoder={decoder!r}.")


def _copy_others(old: Path, new: Path) -> None:
    for path in old.iterdir():
        if path.name not in _OURS:
            (shutil.copytree if path.is_dir() else shutil.copy2)(path, new / path.name)


def _measured(model: keras.Model, folder: Path, decoder: Any) -> dict[str, Any]:
    """The fields of a card that nobody has to say."""
    hashes = storage.file_hashes(folder / "model")
    versions = f"keras {keras.__version__}, tensorflow {tf.__version__}"
    return {
        "class_name": type(model).__name__,
        **facts(model),
        **({} if decoder is None else {"decoder": model.resolve_decoder(decoder).get_config()}),
        "parameters": model.count_params(),
        "size": sum((folder / "model" / name).stat().st_size for name in hashes),
        "sha256": {f"model/{name}": digest for name, digest in hashes.items()},
        "created_by": f"lrcn_keras {__version__}, {versions}",
    }
