"""How a stage's weights move: optimizer and schedule."""

import keras
from keras import ops

from lrcn_keras.training.recipe import Stage

_LAST_LAYER = "logits"


def optimizer_for(stage: Stage, steps: int) -> keras.optimizers.Optimizer:
    """Make a stage's optimizer.

    Args:
        stage: says which.
        steps: of the whole stage.
    """
    shared = {
        "learning_rate": _schedule(stage, steps),
        "global_clipnorm": stage.clip_norm or None,
        "use_ema": stage.ema > 0,
        "ema_momentum": stage.ema or 0.99,
    }
    if stage.optimizer == "adamw":
        return keras.optimizers.AdamW(weight_decay=stage.weight_decay, **shared)
    return CaffeSGD(
        momentum=stage.momentum,
        l2=stage.weight_decay,
        factors={_LAST_LAYER: stage.head_rate},
        **shared,
    )


def _schedule(stage: Stage, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    if stage.schedule == "step":
        return keras.optimizers.schedules.ExponentialDecay(
            stage.learning_rate, stage.decay_steps, 0.1, staircase=True
        )
    warmup = min(stage.warmup_steps, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0,
        steps - warmup,
        alpha=0.01,
        warmup_target=stage.learning_rate,
        warmup_steps=warmup,
    )


@keras.saving.register_keras_serializable("lrcn_keras")
class CaffeSGD(keras.optimizers.SGD):
    """Gradient descent with momentum as the paper's framework does it.

    Weight decay is the gradient of a term of the loss: it is added after clipping and gathers
    momentum, where Keras's own is neither in the gradient nor in the momentum. Biases do not decay
    and learn at twice the rate.

    Args:
        learning_rate: a number or a schedule.
        momentum: in [0, 1].
        l2: weight decay.
        factors: name of a layer -> factor on the learning rate of its weights.
        **kwargs: those of ``keras.optimizers.Optimizer``.
    """

    def __init__(self, learning_rate=0.01, momentum=0.9, l2=0.0, factors=None, **kwargs):
        super().__init__(learning_rate, momentum, **kwargs)
        self.l2 = l2
        self.factors = dict(factors or {})

    def update_step(self, gradient, variable, learning_rate):
        # On TensorFlow `variable` is what Keras's variable wraps, and does not know its path.
        path = self._trainable_variables[self._get_variable_index(variable)].path.split("/")
        for layer, factor in self.factors.items():
            if layer in path:
                learning_rate = learning_rate * factor
        if path[-1] == "bias":
            learning_rate = learning_rate * 2
        elif self.l2:
            gradient = ops.add(gradient, ops.multiply(variable, self.l2))
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return {**super().get_config(), "l2": self.l2, "factors": self.factors}
