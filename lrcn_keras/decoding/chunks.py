"""Top k and draws over a vocabulary, for CPUs: faster than the plain operations for a small k.

A row of V values is first looked at in chunks of 32 (one fast reduction), and only the chunks that
matter are looked at value by value.
"""

import numpy as np
from keras import ops

from lrcn_keras.decoding.decoder import Tensor

_SIZE = 32


def top_k(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Returns the k greatest values of every row and their places: (N, V) -> (N, k), int32 (N, k).

    The k greatest are always in the k chunks with the greatest maxima.
    """
    chunks = scores.shape[-1] // _SIZE
    if k * 2 > chunks:
        values, places = ops.top_k(scores, k)
        return values, ops.cast(places, "int32")
    table = _chunked(scores, -np.inf)  # (N, C, 32)
    _, best = ops.top_k(ops.max(table, axis=-1), k)
    best = ops.cast(best, "int32")
    values, places = ops.top_k(ops.reshape(_pick(table, best), (-1, k * _SIZE)), k)
    places = ops.cast(places, "int32")
    chosen = ops.take_along_axis(best, places // _SIZE, axis=-1)
    return values, chosen * _SIZE + places % _SIZE


def draw(weights: Tensor, draws: Tensor) -> Tensor:
    """Draws a place of every row with a probability proportional to its weight.

    Args:
        weights: (N, V), at least 0; a place of weight 0 is never drawn.
        draws: (N,), uniform in [0, 1).

    Returns:
        int32 (N,).
    """
    table = _chunked(weights, 0.0)
    chunk, rest = _invert(ops.sum(table, axis=-1), draws)
    inside, _ = _invert(_pick(table, chunk[:, None])[:, 0], rest)
    return chunk * _SIZE + inside


def _chunked(rows, filler):
    """(N, V) -> (N, C, 32), filled up at the end."""
    missing = -rows.shape[-1] % _SIZE
    if missing:
        rows = ops.pad(rows, [[0, 0], [0, missing]], constant_values=filler)
    return ops.reshape(rows, (-1, rows.shape[-1] // _SIZE, _SIZE))


def _pick(table, chunks):
    """(N, C, 32), int32 (N, k) -> (N, k, 32)."""
    count = table.shape[1]
    first = ops.arange(ops.shape(chunks)[0], dtype="int32") * count
    return ops.take(ops.reshape(table, (-1, _SIZE)), chunks + first[:, None], axis=0)


def _invert(weights, draws):
    """Returns where the cumulative weights pass the draws, and how far into that weight, 0 to 1."""
    sums = ops.cumsum(weights, axis=-1)
    passed = ops.where(weights > 0, sums, 0.0)
    # Draws stay below 1 so that rounding cannot lift the threshold to the total.
    threshold = ops.minimum(draws, 1 - 1e-6)[:, None] * ops.max(passed, axis=-1, keepdims=True)
    place = ops.argmax(ops.cast(passed > threshold, "int32"), axis=-1)
    place = ops.cast(place, "int32")[:, None]
    weight = ops.take_along_axis(weights, place, axis=-1)
    rest = (threshold - ops.take_along_axis(sums, place, axis=-1) + weight) / weight
    return place[:, 0], ops.clip(rest, 0.0, 1.0)[:, 0]
