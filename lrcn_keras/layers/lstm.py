"""An LSTM that also takes one static input for all steps."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("lrcn_keras")
class LSTM(keras.layers.LSTM):
    """``keras.layers.LSTM`` with an optional static input, the same at every step.

    Weights, configuration and results are those of ``keras.layers.LSTM``. With a static input
    the layer equals a Keras LSTM on the concatenation [x_t, static], whose kernel it has: the
    rows of the static input come last.

    Args:
        units: size of the hidden state and of the cell state.
        **kwargs: those of ``keras.layers.LSTM``.

    Call arguments:
        sequences: (B, T, D), any float.
        static: (B, S), any float. Whether there is one is settled by the first call.
        initial_state: [h, c], each (B, units); zeros if None.
        mask: (B, T) bool; where False, state and output are held. None takes the mask that
            comes with ``sequences``.
        training: whether dropout is on.

    Returns:
        As ``keras.layers.LSTM``: (B, units), or (B, T, units) with ``return_sequences``; with
        ``return_state`` a tuple that ends with h and c.
    """

    def build(self, sequences_shape, static_shape=None, initial_state_shape=None):
        self._input_size = sequences_shape[-1]
        self._static_size = 0 if static_shape is None else static_shape[-1]
        size = self._input_size + self._static_size
        super().build((*sequences_shape[:2], size), initial_state_shape)

    def call(self, sequences, static=None, initial_state=None, mask=None, training=False):
        self._check_static(static)
        if mask is None:
            mask = getattr(sequences, "_keras_mask", None)
        if static is not None:
            static = ops.broadcast_to(
                static[:, None], (*ops.shape(sequences)[:2], self._static_size)
            )
            sequences = ops.concatenate([sequences, static], axis=-1)
        return super().call(sequences, initial_state, mask, training)

    def static_projection(self, static):
        """Project a static input once, for many calls of ``step``.

        Args:
            static: (B, S), any float.

        Returns:
            (B, 4 * units), what the static input adds to the gates of every step.
        """
        self._check_static(static)
        kernel = ops.cast(self.cell.kernel, self.compute_dtype)[self._input_size :]
        return ops.cast(ops.matmul(ops.cast(static, self.compute_dtype), kernel), self._gate_dtype)

    def step(self, x_t, states, static=None, static_projection=None):
        """Advance by one step, without dropout.

        Args:
            x_t: (B, D), any float.
            states: [h, c], each (B, units), as from ``get_initial_state`` or ``step``.
            static: (B, S), any float.
            static_projection: what ``static_projection(static)`` returned, instead of ``static``.

        Returns:
            The output (B, units) and the new [h, c], in the types of the given states.
        """
        h, c = states
        if static_projection is None:
            self._check_static(static)
        kernel = ops.cast(self.cell.kernel, self.compute_dtype)[: self._input_size]
        recurrent_kernel = ops.cast(self.cell.recurrent_kernel, self.compute_dtype)
        z = ops.cast(ops.matmul(ops.cast(x_t, self.compute_dtype), kernel), self._gate_dtype)
        z += ops.cast(
            ops.matmul(ops.cast(h, self.compute_dtype), recurrent_kernel), self._gate_dtype
        )
        if self.use_bias:
            z += ops.cast(self.cell.bias, self._gate_dtype)
        if static is not None:
            static_projection = self.static_projection(static)
        if static_projection is not None:
            z += ops.cast(static_projection, self._gate_dtype)
        new_c, o = self.cell._compute_carry_and_output_fused(
            ops.split(z, 4, axis=-1), ops.cast(c, self._gate_dtype)
        )
        new_h = o * self.activation(new_c)
        output = ops.cast(new_h, self.compute_dtype)
        return output, [ops.cast(new_h, h.dtype), ops.cast(new_c, c.dtype)]

    def get_initial_state(self, batch_size):
        h, c = super().get_initial_state(batch_size)
        return [h, ops.cast(c, self._gate_dtype)]

    @property
    def _gate_dtype(self):
        """The type of gates and cell state: never less than float32."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    def _check_static(self, static):
        if not self.built:
            raise ValueError(f"{self.name} is not built: call it on a sequence first.")
        size = 0 if static is None else static.shape[-1]
        if size != self._static_size:
            raise ValueError(
                f"{self.name} was built for a static input of size {self._static_size}, "
                f"received one of size {size} (0: none)."
            )
