"""EXIF orientation inside a TensorFlow graph: a served model turns photos as Python does."""

from __future__ import annotations

import tensorflow as tf

from lrcn_keras.media.binary import number, take

_START = 16 * 1024  # where the EXIF segment has to begin


def names_exif(data: bytes) -> bool:
    """Tells whether a JPEG may have an orientation; `jpeg_orientation` of all others is 1."""
    return b"Exif\0\0" in data[:_START]


def jpeg_orientation(data: tf.Tensor) -> tf.Tensor:
    """Reads how a JPEG has to be turned.

    Args:
        data: encoded JPEG, scalar string.

    Returns:
        Scalar int32 in [1, 8], as EXIF counts; 1 where there is no orientation.
    """
    start = tf.strings.substr(data, 0, _START)
    # A look for the name is much cheaper than a walk through the segments.
    has_exif = tf.strings.regex_full_match(start, r"\C*Exif\x00\x00\C*")
    return tf.cond(has_exif, lambda: _orientation(data), lambda: tf.constant(1))


def _orientation(data: tf.Tensor) -> tf.Tensor:
    head = tf.io.decode_raw(tf.strings.substr(data, 0, _START + 65536), tf.uint8)
    start, end = _exif_segment(head)
    return tf.cond(start > 0, lambda: _orientation_tag(head[start:end]), lambda: tf.constant(1))


def turn(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turns and mirrors an image as its orientation says.

    Args:
        image: (H, W, C) tensor of any type.
        orientation: scalar int32 in [1, 8].

    Returns:
        The upright image, (H, W, C), or (W, H, C) for orientations from 5 on.
    """

    def among(*orientations: int) -> tf.Tensor:
        return tf.reduce_any(orientation == tf.constant(orientations))

    def turned() -> tf.Tensor:
        upright = tf.cond(orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: image)
        upright = tf.cond(among(2, 3, 6, 7), lambda: upright[:, ::-1], lambda: upright)
        return tf.cond(among(3, 4, 7, 8), lambda: upright[::-1], lambda: upright)

    return tf.cond(orientation == 1, lambda: image, turned)


def _exif_segment(head: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Start (after "Exif\\0\\0") and end of the EXIF data, (0, 0) when there is none."""

    def is_segment(position: tf.Tensor, found: tf.Tensor) -> tf.Tensor:
        marker = number(head, position, 2, big=True)
        # APP0 to APP15 and comments: EXIF comes before all others
        skippable = ((marker >= 0xFFE0) & (marker <= 0xFFEF)) | (marker == 0xFFFE)
        return ~found & skippable

    def step(position: tf.Tensor, found: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        is_exif = (number(head, position, 2, big=True) == 0xFFE1) & tf.reduce_all(
            take(head, position + 4, 6) == tf.constant(list(b"Exif\0\0"))
        )
        following = position + 2 + tf.maximum(number(head, position + 2, 2, big=True), 2)
        return tf.where(is_exif, position, following), is_exif

    position, found = tf.while_loop(is_segment, step, [tf.constant(2), tf.constant(False)])
    end = position + 2 + number(head, position + 2, 2, big=True)
    zero = tf.constant(0)
    return tf.where(found, position + 10, zero), tf.where(found, end, zero)


def _orientation_tag(tiff: tf.Tensor) -> tf.Tensor:
    """Looks for tag 0x0112 in the first directory of EXIF's TIFF data, in either byte order."""
    big = number(tiff, 0, 2, big=True) == 0x4D4D
    directory = tf.clip_by_value(_either(tiff, 4, 4, big), 0, 65536)
    count = tf.minimum(_either(tiff, directory, 2, big), 512)
    entries = tf.reshape(take(tiff, directory + 2, 12 * count), [-1, 12])  # tag, type, count, value
    entries = tf.where(
        big, entries, tf.gather(entries, [1, 0, 2, 3, 4, 5, 6, 7, 9, 8, 10, 11], axis=1)
    )
    is_tag = (entries[:, 0] == 0x01) & (entries[:, 1] == 0x12) & (entries[:, 8] == 0)
    values = tf.boolean_mask(entries[:, 9], is_tag)
    value = tf.reduce_max(tf.concat([values, [1]], 0))
    return tf.where((value >= 1) & (value <= 8), value, 1)


def _either(data: tf.Tensor, position: tf.Tensor, count: int, big: tf.Tensor) -> tf.Tensor:
    return tf.where(big, number(data, position, count, True), number(data, position, count, False))
