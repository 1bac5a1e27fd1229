"""Bytes and numbers of a binary file inside a TensorFlow graph; beyond its end there are zeros."""

from __future__ import annotations

import tensorflow as tf


def take(data: tf.Tensor, position: tf.Tensor, count: tf.Tensor) -> tf.Tensor:
    """Takes a run of bytes.

    Args:
        data: uint8 of shape (N,).
        position: where the run starts, int32.
        count: its length, int32.

    Returns:
        int32 of shape (count,) in [0, 255].
    """
    size = tf.size(data)
    start = tf.clip_by_value(position, 0, size)
    found = tf.cast(data[start : start + tf.minimum(count, size - start)], tf.int32)
    return tf.pad(found, [[0, count - tf.size(found)]])


def number(data: tf.Tensor, position: tf.Tensor, count: int, big: bool = False) -> tf.Tensor:
    """Reads an integer.

    Args:
        data: uint8 of shape (N,).
        position: of its first byte, int32.
        count: how many bytes it has, up to 4.
        big: whether the highest byte comes first.

    Returns:
        Scalar int32; 4 bytes from 2**31 on are negative.
    """
    powers = [256**place for place in range(count)]
    return tf.reduce_sum(take(data, position, count) * (powers[::-1] if big else powers))


def join_bytes(values: tf.Tensor) -> tf.Tensor:
    """Makes a string of bytes.

    Args:
        values: int32 of shape (N,) in [0, 255].

    Returns:
        Scalar string of N bytes.
    """
    return tf.strings.reduce_join(tf.gather([bytes([each]) for each in range(256)], values))
