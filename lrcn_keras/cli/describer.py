"""The model of the commands that describe clips."""

from typing import TYPE_CHECKING

from lrcn_keras.cli.loading import load_kind

if TYPE_CHECKING:
    from lrcn_keras.models import VideoDescriber

DEFAULT_MODEL = "video-describer"


def load_describer(name: str) -> "VideoDescriber":
    """Load a model that sees clips by name or path.

    Raises:
        ValueError: for an unknown name, a model of another kind, or one that sees no pixels.
    """
    model = load_kind(name, "describer", "VideoDescriber")
    if model.backbone is None:
        raise ValueError(f"{name} has no CNN: it describes annotated roles, not clips.")
    return model
