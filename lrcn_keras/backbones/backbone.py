"""The model that `get` returns."""

import keras


@keras.saving.register_keras_serializable("lrcn_keras")
class Backbone(keras.Model):
    """A functional model that always runs in inference mode, while its weights may train.

    Batch normalization uses its pretrained statistics and leaves them alone, and dropout is off.
    ``backbone(images, training=False)`` alone does not do that: a functional model built around it
    hands its own ``training=True`` down when it is fitted.

    Args:
        *args: inputs and outputs, as of ``keras.Model``.
        **kwargs: the same, and ``name``.
    """

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=False, mask=mask)
