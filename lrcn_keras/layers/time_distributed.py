"""A layer applied to all time steps in one call."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("lrcn_keras")
class TimeDistributed(keras.layers.TimeDistributed):
    """``keras.layers.TimeDistributed`` that folds time into the batch.

    (B, T, ...) -> (B * T, ...) -> layer -> (B, T, ...): the wrapped layer is called once whatever
    T is, and its batch normalization sees, and is updated by, the frames of all steps together.

    Args:
        layer: the layer or model to apply to every frame.
        chunk: outside of training, apply the layer to at most so many frames at a time, which
            bounds memory; None: to all. In training gradients need all frames anyway.
        **kwargs: those of ``keras.layers.Layer``.

    Call arguments:
        inputs: (B, T, ...), B and T may be dynamic.
        training: handed to the layer, if it takes it.
        mask: (B, T) or (B, T, ...), handed to the layer as (B * T, ...), if it takes one.

    Returns:
        (B, T, ...).

    Raises:
        ValueError: ``chunk`` is below 1.
    """

    def __init__(self, layer: keras.layers.Layer, chunk: int | None = None, **kwargs):
        super().__init__(layer, **kwargs)
        if chunk is not None and chunk < 1:
            raise ValueError(f"chunk is a number of frames from 1 on, or None; received {chunk}.")
        self.chunk = chunk

    def call(self, inputs, training=None, mask=None):
        batch, steps = ops.shape(inputs)[:2]
        options = {"training": training} if self.layer._call_has_training_arg else {}
        folded = [_fold(inputs)]
        if mask is not None and self.layer._call_has_mask_arg:
            folded.append(_fold(mask))

        def apply(frames, mask=None):
            given = options if mask is None else {**options, "mask": mask}
            return self.layer(frames, **given)

        if self.chunk is None or training:
            outputs = apply(*folded)
        else:
            outputs = self._apply_by_chunks(apply, folded, batch * steps)
        return ops.reshape(outputs, (batch, steps, *ops.shape(outputs)[1:]))

    def _apply_by_chunks(self, apply, folded, frames):
        """Apply to chunks of equal size, the last one filled up with zeros."""
        count = (frames + self.chunk - 1) // self.chunk
        count = max(count, 1) if isinstance(frames, int) else ops.maximum(count, 1)
        size = (frames + count - 1) // count
        chunks = []
        for x in folded:
            rest = ops.shape(x)[1:]
            x = ops.concatenate([x, ops.zeros((count * size - frames, *rest), x.dtype)])
            chunks.append(ops.reshape(x, (count, size, *rest)))
        outputs = self._map(lambda chunk: apply(*chunk), chunks)
        return _fold(outputs)[:frames]

    def _map(self, function, chunks):
        if keras.backend.backend() != "tensorflow":
            return ops.map(function, chunks)
        import tensorflow as tf

        # keras.ops.map would run several chunks at the same time, and the first one twice.
        frame = keras.KerasTensor((None, *chunks[0].shape[2:]), chunks[0].dtype)
        output = self.layer.compute_output_spec(frame)
        signature = tf.TensorSpec(output.shape, output.dtype)
        return tf.map_fn(function, chunks, fn_output_signature=signature, parallel_iterations=1)

    def get_config(self):
        config = super().get_config()
        return config if self.chunk is None else {**config, "chunk": self.chunk}


def _fold(x):
    """(B, T, ...) -> (B * T, ...)."""
    batch, steps, *rest = ops.shape(x)
    return ops.reshape(x, (batch * steps, *rest))
