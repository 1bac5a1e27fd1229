"""A user's weight files into a backbone."""

from pathlib import Path

import keras

from lrcn_keras import storage


def load_weights(model: keras.Model, weights: str | Path) -> None:
    """Load weights, of the backbone itself or of a network that goes on after it.

    Args:
        model: the backbone, changed in place.
        weights: a ``.weights.h5`` file; a ``.keras`` file with layers of the same names; a model
            folder (``card.json`` and ``model/``) whose first weights are the backbone's, or its
            name in the zoo.

    Raises:
        ValueError: if the file is missing, damaged, or does not fit.
    """
    path = Path(weights)
    try:
        if path.name.endswith(".weights.h5"):
            model.load_weights(path)
        elif path.suffix == ".keras":
            _copy_by_name(keras.saving.load_model(path, compile=False), model)
        else:
            arrays = storage.read_weights(storage.find_model(weights) / "model")
            model.set_weights(arrays[: len(model.weights)])
    except (OSError, ValueError) as error:
        raise ValueError(
            f"No weights for {model.name} from {str(weights)!r}: {error} "
            "Allowed: 'imagenet', None, a .weights.h5 or .keras file, a model folder."
        ) from error


def _copy_by_name(source: keras.Model, target: keras.Model) -> None:
    for layer in target.layers:
        if layer.weights:
            layer.set_weights(source.get_layer(layer.name).get_weights())
