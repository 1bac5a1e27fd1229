"""An LSTM that reads a clip's real frames forwards, and one that reads them backwards."""

import keras
from keras import ops

from lrcn_keras.layers import LSTM
from lrcn_keras.models.real_steps import step_mask


@keras.saving.register_keras_serializable("lrcn_keras")
class TwoWayLSTM(keras.layers.Layer):
    """Reads frames in both directions, so that each step knows what follows it.

    Args:
        units: size of each of the two LSTMs.

    Call arguments:
        features: (B, T, F) float.
        frame_lengths: (B,) int32, real frames of each clip.

    Returns:
        (B, T, 2 * units); padding changes nothing at real frames.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.forward, self.backward = (
            LSTM(
                units,
                return_sequences=True,
                go_backwards=back,
                dtype=self.dtype_policy,
                name="backward" if back else "forward",
            )
            for back in (False, True)
        )

    def build(self, features_shape, frame_lengths_shape=None):
        self.forward.build(features_shape)
        self.backward.build(features_shape)

    def call(self, features, frame_lengths, training=False):
        # A clip without frames counts as one of one: cuDNN refuses sequences of nothing.
        mask = step_mask(ops.maximum(frame_lengths, 1), ops.shape(features)[1])
        ahead = self.forward(features, mask=mask, training=training)
        back = self.backward(features, mask=mask, training=training)
        return ops.concatenate([ahead, ops.flip(back, axis=1)], axis=-1)

    def compute_output_spec(self, features, frame_lengths, training=False):
        return keras.KerasTensor((*features.shape[:2], 2 * self.units), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
