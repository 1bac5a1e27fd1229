"""What commands that run a recognizer have in common: the model."""

from typing import TYPE_CHECKING

from lrcn_keras.cli.loading import load_kind

if TYPE_CHECKING:
    from lrcn_keras.models import ActivityRecognizer, TwoStreamRecognizer

    Recognizer = ActivityRecognizer | TwoStreamRecognizer

DEFAULT_MODEL = "fight-recognizer"


def load_recognizer(name: str) -> "Recognizer":
    """Load a model by name or path.

    Raises:
        ValueError: for an unknown name, or a model of another kind.
    """
    return load_kind(name, "recognizer", "ActivityRecognizer", "TwoStreamRecognizer")
