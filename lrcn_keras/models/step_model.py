"""What all our models have in common: a loss over real steps, and defaults of `compile`."""

import keras
from keras import ops

from lrcn_keras.models.real_steps import real_steps, step_mask


class StepModel(keras.Model):
    """A functional model that predicts a word or a class at every step of a sequence.

    The loss is the mean cross entropy over all real steps of the batch. Under a
    ``tf.distribute`` strategy it is that of the global batch, however unevenly the steps fall on
    the replicas. The metric ``nll`` is the same in nats a step, without label smoothing.
    """

    label_smoothing = 0.0

    def compile(self, optimizer=None, *, label_smoothing=0.0, jit_compile=False, **kwargs):
        """Configure training.

        Args:
            optimizer: a Keras optimizer or its name; None for Adam(1e-3) with gradients clipped
                to a global norm of 1.
            label_smoothing: share of the target's probability that is spread over all words
                or classes.
            jit_compile: whether XLA compiles the step. It is slower on CPUs.
            **kwargs: those of ``keras.Model.compile``, but for ``loss``, which is fixed.
        """
        if optimizer is None:
            optimizer = keras.optimizers.Adam(1e-3, global_clipnorm=1.0)
        self.label_smoothing = label_smoothing
        self.nll = keras.metrics.Mean("nll")
        super().compile(optimizer, jit_compile=jit_compile, **kwargs)
        clip_over_replicas(self.optimizer)
        self.optimizer.build(self.trainable_variables)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Do nothing: a functional model knows its shapes, and `compile` built the optimizer.

        Under a strategy Keras averages a batch over the replicas here, which fails where their
        shares are of different size.
        """

    def fit(self, x=None, *, steps_per_epoch=None, shuffle=False, **kwargs):
        """Train; as ``keras.Model.fit``.

        Args:
            x: what ``prepare(..., training=True)`` made: an endless data set, each pass in an order
                of its own, that knows how many steps make an epoch.
            steps_per_epoch: batches that count as an epoch; None for what ``x`` says.
            shuffle: unused, since ``x`` is shuffled.
            **kwargs: those of ``keras.Model.fit``.
        """
        if steps_per_epoch is None:
            steps_per_epoch = getattr(x, "steps_per_epoch", None)
        return super().fit(x, steps_per_epoch=steps_per_epoch, shuffle=shuffle, **kwargs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean cross entropy of the global batch's real steps, as a scalar.

        Args:
            x: the model's inputs, ``lengths`` (B, K) among them: K sequences an example.
            y: (B, K, T) int32, what to predict at each step.
            y_pred: (M, V) logits of the real steps, see `real_steps`.
            sample_weight: (B, K) float, a factor on each sequence's loss, or (B, K, T), on each
                step's; None for ones. The mean is over all real steps, whatever their factors.
            training: whether labels are smoothed.
        """
        return self.step_loss(x["lengths"], y, y_pred, self.nll, sample_weight, training)

    def step_loss(self, lengths, y, y_pred, nll_metric, sample_weight=None, training=True):
        """Do what `compute_loss` does, for ``lengths`` (B, K) and a metric of choice."""
        steps = ops.shape(y)[2]
        weights = real_steps(ops.cast(step_mask(lengths, steps), "float32"), lengths)
        logits = ops.cast(y_pred, "float32")
        normalizer = ops.logsumexp(logits, axis=-1)
        targets = real_steps(y, lengths)
        nll = normalizer - ops.squeeze(ops.take_along_axis(logits, targets[:, None], axis=-1), -1)
        nll_metric.update_state(nll, sample_weight=weights)
        if training and self.label_smoothing:
            spread = normalizer - ops.mean(logits, axis=-1)
            nll = (1 - self.label_smoothing) * nll + self.label_smoothing * spread
        if sample_weight is not None:
            if len(sample_weight.shape) == 2:
                sample_weight = sample_weight[..., None]
            factors = ops.broadcast_to(sample_weight, ops.shape(y))
            nll = nll * real_steps(factors, lengths)
        return ops.sum(nll * weights) / ops.maximum(over_replicas(ops.sum(weights)), 1.0)

    def load_weights_from(self, arrays) -> None:
        """Set all weights, in the order of ``self.weights``.

        Args:
            arrays: one array a weight, of its shape; float16 is widened.

        Raises:
            ValueError: when number or shapes differ.
        """
        arrays = list(arrays)
        if len(arrays) != len(self.weights):
            raise ValueError(f"{self.name} has {len(self.weights)} weights, got {len(arrays)}.")
        for weight, array in zip(self.weights, arrays, strict=True):
            if tuple(weight.shape) != tuple(array.shape):
                raise ValueError(
                    f"Weight {weight.path} has shape {tuple(weight.shape)}, got {array.shape}."
                )
            weight.assign(array)


def clip_over_replicas(optimizer) -> None:
    """Make an optimizer clip the sum of the replicas' gradients, not each replica's share.

    Keras clips before it sums, so that clipping would depend on the number of devices.

    Args:
        optimizer: a Keras optimizer, which is changed.
    """
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    clip = optimizer._clip_gradients

    def clip_sum(gradients):
        context = tf.distribute.get_replica_context()
        if context is None or context.num_replicas_in_sync == 1:
            return clip(gradients)
        count = context.num_replicas_in_sync
        given = [tf.convert_to_tensor(g) for g in gradients if g is not None]
        summed = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, given))
        clipped = clip([None if g is None else next(summed) for g in gradients])
        return [None if g is None else g / count for g in clipped]  # the optimizer sums again

    optimizer._clip_gradients = clip_sum


def over_replicas(value):
    """Sum a scalar over the replicas of a TensorFlow strategy; the value itself elsewhere."""
    if keras.backend.backend() != "tensorflow":
        return value
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)
