"""Moving a step function's state between the rows of a batch."""

import keras
from keras import ops

from lrcn_keras.decoding.decoder import State, Tensor


def repeat_rows(state: State, times: int) -> State:
    """Returns the state with every row repeated: (B, ...) -> (B * times, ...)."""
    if times == 1:
        return state
    return keras.tree.map_structure(lambda x: ops.repeat(x, times, axis=0), state)


def reorder_rows(state: list[Tensor], before: list[Tensor], rows: Tensor) -> list[Tensor]:
    """Returns the given rows of the state's leaves, for rows that stay with their image.

    A leaf that the step handed on untouched is the same for all rows of an image, and stays.

    Args:
        state: leaves (N, ...) as the step returned them.
        before: leaves (N, ...) as the step received them.
        rows: int32 (N,).
    """
    return [
        new if new is old else ops.take(new, rows, axis=0)
        for new, old in zip(state, before, strict=True)
    ]
