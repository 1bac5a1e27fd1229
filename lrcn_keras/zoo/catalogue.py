"""Which models there are, and their cards."""

import fnmatch
import json
from pathlib import Path
from typing import Any

from lrcn_keras import storage


def list_models(pattern: str = "*") -> list[str]:
    """List the names that `load` knows.

    Args:
        pattern: with the wildcards ``*``, ``?`` and ``[...]``.

    Returns:
        The names, sorted. Weights of a CNN alone, which `backbones.get` reads, are not among them.

    Example:
        >>> import lrcn_keras
        >>> lrcn_keras.list_models("no-such-*")
        []
    """
    local = storage.local_models()
    return [
        name
        for name in fnmatch.filter(storage.model_names(), pattern)
        if name not in local or "class" in read_card(local[name])
    ]


def card(name: str | Path) -> dict[str, Any]:
    """Return what is known of a model.

    Args:
        name: a model's name or the path of its folder.

    Returns:
        The fields of `Card`.

    Raises:
        ValueError: for an unknown name (near names are listed) or a damaged card.

    Example:
        >>> import lrcn_keras
        >>> lrcn_keras.card("efficientnet-lite0-imagenet")["licence"]
        'Apache-2.0'
    """
    return read_card(storage.find_model(name))


def read_card(folder: Path) -> dict[str, Any]:
    """Read ``card.json`` of a model's folder; ValueError if it is damaged."""
    path = folder / "card.json"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # JSON's and Unicode's are of this kind
        raise ValueError(f"{path} is damaged: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError(f"{path} is damaged: it holds no object.")
    return fields
