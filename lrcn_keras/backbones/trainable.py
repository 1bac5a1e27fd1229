"""Which layers of a backbone train."""

import difflib
from collections.abc import Iterator

import keras


def set_trainable(model: keras.Model, trainable: bool | str) -> None:
    """Let all layers of a model train, none, or those from one layer on.

    Batch normalization is not moved by this: it stays in inference mode wherever the model is
    called with ``training=False``.

    Args:
        model: the model, changed in place.
        trainable: False, True, or the name of the first layer that trains; layers count in the
            order of ``model.layers``, those of a nested model included.

    Raises:
        ValueError: if there is no layer of that name.
    """
    if isinstance(trainable, bool):
        model.trainable = trainable
        return
    leaves = list(_leaves(model))
    layer_names = [layer.name for layer in leaves]
    if trainable not in layer_names:
        near = difflib.get_close_matches(str(trainable), layer_names)
        raise ValueError(
            "trainable must be False, True or the name of the first layer to train, "
            f"got {trainable!r}. Near names: {', '.join(near) or 'none'}."
        )
    model.trainable = True
    for layer in leaves[: layer_names.index(trainable)]:
        layer.trainable = False


def _leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer
