"""Dropout whose masks differ between the replicas of a distribution strategy."""

import keras

# Larger than Keras's random default seeds, so that the seeds of two replicas do not meet.
_SEED_STRIDE = 1_000_000_007


class ReplicaSeeds(keras.random.SeedGenerator):
    """The seeds of a generator, moved apart between the replicas of ``tf.distribute``.

    Under a strategy every replica holds the same copy of a generator's state and so draws the
    same mask. The first replica, and a program without a strategy, draw what the generator
    draws. This one has no state of its own.

    Args:
        seeds: the generator to draw from.
    """

    def __init__(self, seeds: keras.random.SeedGenerator):
        self.seeds = seeds

    def next(self, ordered=True):
        """Draw a seed; the generator moves on."""
        seed = self.seeds.next(ordered)
        if keras.backend.backend() != "tensorflow":
            return seed
        import tensorflow as tf

        replica = tf.distribute.get_replica_context()
        if replica is None or replica.num_replicas_in_sync == 1:
            return seed
        shift = tf.cast(replica.replica_id_in_sync_group, seed.dtype) * _SEED_STRIDE
        return seed + tf.stack([shift, tf.zeros_like(shift)])


@keras.saving.register_keras_serializable("lrcn_keras")
class Dropout(keras.layers.Dropout):
    """``keras.layers.Dropout`` that drops different units on every replica of ``tf.distribute``.

    The mask is a function of the seed generator's state and the replica's number; on one device
    it is Keras's.

    Args:
        rate: share of the inputs to drop, in [0, 1].
        noise_shape: shape of the mask, broadcast to the inputs; None: that of the inputs.
        seed: start of the seed generator; None: random.
        **kwargs: those of ``keras.layers.Layer``.
    """

    def call(self, inputs, training=False):
        if not training or self.rate == 0:
            return inputs
        seeds = ReplicaSeeds(self.seed_generator)
        return keras.random.dropout(inputs, self.rate, noise_shape=self.noise_shape, seed=seeds)
