"""Which examples make up a batch, and when.

It is a function of seed, epoch and step alone: a training that goes on at any step sees what it
would have seen. Training sets are endless, pass after pass in a new order, and carry
``steps_per_epoch``.
"""

from collections.abc import Callable

import tensorflow as tf


def shuffled_plan(count, batch_size: int, seed: int, epoch) -> tuple[tf.Tensor, tf.Tensor]:
    """Plan an epoch in random order; arguments and results as for `token_batches.bucketed_plan`."""
    shuffle = tf.random.experimental.stateless_shuffle
    epoch = tf.cast(epoch, tf.int64)
    order = shuffle(tf.range(count), (seed, 2 * epoch))
    return order, shuffle(tf.range(-(-count // batch_size)), (seed, 2 * epoch + 1))


def endless_training(
    plan: Callable, count: int, batch_size: int, first_epoch: int, first_step: int
) -> tf.data.Dataset:
    """Make an endless data set of (epoch, example numbers).

    All of it in the graph: a Python generator in a ``tf.data`` pipeline can deadlock with the
    interpreter when an iterator is thrown away.

    Args:
        plan: epoch -> what `shuffled_plan` returns.
        count: number of examples.
        batch_size: examples a batch.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.
    """
    steps = -(-count // batch_size)

    def one_pass(epoch):
        order, batches = plan(epoch)
        return tf.data.Dataset.from_tensor_slices(batches).map(
            lambda batch: (epoch, order[batch * batch_size : (batch + 1) * batch_size])
        )

    epochs = tf.data.Dataset.range(first_epoch, tf.int64.max)
    dataset = epochs.flat_map(one_pass).skip(first_step)
    dataset.steps_per_epoch = steps
    return dataset


def in_order(count: int, batch_size: int) -> tf.data.Dataset:
    """Make a data set of (0, example numbers) of one pass in order."""
    starts = tf.data.Dataset.range(0, count, batch_size)
    return starts.map(
        lambda start: (
            tf.zeros((), tf.int64),
            tf.range(start, tf.minimum(start + batch_size, count), dtype=tf.int64),
        )
    )


def assembled(planned: tf.data.Dataset, assemble: Callable) -> tf.data.Dataset:
    """Map (epoch, example numbers) to batches, several at a time."""
    dataset = planned.map(assemble, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
    if hasattr(planned, "steps_per_epoch"):
        dataset.steps_per_epoch = planned.steps_per_epoch  # `fit` looks for it
    return dataset


def step_seed(seed: int, epoch: tf.Tensor, index: tf.Tensor, count: int) -> tf.Tensor:
    """Make a seed that is a batch's own: (2,) int64."""
    return tf.stack([tf.constant(seed, tf.int64), epoch * count + tf.cast(index[0], tf.int64)])
