"""A CNN on the real frames of a batch of clips."""

import keras
from keras import ops

from lrcn_keras.layers import TimeDistributed
from lrcn_keras.models.real_steps import step_mask

_CHUNK = 64  # frames that a CNN works on at once where no gradient needs them all


@keras.saving.register_keras_serializable("lrcn_keras")
class FrameEncoder(keras.layers.Layer):
    """Turns the frames of clips into features, with one call of the CNN for all real frames.

    On TensorFlow padding costs nothing: its features are zeros. A CNN without trainable weights
    keeps nothing for gradients.

    Args:
        backbone: model of images (N, S, S, C) -> (N, F), or a map, which is averaged.

    Call arguments:
        frames: (B, T, S, S, C), integers or floats.
        lengths: (B,) int32, real frames of each clip.

    Returns:
        (B, T, F).
    """

    def __init__(self, backbone, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})  # pixels are not for narrow types
        self.backbone = backbone
        self.time = TimeDistributed(backbone, chunk=_CHUNK, dtype=self.dtype_policy, name="frames")

    def build(self, frames_shape, lengths_shape=None):
        self.time.build(frames_shape)

    def call(self, frames, lengths, training=False):
        batch, steps = ops.shape(frames)[:2]
        flat = ops.reshape(frames, (-1, *frames.shape[2:]))
        if keras.backend.backend() != "tensorflow":  # shapes must be known before the run
            return ops.reshape(self.encode(flat, training), (batch, steps, self.size))
        real = ops.reshape(step_mask(lengths, steps), (-1,))
        # The very first frame always counts: convolutions do not like a batch of none.
        (kept,) = ops.nonzero(ops.logical_or(real, ops.arange(batch * steps) == 0))
        features = self.encode(ops.take(flat, kept, axis=0), training)
        features = ops.scatter(kept[:, None], features, (batch * steps, self.size))
        return ops.reshape(features, (batch, steps, self.size))

    def encode(self, frames, training=False):
        """Turn frames (N, S, S, C) into features (N, F)."""
        frozen = not self.backbone.trainable_weights
        features = self.time(frames[None], training=training and not frozen)[0]
        if len(features.shape) == 4:
            features = ops.mean(features, axis=(1, 2))
        return ops.stop_gradient(features) if frozen else features

    @property
    def size(self) -> int:
        """F."""
        return self.backbone.output_shape[-1]

    def compute_output_spec(self, frames, lengths, training=False):
        return keras.KerasTensor((*frames.shape[:2], self.size), self.backbone.output.dtype)

    def get_config(self):
        backbone = keras.saving.serialize_keras_object(self.backbone)
        return {**super().get_config(), "backbone": backbone}

    @classmethod
    def from_config(cls, config):
        backbone = keras.saving.deserialize_keras_object(config.pop("backbone"))
        return cls(backbone, **config)
