"""A SavedModel with a config beside it, and folders that are replaced in one piece."""

import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrcn_keras.storage.slim import slim_saved_model
from lrcn_keras.storage.weights import write_weight_order

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

FORMAT = 1
_CONFIG_FILE = Path("assets.extra") / "config.json"


def on_stored_weights(
    function: Callable, variables: Sequence["keras.Variable"], module: "tf.Module"
) -> Callable:
    """Make a function of a Keras model read a `float16_module` instead of the model's variables.

    So a graph holds the float16 weights and no others. They are widened once a call, at its start.

    Args:
        function: a function of tensors that uses the variables' values, but assigns none.
        variables: the Keras variables.
        module: holds their values in the same order.

    Returns:
        A function of the same arguments, to be called while a graph is traced.
    """
    import keras
    import tensorflow as tf

    def call(*inputs):
        pairs = zip(variables, module.weights, strict=True)
        values = [(variable, tf.cast(stored, variable.dtype)) for variable, stored in pairs]
        with keras.StatelessScope(state_mapping=values):
            return function(*inputs)

    return call


def write_saved_model(
    directory: str | Path,
    module: "tf.Module",
    variables: Sequence["keras.Variable"],
    signatures: Mapping[str, Callable],
    config: Mapping[str, Any],
) -> None:
    """Write a SavedModel, and under ``assets.extra/`` what makes a Keras model of it again.

    Args:
        directory: folder to write into.
        module: a `float16_module`; the signatures use its variables and no others.
        variables: the Keras variables whose values it holds, in the same order.
        signatures: name -> a ``tf.function`` with an input signature.
        config: what `read_config` returns, but for ``format``; plain values for JSON.
    """
    import tensorflow as tf

    tf.saved_model.save(module, str(directory), signatures=dict(signatures))
    slim_saved_model(directory)
    write_weight_order(directory, variables, module)
    text = json.dumps({"format": FORMAT, **config}, indent=1, ensure_ascii=False)
    (Path(directory) / _CONFIG_FILE).write_text(f"{text}\n", encoding="utf-8")


def read_config(directory: str | Path) -> dict[str, Any]:
    """Read the config of a SavedModel that `write_saved_model` wrote.

    Args:
        directory: the SavedModel.

    Raises:
        ValueError: if there is none, or it is damaged or of a later format.
    """
    path = Path(directory) / _CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        version = config["format"]
    except FileNotFoundError:
        raise ValueError(f"{directory} was not saved by lrcn_keras: no {_CONFIG_FILE}.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error!r}") from error
    if version != FORMAT:
        raise ValueError(
            f"{path} has format {version!r}, this version of lrcn_keras reads format {FORMAT}."
        )
    return config


@contextmanager
def replaced(directory: str | Path, marks: Sequence[str]) -> Iterator[Path]:
    """Give an empty folder that takes the place of another once it is filled.

    Until then, and if filling it fails, the other stays as it was.

    Args:
        directory: folder to make or to replace.
        marks: a folder that is there already, and not empty, must hold one of these files: so
            no other kind of folder is lost by a slip.

    Raises:
        ValueError: for a folder without any of the marks, or a file.
    """
    directory = Path(directory).resolve()
    held = directory.is_dir() and any(directory.iterdir())
    if (held and not any((directory / mark).is_file() for mark in marks)) or directory.is_file():
        raise ValueError(
            f"{directory} is there already, and is not replaced as it has no {' or '.join(marks)}."
        )
    directory.parent.mkdir(parents=True, exist_ok=True)
    new, old = (directory.with_name(f".{directory.name}.{uuid.uuid4().hex}") for _ in range(2))
    new.mkdir()
    try:
        yield new
        if directory.exists():
            directory.rename(old)
        try:
            new.rename(directory)
        except OSError:
            if old.exists():
                old.rename(directory)
            raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
