"""The models that come with the package, and the format in which models are kept."""

from importlib import import_module

from lrcn_keras.zoo.card import Card
from lrcn_keras.zoo.catalogue import card, list_models

__all__ = ["Card", "card", "export", "list_models", "load", "save"]

_FILE_OF = {"export": "saving", "load": "loading", "save": "saving"}


def __getattr__(name: str) -> object:
    """Imports TensorFlow on first use: lists and cards do without."""
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
