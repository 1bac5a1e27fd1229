"""What commands that run a recognizer have in common: the model."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrcn_keras.models import ActivityRecognizer, TwoStreamRecognizer

    Recognizer = ActivityRecognizer | TwoStreamRecognizer

DEFAULT_MODEL = "fight-recognizer"


def load_recognizer(name: str) -> "Recognizer":
    """Load a model by name or path.

    Raises:
        ValueError: for an unknown name, or a model of another kind.
    """
    import lrcn_keras

    model = lrcn_keras.load(name)
    if not isinstance(model, lrcn_keras.ActivityRecognizer | lrcn_keras.TwoStreamRecognizer):
        raise ValueError(f"{name} is no recognizer but a {type(model).__name__}.")
    return model
