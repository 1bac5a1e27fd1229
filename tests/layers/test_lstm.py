import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from lrcn_keras.layers import LSTM

tf = pytest.importorskip("tensorflow")
# Keras 3.15 saving its variables with NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

B, T, D, S, U = 3, 7, 5, 4, 6


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def normal(rng, *shape):
    return rng.normal(size=shape).astype("float32")


def padding_mask(kind):
    if kind is None:
        return None
    if kind == "right":
        return np.arange(T) < np.array([[7], [3], [5]])
    return np.array([[0, 1, 0, 1, 1, 0, 0], [1] * 7, [0] * 7], bool)


def twins(rng, **kwargs):
    """Our layer and Keras's with the same random weights, both for D inputs."""
    ours, theirs = LSTM(U, **kwargs), keras.layers.LSTM(U, **kwargs)
    ours.build((None, None, D))
    theirs.build((None, None, D))
    weights = [normal(rng, *w.shape) * 0.5 for w in ours.get_weights() if w.dtype == np.float32]
    for layer in (ours, theirs):
        for variable, value in zip(layer.trainable_weights, weights, strict=True):
            variable.assign(value)
    return ours, theirs


def outputs_and_gradients(layer, arrays, **kwargs):
    """Everything the layer returns, and the gradients of a loss that weighs all of it."""
    tensors = {name: tf.constant(value) for name, value in arrays.items()}
    variables = [v.value for v in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(list(tensors.values()))
        call = dict(tensors)
        if "h" in call:
            call["initial_state"] = [call.pop("h"), call.pop("c")]
        outputs = tf.nest.flatten(layer(call.pop("sequences"), **call, **kwargs))
        outputs = [tf.cast(y, "float32") for y in outputs]
        loss = sum(
            tf.reduce_sum(tf.sin(y * np.linspace(1, 2, y.shape.num_elements()).reshape(y.shape)))
            for y in outputs
        )
    gradients = tape.gradient(loss, variables + list(tensors.values()))
    return [np.array(v) for v in outputs], [np.array(tf.convert_to_tensor(g)) for g in gradients]


def assert_all_close(left, right, atol=1e-5):
    for x, y in zip(left, right, strict=True):
        np.testing.assert_allclose(x, y, atol=atol * max(1.0, np.abs(y).max()), rtol=0)


@pytest.mark.parametrize("use_bias", [True, False])
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
@pytest.mark.parametrize("mask", [None, "right", "holes"])
@pytest.mark.parametrize("initial_state", [False, True])
def test_equals_keras(rng, use_bias, go_backwards, return_sequences, mask, initial_state):
    ours, theirs = twins(
        rng,
        use_bias=use_bias,
        go_backwards=go_backwards,
        return_sequences=return_sequences,
        return_state=True,
    )
    arrays = {"sequences": normal(rng, B, T, D)}
    if initial_state:
        arrays |= {"h": normal(rng, B, U), "c": normal(rng, B, U)}
    kwargs = {"mask": padding_mask(mask)} if mask else {}
    for left, right in zip(
        outputs_and_gradients(ours, arrays, **kwargs),
        outputs_and_gradients(theirs, arrays, **kwargs),
        strict=True,
    ):
        assert_all_close(left, right)


@pytest.mark.parametrize("return_sequences", [False, True])
def test_zeroes_masked_outputs_as_keras(rng, return_sequences):
    ours, theirs = twins(rng, return_sequences=return_sequences, zero_output_for_mask=True)
    x, mask = normal(rng, B, T, D), padding_mask("holes")
    np.testing.assert_allclose(ours(x, mask=mask), theirs(x, mask=mask), atol=1e-6)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"activation": "relu"},
        {"recurrent_activation": "hard_sigmoid"},
        {"unroll": True},
        {"stateful": True},
        {"dropout": 0.5, "seed": 1},
        {"dropout": 0.5, "recurrent_dropout": 0.25, "seed": 1},
    ],
    ids=str,
)
def test_options_of_keras_hold(rng, kwargs):
    x, static = normal(rng, 2, B, T, D), normal(rng, B, S)
    ours, theirs = LSTM(U, **kwargs), keras.layers.LSTM(U, **kwargs)
    ours.build((B, T, D), (B, S))
    theirs.build((B, T, D + S))
    theirs.set_weights(ours.get_weights())
    for batch in x:  # two calls: the state of stateful layers and of seeds moves on alike
        joined = np.concatenate([batch, np.repeat(static[:, None], T, 1)], -1)
        np.testing.assert_allclose(
            ours(batch, static, training=True), theirs(joined, training=True), atol=1e-6
        )


def test_equals_pytorch(rng):
    torch = pytest.importorskip("torch")
    layer, _ = twins(rng, return_sequences=True, return_state=True)
    x = normal(rng, B, T, D)
    kernel, recurrent_kernel, bias = layer.get_weights()[:3]
    theirs = torch.nn.LSTM(D, U, batch_first=True)  # gates i, f, g, o: Keras's order
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(torch.from_numpy(kernel.T.copy()))
        theirs.weight_hh_l0.copy_(torch.from_numpy(recurrent_kernel.T.copy()))
        theirs.bias_ih_l0.copy_(torch.from_numpy(bias))
        theirs.bias_hh_l0.zero_()
    x_torch = torch.from_numpy(x).requires_grad_()
    y_torch, (h_torch, c_torch) = theirs(x_torch)
    weight = normal(rng, B, T, U)
    ((y_torch * torch.from_numpy(weight)).sum() + (c_torch**2).sum()).backward()

    x_tf = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x_tf)
        y, h, c = layer(x_tf)
        loss = tf.reduce_sum(y * weight) + tf.reduce_sum(c**2)
    gradients = tape.gradient(loss, [x_tf, *(w.value for w in layer.trainable_weights)])
    assert_all_close(
        [np.array(v) for v in (y, h, c)],
        [v.detach().numpy() for v in (y_torch, h_torch[0], c_torch[0])],
    )
    weights = (theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0)
    expected = [x_torch.grad.numpy(), *(w.grad.numpy().T for w in weights)]
    assert_all_close([np.array(g) for g in gradients], expected)


def test_one_unit_by_hand():
    # z = x + h + static for every gate and bias 0, so with x = 1, 2 and static = -1:
    # step 1: z = 0, gates 1/2, g = 0: c = 0, h = 0. Step 2: z = 1, c = s(1) tanh(1).
    layer = LSTM(1, return_sequences=True, unit_forget_bias=False)
    layer.build((1, 2, 1), (1, 1))
    layer.set_weights([np.ones((2, 4)), np.ones((1, 4)), np.zeros(4)])
    s, c = 1 / (1 + np.exp(-1)), np.tanh(1) / (1 + np.exp(-1))
    y = layer(np.array([[[1.0], [2.0]]]), np.array([[-1.0]]))
    np.testing.assert_allclose(y, [[[0.0], [s * np.tanh(c)]]], atol=1e-6)


@pytest.mark.parametrize("mask", [None, "holes"])
def test_static_input_equals_concatenation(rng, mask):
    ours = LSTM(U, return_sequences=True)
    theirs = keras.layers.LSTM(U, return_sequences=True)
    x, static = normal(rng, B, T, D), normal(rng, B, S)
    ours.build(x.shape, static.shape)
    theirs.build((B, T, D + S))
    theirs.set_weights(ours.get_weights())
    kwargs = {"mask": padding_mask(mask)} if mask else {}
    y, gradients = outputs_and_gradients(ours, {"sequences": x, "static": static}, **kwargs)
    joined = np.concatenate([x, np.repeat(static[:, None], T, 1)], -1)
    y_keras, (*d_weights, d_joined) = outputs_and_gradients(theirs, {"sequences": joined}, **kwargs)
    assert_all_close(y, y_keras)
    expected = [*d_weights, d_joined[..., :D], d_joined[..., D:].sum(axis=1)]
    assert_all_close(gradients, expected)


@pytest.mark.parametrize("projected", [False, True])
def test_steps_equal_the_whole_sequence(rng, projected):
    layer = LSTM(U, return_sequences=True, return_state=True)
    x, static = normal(rng, B, T, D), normal(rng, B, S)
    y, h, c = layer(x, static)
    states = layer.get_initial_state(B)
    how = (
        {"static_projection": layer.static_projection(static)} if projected else {"static": static}
    )
    for t in range(T):
        output, states = layer.step(x[:, t], states, **how)
        np.testing.assert_allclose(output, y[:, t], atol=1e-6)
    np.testing.assert_allclose(states[0], h, atol=1e-6)
    np.testing.assert_allclose(states[1], c, atol=1e-6)


def test_bfloat16_is_close_to_float32(rng):
    exact = LSTM(U, return_sequences=True)
    rough = LSTM(U, return_sequences=True, dtype="mixed_bfloat16")
    arrays = {"sequences": normal(rng, B, T, D), "static": normal(rng, B, S)}
    exact.build((B, T, D), (B, S))
    rough.build((B, T, D), (B, S))
    rough.set_weights(exact.get_weights())
    y, gradients = outputs_and_gradients(exact, arrays)
    rough_y, rough_gradients = outputs_and_gradients(rough, arrays)
    assert_all_close(rough_y, y, atol=0.02)
    assert_all_close(rough_gradients, gradients, atol=0.03)
    states = rough.get_initial_state(B)
    for t in range(T):
        output, states = rough.step(arrays["sequences"][:, t], states, arrays["static"])
        np.testing.assert_allclose(tf.cast(output, "float32"), y[0][:, t], atol=0.02)
    assert [s.dtype for s in (output, *states)] == [tf.bfloat16, tf.bfloat16, tf.float32]


def test_configuration_is_that_of_keras():
    kwargs = {"return_sequences": True, "dropout": 0.5, "go_backwards": True, "name": "lstm"}
    assert LSTM(U, **kwargs).get_config() == keras.layers.LSTM(U, **kwargs).get_config()


def test_functional_model_survives_saving(rng, tmp_path):
    sequences, static = keras.Input((None, D)), keras.Input((S,))
    y, h, c = LSTM(U, return_sequences=True, return_state=True)(sequences, static=static)
    y = LSTM(U)(y, initial_state=[h, c])
    model = keras.Model([sequences, static], y)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    inputs = [normal(rng, B, T, D), normal(rng, B, S)]
    np.testing.assert_array_equal(model(inputs), again(inputs))


def test_keras_reads_our_weights_file(rng, tmp_path):
    ours, theirs = (
        keras.Sequential([keras.Input((None, D)), layer])
        for layer in (LSTM(U, name="lstm"), keras.layers.LSTM(U, name="lstm"))
    )
    ours.save_weights(tmp_path / "ours.weights.h5")
    theirs.load_weights(tmp_path / "ours.weights.h5")
    x = normal(rng, B, T, D)
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-6)
    ours.set_weights([w * 0 for w in ours.get_weights()])
    theirs.save_weights(tmp_path / "theirs.weights.h5")
    ours.load_weights(tmp_path / "theirs.weights.h5")
    np.testing.assert_allclose(ours(x), theirs(x), atol=1e-6)


def test_takes_the_mask_of_its_input(rng):
    tokens = np.array([[3, 2, 1, 0, 0], [1, 0, 0, 0, 0]])
    static = normal(rng, 2, S)
    embedding = keras.layers.Embedding(4, D, mask_zero=True)
    layer = LSTM(U)
    masked = layer(embedding(tokens), static)
    np.testing.assert_allclose(
        masked[1], layer(embedding(tokens[1:, :1]), static[1:])[0], atol=1e-6
    )


def test_exports_with_any_batch_and_length(rng, tmp_path):
    layer = LSTM(U, return_sequences=True)
    layer.build((None, None, D), (None, S))
    module = tf.Module()
    module.run = tf.function(
        lambda x, static: layer(x, static),
        input_signature=[
            tf.TensorSpec((None, None, D), tf.float32),
            tf.TensorSpec((None, S), tf.float32),
        ],
    )
    module.weights = [w.value for w in layer.weights]
    tf.saved_model.save(module, str(tmp_path))
    served = tf.saved_model.load(str(tmp_path))
    for batch, steps in ((1, 1), (4, 9), (0, 3)):
        x, static = normal(rng, batch, steps, D), normal(rng, batch, S)
        np.testing.assert_allclose(served.run(x, static), layer(x, static), atol=1e-6)


def test_gradients_hold_in_a_graph(rng):
    layer = LSTM(U, return_sequences=True)
    x, static = tf.constant(normal(rng, B, T, D)), tf.constant(normal(rng, B, S))
    layer(x, static)

    def gradients(x, static):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x, static) ** 2)
        return tape.gradient(loss, [w.value for w in layer.trainable_weights])

    signature = [tf.TensorSpec((None, None, D)), tf.TensorSpec((None, S))]
    inside = tf.function(gradients, input_signature=signature)(x, static)
    graph = tf.function(layer, input_signature=signature)
    with tf.GradientTape() as tape:  # the tape outside of the graph
        loss = tf.reduce_sum(graph(x, static) ** 2)
    outside = tape.gradient(loss, [w.value for w in layer.trainable_weights])
    expected = [np.array(g) for g in gradients(x, static)]
    assert_all_close([np.array(g) for g in inside], expected)
    assert_all_close([np.array(g) for g in outside], expected)


def test_stateless_call_uses_the_given_weights(rng):
    layer, other = twins(rng)
    x = normal(rng, B, T, D)
    other.set_weights([w * 2 for w in other.get_weights()])
    y, _ = layer.stateless_call(
        [w.value for w in other.trainable_weights],
        [w.value for w in layer.non_trainable_variables],
        x,
    )
    np.testing.assert_allclose(y, other(x), atol=1e-6)


def test_static_input_must_be_the_one_it_was_built_for(rng):
    layer = LSTM(U)
    with pytest.raises(ValueError, match="not built"):
        layer.step(normal(rng, B, D), layer.get_initial_state(B))
    layer(normal(rng, B, T, D), normal(rng, B, S))
    with pytest.raises(ValueError, match="size 4, received one of size 0"):
        layer(normal(rng, B, T, D))
    with pytest.raises(ValueError, match="size 4, received one of size 3"):
        layer(normal(rng, B, T, D), normal(rng, B, S - 1))


_ON_JAX = """
import sys
import numpy as np
from lrcn_keras.layers import LSTM
data = np.load(sys.argv[1])
layer = LSTM(6, return_sequences=True, return_state=True)
layer.build(data["x"].shape, data["static"].shape)
layer.set_weights([data[f"w{i}"] for i in range(3)])
for name, kwargs in {"": {}, "mask": {"mask": data["mask"]}}.items():
    for i, y in enumerate(layer(data["x"], data["static"], **kwargs)):
        np.testing.assert_allclose(np.array(y), data[f"y{name}{i}"], atol=1e-6)
"""


def test_jax_gives_the_same(rng, tmp_path):
    pytest.importorskip("jax")
    layer = LSTM(U, return_sequences=True, return_state=True)
    x, static, mask = normal(rng, B, T, D), normal(rng, B, S), padding_mask("holes")
    arrays = {f"y{i}": y for i, y in enumerate(layer(x, static))}
    arrays |= {f"ymask{i}": y for i, y in enumerate(layer(x, static, mask=mask))}
    arrays |= {f"w{i}": w for i, w in enumerate(layer.get_weights())}
    np.savez(tmp_path / "data.npz", x=x, static=static, mask=mask, **arrays)
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", _ON_JAX, str(tmp_path / "data.npz")]
    subprocess.run(command, env=environment, check=True, timeout=600)
