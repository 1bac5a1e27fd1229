"""tf.data batches of clips; see `batch_plan`.

Which clips make up a batch, and how each is cut, cropped and mirrored, is decided in the graph;
clips are read by Python threads, as many as there are cores.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

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
    read: Callable[[int], Any],
    view: Callable[[Any, np.ndarray | None], tuple[np.ndarray, ...]],
    names: Sequence[str],
    entries: Sequence[keras.KerasTensor],
    finish: Callable[..., tuple[Any, Any]],
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
        view: that and draws (4,) in [0, 1), or None outside of training -> for each of ``entries``
            an array (t, ...), the steps that the model sees.
        names: what a clip is called in messages.
        entries: shapes (None, None, ...) and types of what ``view`` returns, batched.
        finish: in a graph, the padded entries (B, T, ...), real steps (B,) int32 and the clips'
            numbers (B,) -> (inputs, targets).
        batch_size: clips a batch.
        training: whether to shuffle and to give draws.
        seed: order and draws are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.

    Returns:
        ``tf.data.Dataset`` of what ``finish`` returns. A clip that cannot be read has no real
        steps.
    """
    count = len(names)
    empty = tuple(np.zeros((0, *entry.shape[2:]), entry.dtype) for entry in entries)

    def one(index, draws):
        try:
            return view(read(index), draws)
        except MediaError as error:
            print(f"skipped, not a readable clip: {names[index]}: {error}", file=sys.stderr)
            return empty

    def batch(index, draws):
        clips = list(_readers().map(one, index, draws if training else [None] * len(index)))
        lengths = np.array([len(steps) for steps, *_ in clips], np.int32)
        padded = [
            np.zeros((len(clips), max(1, *lengths), *entry.shape[2:]), entry.dtype)
            for entry in entries
        ]
        for number, clip in enumerate(clips):
            for rows, steps in zip(padded, clip, strict=True):
                rows[number, : len(steps)] = steps
        return *padded, lengths

    def assemble(epoch, index):
        draws = tf.random.stateless_uniform(
            (tf.size(index), 4), step_seed(seed, epoch, index, count)
        )
        kinds = (*(entry.dtype for entry in entries), tf.int32)
        *steps, lengths = tf.numpy_function(batch, [index, draws], kinds)
        steps = [tf.ensure_shape(x, entry.shape) for x, entry in zip(steps, entries, strict=True)]
        return finish(*steps, tf.ensure_shape(lengths, (None,)), index)

    if not training:
        return assembled(in_order(count, batch_size), assemble)
    plan = partial(shuffled_plan, count, batch_size, seed)
    return assembled(endless_training(plan, count, batch_size, first_epoch, first_step), assemble)


def labelled(name: str, labels: np.ndarray) -> Callable[..., tuple[Any, Any]]:
    """Make a ``finish`` of `clip_batches`: the steps by a name, and the clips' labels (N,)."""

    def finish(steps, lengths, index):
        return {name: steps, "lengths": lengths}, tf.gather(tf.constant(labels, tf.int32), index)

    return finish
