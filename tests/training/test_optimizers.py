import keras
import numpy as np
import pytest

from lrcn_keras.training import Stage
from lrcn_keras.training.optimizers import optimizer_for

_RATE, _DECAY = 0.1, 0.05


def _stage(**changes) -> Stage:
    arguments = {
        "optimizer": "sgd",
        "learning_rate": _RATE,
        "weight_decay": _DECAY,
        "schedule": "step",
        "decay_steps": 2,
        "head_rate": 10.0,
        "clip_norm": 5.0,
    }
    return Stage("s", "clips", 1, **{**arguments, **changes})


def _model() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(4, name="fc6", bias_initializer="ones"),
            keras.layers.Dense(2, name="logits", bias_initializer="ones"),
        ]
    )


def _gradients(model, step) -> list[np.ndarray]:
    rng = np.random.default_rng(step)
    return [rng.normal(size=w.shape).astype("float32") for w in model.trainable_variables]


def _trained(stage, model, steps, scale=1.0) -> list[np.ndarray]:
    optimizer = optimizer_for(stage, steps)
    for step in range(steps):
        gradients = [keras.ops.convert_to_tensor(g * scale) for g in _gradients(model, step)]
        optimizer.apply(gradients, model.trainable_variables)
    return model.get_weights()


def test_sgd_with_momentum_decay_and_rates_of_layers_is_pytorchs():
    torch = pytest.importorskip("torch")
    model = _model()
    weights = [torch.tensor(w, requires_grad=True) for w in model.get_weights()]
    # kernel and bias of fc6, of the last layer: biases at twice the rate, without decay
    rates, decays = (1, 2, 10, 20), (_DECAY, 0, _DECAY, 0)
    groups = [
        {"params": [w], "lr": _RATE * rate, "weight_decay": decay}
        for w, rate, decay in zip(weights, rates, decays, strict=True)
    ]
    peer = torch.optim.SGD(groups, momentum=0.9)
    for step in range(5):
        for weight, gradient in zip(weights, _gradients(model, step), strict=True):
            weight.grad = torch.tensor(gradient)
        peer.step()
    ours = _trained(_stage(decay_steps=1000, clip_norm=0), model, 5)
    for mine, theirs in zip(ours, weights, strict=True):
        np.testing.assert_allclose(mine, theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_the_rate_falls_to_a_tenth_and_clipping_comes_before_the_decay():
    model = _model()
    expected = model.get_weights()
    moved = [np.zeros_like(w) for w in expected]
    for step in range(5):
        gradients = [40 * g for g in _gradients(model, step)]
        norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
        assert norm > 15
        for i, (gradient, factor) in enumerate(zip(gradients, (1, 2, 10, 20), strict=True)):
            gradient = gradient * 15 / norm + (0 if i % 2 else _DECAY * expected[i])
            moved[i] = 0.9 * moved[i] - _RATE * 0.1 ** (step // 2) * factor * gradient
            expected[i] = expected[i] + moved[i]
    for mine, theirs in zip(_trained(_stage(clip_norm=15.0), model, 5, 40), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def test_the_last_layer_of_a_recognizer_is_the_one_that_learns_faster():
    from lrcn_keras.models import ActivityRecognizer

    model = ActivityRecognizer(["x", "y"], None, feature_size=3, units=4)
    before = model.get_weights()
    optimizer = optimizer_for(_stage(momentum=0.0, weight_decay=0.0, clip_norm=0), 1)
    optimizer.apply([keras.ops.ones(w.shape) for w in model.trainable_variables],
                    model.trainable_variables)  # fmt: skip
    moved = {
        w.path.split("/")[-2] + "/" + w.name: float((a - b).flat[0] / -_RATE)
        for w, a, b in zip(model.weights, model.get_weights(), before, strict=True)
    }
    assert moved == pytest.approx(
        {
            "lstm_cell/kernel": 1,
            "lstm_cell/recurrent_kernel": 1,
            "lstm_cell/bias": 2,
            "logits/kernel": 10,
            "logits/bias": 20,
        },
        rel=1e-4,
    )


def test_the_cosine_rises_and_falls():
    stage = Stage("s", "clips", 1, learning_rate=1.0, warmup_steps=10)
    rate = optimizer_for(stage, 110)._learning_rate
    assert [float(rate(step)) for step in (0, 5, 10, 60, 110)] == pytest.approx(
        [0, 0.5, 1, (1 + 0.01) / 2, 0.01]
    )


def test_without_a_clip_norm_nothing_is_clipped():
    assert optimizer_for(_stage(clip_norm=0), 1).global_clipnorm is None
    assert optimizer_for(Stage("s", "clips", 1), 1).global_clipnorm == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "adam"}, r"optimizer must be one of \['adamw', 'sgd'\], got 'adam'"),
        ({"schedule": "poly"}, "schedule must be one of"),
        ({"decay_steps": 0}, "decay_steps, a positive number, belongs to"),
        ({"schedule": "cosine"}, "decay_steps, a positive number, belongs to"),
        ({"optimizer": "adamw"}, 'head_rate belongs to optimizer = "sgd"'),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        _stage(**changes)
