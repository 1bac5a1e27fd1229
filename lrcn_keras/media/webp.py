"""The first frame of an animated WebP inside a TensorFlow graph.

TensorFlow 2.21 writes beyond its buffer when it decodes animated WebP, so it must never see one.
"""

from __future__ import annotations

import tensorflow as tf

from lrcn_keras.media.binary import join_bytes, number, take

_HEAD = 128 * 1024  # the first frame begins within it, behind a colour profile at most


def first_frame(data: tf.Tensor) -> tf.Tensor:
    """Makes a still WebP of the first frame of an animated one.

    Args:
        data: encoded WebP, scalar string.

    Returns:
        Scalar string: the frame as a file of its own, without its place on the canvas; a still WebP
        as it is.

    Raises:
        tf.errors.InvalidArgumentError: when there is no frame.
    """
    head = tf.io.decode_raw(tf.strings.substr(data, 0, _HEAD), tf.uint8)
    flags = number(head, 20, 1)
    animated = (number(head, 12, 4) == _code("VP8X")) & (tf.bitwise.bitwise_and(flags, 2) > 0)
    return tf.cond(animated, lambda: _first_frame(data, head), lambda: data)


def _first_frame(data: tf.Tensor, head: tf.Tensor) -> tf.Tensor:
    def before_frame(position: tf.Tensor) -> tf.Tensor:
        return (position < tf.size(head)) & (number(head, position, 4) != _code("ANMF"))

    def following(position: tf.Tensor) -> tf.Tensor:
        size = tf.clip_by_value(number(head, position + 4, 4), 0, _HEAD)
        return position + 8 + size + size % 2

    position = tf.while_loop(before_frame, lambda each: (following(each),), [tf.constant(30)])[0]
    length = number(head, position + 4, 4) - 16  # the frame's place, size and duration come first
    available = tf.strings.length(data) - position - 24
    whole = (length > 0) & (length <= available)
    with tf.control_dependencies([tf.debugging.Assert(whole, ["WebP without a whole frame"])]):
        length = tf.identity(length)
    header = tf.concat(
        [
            list(b"RIFF"),
            (length + 22) // [1, 2**8, 2**16, 2**24] % 256,
            list(b"WEBPVP8X\x0a\0\0\0"),
            tf.pad([tf.bitwise.bitwise_and(number(head, 20, 1), 16)], [[0, 3]]),  # transparency
            take(head, position + 14, 6),  # width and height
        ],
        0,
    )
    return tf.strings.join([join_bytes(header), tf.strings.substr(data, position + 24, length)])


def _code(name: str) -> int:
    return int.from_bytes(name.encode(), "little")
