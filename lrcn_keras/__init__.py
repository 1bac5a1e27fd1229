"""Long-term recurrent convolutional networks for Keras 3 and TensorFlow.

All names are looked up when they are used: importing the package imports no TensorFlow.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lrcn_keras._startup import quiet_tensorflow

if TYPE_CHECKING:
    from lrcn_keras import (
        backbones,
        datasets,
        decoding,
        evaluation,
        layers,
        media,
        models,
        text,
        training,
        zoo,
    )
    from lrcn_keras.errors import MediaError
    from lrcn_keras.models import (
        ActivityRecognizer,
        Caption,
        Description,
        ImageCaptioner,
        LanguageModel,
        Protocol,
        Recognition,
        TwoStreamRecognizer,
        VideoDescriber,
    )
    from lrcn_keras.text import Vocabulary
    from lrcn_keras.zoo import card, export, list_models, load, save

__version__ = "0.1.0"

__all__ = [
    "ActivityRecognizer",
    "Caption",
    "Description",
    "ImageCaptioner",
    "LanguageModel",
    "MediaError",
    "Protocol",
    "Recognition",
    "TwoStreamRecognizer",
    "VideoDescriber",
    "Vocabulary",
    "backbones",
    "card",
    "datasets",
    "decoding",
    "evaluation",
    "export",
    "layers",
    "list_models",
    "load",
    "media",
    "models",
    "save",
    "text",
    "training",
    "zoo",
]

_ROOM_OF = {
    "ActivityRecognizer": "models",
    "Caption": "models",
    "Description": "models",
    "ImageCaptioner": "models",
    "LanguageModel": "models",
    "MediaError": "errors",
    "Protocol": "models",
    "Recognition": "models",
    "TwoStreamRecognizer": "models",
    "VideoDescriber": "models",
    "Vocabulary": "text",
    "card": "zoo",
    "export": "zoo",
    "list_models": "zoo",
    "load": "zoo",
    "save": "zoo",
}

quiet_tensorflow()


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = import_module(f"{__name__}.{_ROOM_OF.get(name, name)}")
    return getattr(room, name) if name in _ROOM_OF else room


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
