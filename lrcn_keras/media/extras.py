"""The libraries of the extra `video`, which a user may have left out."""

from importlib import import_module
from types import ModuleType


def import_video(name: str) -> ModuleType:
    """Imports "av" or "cv2".

    Raises:
        ImportError: says how to install it.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(f"Video needs {name}: pip install 'lrcn-keras[video]'") from error
