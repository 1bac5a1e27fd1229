"""A model as a SavedModel with what is needed to make a Keras model of it again."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from lrcn_keras import storage

if TYPE_CHECKING:
    import tensorflow as tf


def export_model(
    model: keras.Model,
    directory: str | Path,
    signatures: "Callable[[tf.Module], Mapping[str, Callable]]",
    saved: Mapping[str, Any],
    write_files: Callable[[Path], None],
) -> None:
    """Write a SavedModel whose weights are stored once, in float16.

    Args:
        model: the model.
        directory: folder to make; a SavedModel that is there already is replaced.
        signatures: a `storage.float16_module` of the model's weights -> name -> ``tf.function``.
        saved: what `storage.read_config` returns beside ``class``; plain values for JSON.
        write_files: writes further files into the folder it is given.

    Raises:
        ValueError: on another backend than TensorFlow, for a folder that is no SavedModel, or
            for weights outside float16's range.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f"Export needs Keras's tensorflow backend, this is {keras.backend.backend()}."
        )
    module = storage.float16_module(model.get_weights())
    config = {"class": type(model).__name__, **saved}
    with storage.replaced(directory, ["saved_model.pb"]) as new:
        storage.write_saved_model(new, module, model.weights, signatures(module), config)
        write_files(new)
