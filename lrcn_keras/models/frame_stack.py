"""Neighbouring frames as channels."""

import keras
from keras import ops

from lrcn_keras.models.real_steps import step_mask


@keras.saving.register_keras_serializable("lrcn_keras")
class FrameStack(keras.layers.Layer):
    """Puts the frames around each frame beside it, so that a CNN sees motion.

    Before a clip's first frame that one is repeated, after its last real one that.

    Args:
        size: frames side by side, an odd number: 3 for the one before, the frame, the one after.

    Call arguments:
        frames: (B, T, H, W, C).
        lengths: (B,) int32, real frames of each clip.

    Returns:
        (B, T, H, W, size * C), earlier frames first; padding is never among those of real frames.

    Raises:
        ValueError: ``size`` is no odd number from 1 on.
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        if size < 1 or size % 2 == 0:
            raise ValueError(f"A stack has an odd number of frames, got {size}.")
        self.size = size

    def call(self, frames, lengths):
        steps = ops.shape(frames)[1]
        # Whether a frame is followed by a real one.
        followed = step_mask(ops.cast(lengths, "int32") - 1, steps)[:, :, None, None, None]
        before, after = [frames], [frames]
        for _ in range(self.size // 2):
            last = before[-1]
            before.append(ops.concatenate([last[:, :1], last[:, :-1]], axis=1))
            last = after[-1]
            next_ones = ops.concatenate([last[:, 1:], last[:, -1:]], axis=1)
            after.append(ops.where(followed, next_ones, last))
        return ops.concatenate([*before[:0:-1], *after], axis=-1)

    def compute_output_spec(self, frames, lengths):
        return keras.KerasTensor((*frames.shape[:-1], self.size * frames.shape[-1]), frames.dtype)

    def get_config(self):
        return {**super().get_config(), "size": self.size}
