"""How a model goes through the stages of a recipe."""

import contextlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from lrcn_keras.training.callbacks import Checkpoint, Choice
from lrcn_keras.training.optimizers import optimizer_for
from lrcn_keras.training.progress import Progress, read_arrays
from lrcn_keras.training.recipe import Stage

_SAVE_EVERY = 100  # steps


class StageRunner(ABC):
    """Runs stages on one model, which has the best weights of each afterwards.

    A task says by a method for each kind of stage, ``_features`` for example, what is trained: a
    model, a function of epoch and step that makes its batches, and one that scores it on dev.

    Args:
        model: the float32 model that the recipe ends with.
        directory: where progress and TensorBoard logs go.
        seed: decides order, augmentation and dropout.
        strategy: a ``tf.distribute.Strategy``.
    """

    def __init__(self, model: keras.Model, directory: Path, seed: int, strategy: Any):
        self.model = model
        self.directory = directory
        self.seed = seed
        self.strategy = strategy

    @abstractmethod
    def take_over(self, trained: keras.Model) -> None:
        """Copy what a stage trained into the model."""

    def loss_options(self, stage: Stage) -> dict[str, Any]:
        """Say what else ``compile`` takes of a stage; nothing, unless a task overrides it."""
        return {}

    def run(self, number: int, stage: Stage, train: Any) -> None:
        """Run or finish a stage, or take over its result where it has ended before.

        Args:
            number: the stage's place in the recipe.
            stage: what to do.
            train: data that is trained on.

        Raises:
            ValueError: for a kind of stage that the task does not have.
        """
        prepare = getattr(self, f"_{stage.kind}", None)
        if prepare is None:
            raise ValueError(f"Stage {stage.name!r}: this task has no stages of {stage.kind}.")
        progress = Progress(self.directory / f"{number}-{stage.name}")
        if progress.done:
            self.model.set_weights(read_arrays(progress.result_path))
            return
        seed = self.seed + 1000 * number
        keras.utils.set_random_seed(seed)
        with self.strategy.scope(), _precision(stage.mixed_bfloat16):
            trained, batches, score = prepare(stage, train, seed)
        self._fit(trained, batches, score, stage, progress)
        trained.set_weights(read_arrays(progress.best_path))
        self.take_over(trained)
        progress.finish(self.model)

    def _fit(self, model, batches, score, stage: Stage, progress: Progress) -> None:
        steps = batches(0, 0).steps_per_epoch
        with self.strategy.scope():
            model.compile(
                optimizer_for(stage, steps * stage.epochs),
                label_smoothing=stage.label_smoothing,
                **self.loss_options(stage),
            )
        progress.restore(model)
        choice = Choice(progress, score)
        board = keras.callbacks.TensorBoard(progress.directory, write_graph=False)
        for epoch in range(progress.epoch, stage.epochs):
            model.fit(
                batches(epoch, progress.step),
                steps_per_epoch=steps - progress.step,
                initial_epoch=epoch,
                epochs=epoch + 1,
                callbacks=[choice, Checkpoint(progress, _SAVE_EVERY), board],
                verbose=1 if sys.stderr.isatty() else 2,
            )
            model.set_weights(choice.raw)  # `fit` ends with the averaged ones


def batches_of(model, data, stage: Stage, seed: int, features=None, **kwargs) -> Callable:
    """Make a function of epoch and step that prepares a model's training batches from there on.

    Args:
        model: what is trained.
        data: what it is trained on.
        stage: says how large batches are.
        seed: of the order.
        features: those that ``model.prepare`` takes, or a function of the epoch that makes them.
        **kwargs: further arguments of ``model.prepare``.
    """

    def batches(epoch: int, step: int):
        if features is not None:
            kwargs["features"] = features(epoch) if callable(features) else features
        return model.prepare(
            data,
            stage.batch_size,
            training=True,
            seed=seed,
            first_epoch=epoch,
            first_step=step,
            **kwargs,
        )

    return batches


def from_pixels(model, stage: Stage, **changes: Any):
    """Copy a model, with the part of its backbone trainable that the stage trains.

    Args:
        model: the model.
        stage: what is trained.
        **changes: further arguments that differ in the copy; none that changes a weight's shape.
    """
    config = model.get_config() | {"trainable_backbone": stage.trainable_backbone, **changes}
    copy = type(model).from_config(config)
    copy.set_weights(model.get_weights())
    return copy


@contextlib.contextmanager
def _precision(mixed_bfloat16: bool) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed_bfloat16 else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
