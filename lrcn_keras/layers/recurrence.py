"""The LSTM recurrence for any Keras backend."""

from keras import ops


def recurrence(projected, base, recurrent_kernel, h, c, mask=None):
    """Run an LSTM (sigmoid gates, tanh) over inputs that are projected already.

    Args:
        projected: (T, B, 4u), the inputs times the kernel, gates in the order i, f, g, o.
        base: (B, 4u), what every step adds, in the type of ``c``.
        recurrent_kernel: (u, 4u), in the type of ``projected``.
        h: (B, u), in the type of ``projected``.
        c: (B, u), float32 or float64: the type of the gates.
        mask: (T, B, 1) bool; where False the state is held.

    Returns:
        All hidden states (T, B, u), the last one, and the last cell state.
    """

    def step(state, inputs):
        h, c = state
        x, keep = (inputs, None) if mask is None else inputs
        z = ops.cast(x, c.dtype) + base + ops.cast(ops.matmul(h, recurrent_kernel), c.dtype)
        i, f, g, o = ops.split(z, 4, axis=-1)
        new_c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        new_h = ops.cast(ops.sigmoid(o) * ops.tanh(new_c), h.dtype)
        if keep is not None:
            new_h, new_c = ops.where(keep, new_h, h), ops.where(keep, new_c, c)
        return (new_h, new_c), new_h

    xs = projected if mask is None else (projected, mask)
    (h, c), states = ops.scan(step, (h, c), xs)
    return states, h, c
