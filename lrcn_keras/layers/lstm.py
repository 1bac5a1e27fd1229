"""An LSTM that also takes one static input for all steps."""

import keras
from keras import ops
from keras.src import backend  # masks and cuDNN have no public face

from lrcn_keras.layers.dropout import ReplicaSeeds


def _recurrence():
    """The backend's function, imported late: TensorFlow only where it is the backend."""
    if keras.backend.backend() == "tensorflow":
        from lrcn_keras.layers.recurrence_tf import recurrence
    else:
        from lrcn_keras.layers.recurrence import recurrence
    return recurrence


@keras.saving.register_keras_serializable("lrcn_keras")
class LSTM(keras.layers.LSTM):
    """``keras.layers.LSTM`` with an optional static input, the same at every step.

    Weights, configuration and results are those of ``keras.layers.LSTM``. With a static input,
    as Donahue et al. 2017 give the image to the caption's LSTM, the layer equals a Keras LSTM on
    the concatenation [x_t, static], whose kernel it has: the rows of the static input come last.

    Under a mixed policy products are of the narrow type, gates and cell state float32. Where
    cuDNN can run, it does.

    >>> import numpy as np
    >>> words, image = np.zeros((2, 7, 5)), np.zeros((2, 3))
    >>> layer = LSTM(4, return_sequences=True)
    >>> tuple(layer(words, image).shape)
    (2, 7, 4)
    >>> tuple(layer.cell.kernel.shape)  # 5 + 3 rows, 4 gates
    (8, 16)

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

    Raises:
        ValueError: the static input's size is not the one of the first call.
    """

    def build(self, sequences_shape, static_shape=None, initial_state_shape=None):
        self._input_size = sequences_shape[-1]
        self._static_size = 0 if static_shape is None else static_shape[-1]
        size = self._input_size + self._static_size
        super().build((*sequences_shape[:2], size), initial_state_shape)

    def call(self, sequences, static=None, initial_state=None, mask=None, training=False):
        self._check_static(static)
        if mask is None:  # Keras fills it in only where there is a single tensor argument
            mask = backend.get_keras_mask(sequences)
        if self._is_left_to_keras():
            if static is not None:
                static = ops.repeat(static[:, None], ops.shape(sequences)[1], axis=1)
                sequences = ops.concatenate([sequences, static], axis=-1)
            return super().call(sequences, initial_state, mask, training)

        state_is_zero = initial_state is None
        if state_is_zero:
            initial_state = self.get_initial_state(ops.shape(sequences)[0])
        h, c = initial_state
        if training and self.dropout:
            sequences, static = self._dropped(sequences, static)
        inputs = ops.transpose(sequences, (1, 0, 2))  # (T, B, D)
        if mask is not None:
            # As numbers: TensorFlow complains on stderr of truth values to transpose, and would
            # move a cast behind the transposition.
            mask = (
                ops.transpose(ops.where(ops.cast(mask, "bool"), 1.0, 0.0))[:, :, None] > 0
            )  # (T, B, 1)
        if self.go_backwards:
            inputs = ops.flip(inputs, axis=0)
            mask = None if mask is None else ops.flip(mask, axis=0)
        states, h, c = _recurrence()(
            self._projected(inputs),
            self._base(ops.shape(sequences)[0], static),
            ops.cast(self.cell.recurrent_kernel, self.compute_dtype),
            ops.cast(h, self.compute_dtype),
            ops.cast(c, self._gate_dtype),
            mask,
        )
        if mask is not None:
            states = self._masked_outputs(states, mask, state_is_zero)
        output = ops.transpose(states, (1, 0, 2)) if self.return_sequences else states[-1]
        return (output, h, ops.cast(c, self.compute_dtype)) if self.return_state else output

    def _is_left_to_keras(self):
        """Tell whether the loop is not ours: cuDNN's, or an option we do not have."""
        cell = self.cell
        return (
            self.use_cudnn is True
            or self.stateful
            or self.unroll
            or cell.implementation == 1  # also chosen by recurrent_dropout
            or cell.activation is not keras.activations.tanh
            or cell.recurrent_activation is not keras.activations.sigmoid
            or self.use_cudnn
            and backend.cudnn_ok(
                cell.activation, cell.recurrent_activation, self.unroll, cell.use_bias
            )
        )

    def _dropped(self, sequences, static):
        """Drop the same inputs at every step, as Keras does on the concatenation."""
        size = self._input_size + self._static_size
        ones = ops.ones((ops.shape(sequences)[0], size), sequences.dtype)
        seeds = ReplicaSeeds(self.cell.seed_generator)
        keep = keras.random.dropout(ones, self.dropout, seed=seeds)
        sequences *= keep[:, None, : self._input_size]
        return sequences, None if static is None else static * keep[:, self._input_size :]

    def _projected(self, inputs):
        """(T, B, D) -> (T, B, 4 * units): one product for all steps."""
        kernel = ops.cast(self.cell.kernel, self.compute_dtype)[: self._input_size]
        steps, batch, _ = ops.shape(inputs)
        product = ops.matmul(ops.reshape(inputs, (-1, self._input_size)), kernel)
        return ops.reshape(product, (steps, batch, 4 * self.units))

    def _base(self, batch_size, static):
        """What every step adds to the gates, (B, 4 * units): bias and static input."""
        base = ops.zeros((batch_size, 4 * self.units), self._gate_dtype)
        if self.use_bias:
            base += ops.cast(self.cell.bias, self._gate_dtype)
        return base if static is None else base + self.static_projection(static)

    def _masked_outputs(self, states, mask, state_is_zero):
        """Outputs as Keras has them: held where masked, or zero; zero before the first step."""
        if self.zero_output_for_mask:
            return ops.where(mask, states, ops.zeros_like(states))
        if state_is_zero:
            return states
        started = ops.cumsum(ops.cast(mask, "int32"), axis=0) > 0
        return ops.where(started, states, ops.zeros_like(states))

    def static_projection(self, static):
        """Project a static input once, for many calls of ``step``.

        Args:
            static: (B, S), any float.

        Returns:
            (B, 4 * units), what the static input adds to the gates of every step.
        """
        self._check_static(static)
        return self._to_gates(static, self.cell.kernel[self._input_size :])

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
        z = self._to_gates(x_t, self.cell.kernel[: self._input_size])
        z += self._to_gates(h, self.cell.recurrent_kernel)
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

    def _to_gates(self, x, kernel):
        """Multiply in the compute type; the product has the gates' type."""
        product = ops.matmul(ops.cast(x, self.compute_dtype), ops.cast(kernel, self.compute_dtype))
        return ops.cast(product, self._gate_dtype)

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
