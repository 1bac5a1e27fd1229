"""Biases with which an LSTM begins to remember for long."""

import keras
import numpy as np


@keras.saving.register_keras_serializable("lrcn_keras")
class ChronoBias(keras.initializers.Initializer):
    """The bias of an LSTM whose units forget after 1 to ``steps`` steps.

    Tallec and Ollivier 2018: forget gates begin at log(u), u even between 1 and ``steps`` - 1,
    input gates at the negative of it. With Keras's forget bias of 1 half of a state is lost in two
    steps.

    Args:
        steps: how long the most patient units remember.
    """

    def __init__(self, steps):
        if steps < 3:
            raise ValueError(f"steps is 3 or more, got {steps}.")
        self.steps = steps

    def __call__(self, shape, dtype=None):
        units = shape[0] // 4
        forget = np.log(np.linspace(1, self.steps - 1, units))
        bias = np.concatenate([-forget, forget, np.zeros(2 * units)])  # gates i, f, g, o
        return keras.ops.convert_to_tensor(bias, dtype or keras.config.floatx())

    def get_config(self):
        return {"steps": self.steps}
