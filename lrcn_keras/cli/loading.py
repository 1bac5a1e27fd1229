"""Models of the kind that a command works with."""

from typing import Any


def load_kind(name: str, what: str, *kinds: str) -> Any:
    """Load a model by name or path.

    Args:
        name: the model.
        what: what the command calls such a model, for the error.
        kinds: names of the classes, in `lrcn_keras`, that it may be of.

    Raises:
        ValueError: for an unknown name, or a model of another kind.
    """
    import lrcn_keras

    model = lrcn_keras.load(name)
    if not isinstance(model, tuple(getattr(lrcn_keras, kind) for kind in kinds)):
        found = type(model).__name__
        article = "an" if found[0] in "AEIO" else "a"
        raise ValueError(f"{name} is no {what} but {article} {found}.")
    return model
