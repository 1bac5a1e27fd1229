"""tf.data batches of photos; see `batch_plan`."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tensorflow as tf

from lrcn_keras.media import decode_photos
from lrcn_keras.models.batch_plan import (
    assembled,
    endless_training,
    in_order,
    shuffled_plan,
    step_seed,
)

_MARGIN = 8 / 7  # photos are enlarged by this before a random crop: 256 for 224, as in the paper


def image_batches(
    photos: Sequence[str | bytes],
    names: Sequence[str],
    image_size: int,
    finish: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[Any, Any]],
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches of photos and of what belongs to them.

    In training a photo is enlarged to 8/7, cropped at random and mirrored at random, as in the
    paper. One that cannot be decoded is reported by name.

    Args:
        photos: paths, or encoded photos.
        names: what a photo is called in messages.
        image_size: height and width of the batch's photos in pixels.
        finish: in a graph, photos (B, S, S, 3) float32, whether each could be decoded (B,) bool
            and their numbers (B,) -> (inputs, targets).
        batch_size: photos a batch.
        training: whether to shuffle and augment.
        seed: order and augmentation are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.

    Returns:
        ``tf.data.Dataset`` of what ``finish`` returns.
    """
    read = reader(photos)
    labels = tf.constant(list(names))
    decoded_size = round(image_size * _MARGIN) if training else image_size

    def assemble(epoch, index):
        images, ok = decode_photos(read(index), decoded_size)
        report_bad(tf.gather(labels, index), ok)
        if training:
            images = _augmented(images, image_size, step_seed(seed, epoch, index, len(names)))
        return finish(tf.ensure_shape(images, (None, image_size, image_size, 3)), ok, index)

    count = len(names)
    if not training:
        return assembled(in_order(count, batch_size), assemble)
    plan = partial(shuffled_plan, count, batch_size, seed)
    return assembled(endless_training(plan, count, batch_size, first_epoch, first_step), assemble)


def reader(photos: Sequence[str | bytes]) -> Callable[[tf.Tensor], tf.Tensor]:
    """Make a graph function that turns photo numbers (B,) into encoded photos (B,)."""
    if any(isinstance(photo, bytes) for photo in photos):
        held = [p if isinstance(p, bytes) else Path(p).read_bytes() for p in photos]
        encoded = tf.constant(held)
        return lambda index: tf.gather(encoded, index)
    paths = tf.constant(list(photos))
    return lambda index: tf.map_fn(
        lambda i: tf.io.read_file(paths[i]), index, fn_output_signature=tf.string
    )


def report_bad(names: tf.Tensor, ok: tf.Tensor) -> None:
    """Name the photos that could not be decoded on stderr."""
    bad = tf.boolean_mask(names, tf.logical_not(ok))
    tf.cond(
        tf.size(bad) > 0,
        lambda: tf.print("skipped, not a readable photo:", bad, summarize=-1),
        tf.no_op,
    )


def _augmented(images: tf.Tensor, size: int, seed) -> tf.Tensor:
    """Crop (B, S', S', 3) to (B, size, size, 3) at random places and mirror half of them."""
    batch, spare = tf.shape(images)[0], images.shape[1] - size
    draws = tf.random.stateless_uniform((batch, 3), seed)
    corner = tf.cast(draws[:, :2] * tf.cast(spare + 1, tf.float32), tf.int32)
    rows = corner[:, :1] + tf.range(size)
    columns = corner[:, 1:] + tf.range(size)
    columns = tf.where(draws[:, 2:] < 0.5, columns[:, ::-1], columns)
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    cropped = tf.gather(tf.transpose(images, (0, 2, 1, 3)), columns, axis=1, batch_dims=1)
    return tf.transpose(cropped, (0, 2, 1, 3))
