"""Local response normalization as Caffe computes it."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("lrcn_keras")
class LocalResponseNormalization(keras.layers.Layer):
    """Divide every value by (1 + alpha / window * sum of squares) ** beta.

    The sum runs over the ``window`` channels around the value's own (Krizhevsky et al. 2012,
    section 3.3). As in Caffe, and in PyTorch, alpha is divided by the window;
    ``tf.nn.local_response_normalization`` does not divide it.

    Args:
        window: number of channels, odd.
        alpha: weight of the mean of squares.
        beta: exponent.
        **kwargs: those of ``keras.layers.Layer``.

    Call arguments:
        inputs: (..., C), any float.

    Returns:
        (..., C).

    Raises:
        ValueError: ``window`` is even or below 1.
    """

    def __init__(self, window: int = 5, alpha: float = 1e-4, beta: float = 0.75, **kwargs):
        super().__init__(**kwargs)
        if window < 1 or window % 2 == 0:
            raise ValueError(f"window is an odd number of channels, received {window}.")
        self.window = window
        self.alpha = alpha
        self.beta = beta
        self.supports_masking = True

    def call(self, inputs):
        channels, reach = inputs.shape[-1], self.window // 2
        sides = [(0, 0)] * (len(inputs.shape) - 1) + [(reach, reach)]
        squares = ops.pad(ops.square(inputs), sides)
        total = sum(squares[..., i : i + channels] for i in range(self.window))
        return inputs * ops.power(1 + self.alpha / self.window * total, -self.beta)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = {"window": self.window, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **config}
