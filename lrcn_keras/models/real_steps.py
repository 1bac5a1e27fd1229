"""Which steps of a batch are real, and which are padding."""

import keras
from keras import ops


def real_steps(values, lengths):
    """Keep the steps that are not padding.

    Args:
        values: (B, K, T, ...).
        lengths: (B, K) int32, real steps of each row.

    Returns:
        (M, ...), row by row. M is the sum of ``lengths`` on TensorFlow. Elsewhere shapes must be
        known before the run, so M is B * K * T and padding stays: see `step_mask`.
    """
    flat = ops.reshape(values, (-1, *values.shape[3:]))
    if keras.backend.backend() != "tensorflow":
        return flat
    (kept,) = ops.nonzero(ops.reshape(step_mask(lengths, ops.shape(values)[2]), (-1,)))
    return ops.take(flat, kept, axis=0)


def step_mask(lengths, steps):
    """Tell real steps from padding: (B, K) int32 -> (B, K, steps) bool."""
    return ops.arange(steps, dtype="int32") < ops.cast(lengths, "int32")[..., None]


def rising_factors(lengths, steps, power):
    """Weights of steps that rise with their number.

    Args:
        lengths: (B,) int32, real steps of each row.
        steps: number of steps, with padding.
        power: of the step's number, counted from 1.

    Returns:
        (B, steps) float32: the mean over a row's real steps is 1, padding has 0.
    """
    real = ops.cast(step_mask(lengths, steps), "float32")
    powers = real * ops.arange(1, steps + 1, dtype="float32") ** power
    total = ops.maximum(ops.sum(powers, axis=1, keepdims=True), 1e-9)
    return powers * ops.sum(real, axis=1, keepdims=True) / total
