"""The mean of a clip's frames."""

import keras
from keras import ops

from lrcn_keras.models.real_steps import step_mask


@keras.saving.register_keras_serializable("lrcn_keras")
class MeanPool(keras.layers.Layer):
    """Averages the features of a clip's real frames.

    Call arguments:
        features: (B, T, F) float.
        frame_lengths: (B,) int32, real frames of each clip.

    Returns:
        (B, F); zeros for a clip without frames.
    """

    def call(self, features, frame_lengths):
        real = ops.cast(step_mask(frame_lengths, ops.shape(features)[1]), features.dtype)
        total = ops.einsum("btf,bt->bf", features, real)
        return total / ops.maximum(ops.sum(real, axis=1, keepdims=True), 1)

    def compute_output_spec(self, features, frame_lengths):
        return keras.KerasTensor((features.shape[0], features.shape[2]), self.compute_dtype)
