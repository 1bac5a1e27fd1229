"""Which layers of a backbone train."""

import difflib
from collections.abc import Iterator

import keras


def set_trainable(model: keras.Model, trainable: bool | str) -> None:
    """Let all layers of a model train, none, or those from one layer on.

    Args:
        model: the model, changed in place.
        trainable: False, True, or the name of the first layer that trains; layers count in the
            order of ``model.layers``, those of a nested model included.

    Raises:
        ValueError: if there is no layer of that name.
    """
    layers = list(_leaves(model))
    layer_names = [layer.name for layer in layers]
    if isinstance(trainable, bool):
        start = 0 if trainable else len(layers)
    elif trainable in layer_names:
        start = layer_names.index(trainable)
    else:
        near = difflib.get_close_matches(str(trainable), layer_names)
        raise ValueError(
            "trainable must be False, True or the name of the first layer to train, "
            f"got {trainable!r}. Near names: {', '.join(near) or 'none'}."
        )
    model.trainable = trainable is not False
    # One by one as well: what a Sequential is told does not reach its layers.
    for number, layer in enumerate(layers):
        layer.trainable = number >= start


def _leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer
