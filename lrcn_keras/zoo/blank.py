"""Models that are built only to be filled with stored weights."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import keras

_LOCK = threading.RLock()


@contextmanager
def blank_weights() -> Iterator[None]:
    """Let layers that this thread builds begin with zeros, whatever their initializers.

    Drawing weights takes a third of the time of loading a model, and is for nothing where the
    stored ones take their place. The layers keep their initializers, and their configs.
    """
    with _LOCK:
        add_weight = keras.layers.Layer.add_weight
        thread = threading.get_ident()

        def add_blank_weight(self, shape=None, initializer=None, *args, **kwargs):
            if threading.get_ident() == thread:
                initializer = keras.ops.zeros
            return add_weight(self, shape, initializer, *args, **kwargs)

        keras.layers.Layer.add_weight = add_blank_weight
        try:
            yield
        finally:
            keras.layers.Layer.add_weight = add_weight
