"""tf.data batches of clips for models that recognize actions; see `batch_plan`.

Which clips make up a batch, and how each is cut, cropped and mirrored, is decided in the graph;
clips are read by Python threads, as many as there are cores.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import keras
import numpy as np
import tensorflow as tf

from lrcn_keras.errors import MediaError
from lrcn_keras.models.batch_plan import (
    assembled,
    endless_training,
    in_order,
    shuffled_plan,
    step_seed,
)


@cache
def _readers() -> ThreadPoolExecutor:
    """The threads that read clips, one set for all data sets: each epoch prepares a new one."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="clips")


def clip_batches(
    read: Callable[[int], np.ndarray],
    view: Callable[[np.ndarray, np.ndarray | None], np.ndarray],
    names: Sequence[str],
    labels: np.ndarray,
    entry: keras.KerasTensor,
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches of clips, padded to the longest of each.

    Args:
        read: number of a clip -> what is known of it; called from several threads.
        view: that and draws (4,) in [0, 1), or None outside of training -> (t, ...), the steps
            that the model sees.
        names: what a clip is called in messages.
        labels: (N,) the clips' classes.
        entry: name, type and shape of the model's input.
        batch_size: clips a batch.
        training: whether to shuffle and to give draws.
        seed: order and draws are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.

    Returns:
        ``tf.data.Dataset`` of ({entry's name: (B, T, ...), lengths: (B,) int32}, labels (B,)). A
        clip that cannot be read has length 0.
    """
    count = len(names)
    empty = np.zeros((0, *entry.shape[2:]), entry.dtype)

    def one(index, draws):
        try:
            return view(read(index), draws)
        except MediaError as error:
            print(f"skipped, not a readable clip: {names[index]}: {error}", file=sys.stderr)
            return empty

    def batch(index, draws):
        clips = list(_readers().map(one, index, draws if training else [None] * len(index)))
        lengths = np.array([len(clip) for clip in clips], np.int32)
        padded = np.zeros((len(clips), max(1, *lengths), *empty.shape[1:]), empty.dtype)
        for row, clip in zip(padded, clips, strict=True):
            row[: len(clip)] = clip
        return padded, lengths

    def assemble(epoch, index):
        draws = tf.random.stateless_uniform(
            (tf.size(index), 4), step_seed(seed, epoch, index, count)
        )
        x, lengths = tf.numpy_function(batch, [index, draws], (entry.dtype, tf.int32))
        inputs = {
            entry.name: tf.ensure_shape(x, entry.shape),
            "lengths": tf.ensure_shape(lengths, (None,)),
        }
        return inputs, tf.gather(tf.constant(labels, tf.int32), index)

    if not training:
        return assembled(in_order(count, batch_size), assemble)
    plan = partial(shuffled_plan, count, batch_size, seed)
    return assembled(endless_training(plan, count, batch_size, first_epoch, first_step), assemble)
