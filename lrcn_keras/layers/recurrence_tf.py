"""The LSTM recurrence for TensorFlow on CPUs, with a gradient of its own.

TensorFlow's gradient of a loop multiplies for the recurrent kernel at every step; here all
steps share one product, and the gates stay float32 around products of a narrower type.
"""

import tensorflow as tf


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

    @tf.custom_gradient
    def run(projected, base, recurrent_kernel, h, c):
        states, last_h, last_c, saved = _forward(projected, base, recurrent_kernel, h, c, mask)

        def gradient(d_states, d_last_h, d_last_c):
            d_projected, d_h, d_c = _backward(
                d_states, d_last_h, d_last_c, recurrent_kernel, saved, mask
            )
            units = h.shape[-1]
            previous = tf.concat([h[None], states[:-1]], axis=0)
            d_kernel = tf.matmul(
                tf.reshape(previous, (-1, units)),
                tf.reshape(d_projected, (-1, 4 * units)),
                transpose_a=True,
            )
            d_base = tf.reduce_sum(tf.cast(d_projected, base.dtype), axis=0)
            return d_projected, d_base, d_kernel, d_h, d_c

        return (states, last_h, last_c), gradient

    return run(projected, base, recurrent_kernel, h, c)


def _array(dtype, steps, shape):
    return tf.TensorArray(dtype, size=steps, element_shape=shape, clear_after_read=False)


def _forward(projected, base, recurrent_kernel, h, c, mask):
    steps, gate_dtype = tf.shape(projected)[0], c.dtype
    inputs = tf.TensorArray(projected.dtype, size=steps).unstack(projected)
    if mask is not None:
        masks = tf.TensorArray(tf.bool, size=steps).unstack(mask)

    def step(t, h, c, states, saved):
        product = tf.matmul(h, recurrent_kernel)
        z = tf.add_n([tf.cast(inputs.read(t), gate_dtype), tf.cast(product, gate_dtype), base])
        i, f, g, o = tf.split(z, 4, axis=-1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        new_c = f * c + i * g
        tanh_c = tf.tanh(new_c)
        new_h = tf.cast(o * tanh_c, h.dtype)
        if mask is not None:
            keep = masks.read(t)
            new_h, new_c = tf.where(keep, new_h, h), tf.where(keep, new_c, c)
        values = (i, f, g, o, tanh_c, c)
        saved = tuple(array.write(t, value) for array, value in zip(saved, values, strict=True))
        return t + 1, new_h, new_c, states.write(t, new_h), saved

    saved = tuple(_array(gate_dtype, steps, c.shape) for _ in range(6))
    states = _array(h.dtype, steps, h.shape)
    _, h, c, states, saved = tf.while_loop(
        lambda t, *_: t < steps, step, (tf.constant(0), h, c, states, saved)
    )
    # Stacked, since a SavedModel cannot hold a gradient that captures a tensor array.
    return states.stack(), h, c, [array.stack() for array in saved]


def _backward(d_states, d_last_h, d_last_c, recurrent_kernel, saved, mask):
    steps, dtype, gate_dtype = tf.shape(d_states)[0], d_states.dtype, d_last_c.dtype
    d_outputs = tf.TensorArray(dtype, size=steps).unstack(d_states)
    saved = [tf.TensorArray(gate_dtype, size=steps).unstack(values) for values in saved]
    # Transposed once: a float32 product with transpose_b is 1.2 times slower at every step.
    transposed_kernel = tf.transpose(recurrent_kernel)
    if mask is not None:
        masks = tf.TensorArray(tf.bool, size=steps).unstack(mask)

    def step(t, d_h, d_c, d_z_all):
        i, f, g, o, tanh_c, c = (array.read(t) for array in saved)
        d_h += tf.cast(d_outputs.read(t), gate_dtype)
        d_new_c = d_c + _tanh_grad(tanh_c, d_h * o)
        d_z = tf.concat(
            [
                tf.cast(d, dtype)
                for d in (
                    _sigmoid_grad(i, d_new_c * g),
                    _sigmoid_grad(f, d_new_c * c),
                    _tanh_grad(g, d_new_c * i),
                    _sigmoid_grad(o, d_h * tanh_c),
                )
            ],
            axis=-1,
        )
        if mask is not None:
            keep = masks.read(t)
            d_z = tf.where(keep, d_z, tf.zeros_like(d_z))
        d_old_h = tf.cast(tf.matmul(d_z, transposed_kernel), gate_dtype)
        d_old_c = d_new_c * f
        if mask is not None:
            d_old_h, d_old_c = tf.where(keep, d_old_h, d_h), tf.where(keep, d_old_c, d_c)
        return t - 1, d_old_h, d_old_c, d_z_all.write(t, d_z)

    d_z_all = _array(dtype, steps, (d_states.shape[1], recurrent_kernel.shape[1]))
    _, d_h, d_c, d_z_all = tf.while_loop(
        lambda t, *_: t >= 0,
        step,
        (steps - 1, tf.cast(d_last_h, gate_dtype), d_last_c, d_z_all),
    )
    return d_z_all.stack(), tf.cast(d_h, dtype), d_c


def _sigmoid_grad(y, dy):
    return tf.raw_ops.SigmoidGrad(y=y, dy=dy)


def _tanh_grad(y, dy):
    return tf.raw_ops.TanhGrad(y=y, dy=dy)
