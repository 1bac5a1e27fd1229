"""What happens beside the steps of a stage: checkpoints, and the choice of an epoch."""

from collections.abc import Callable

import keras
import numpy as np

from lrcn_keras.training.progress import Progress, write_arrays


class Checkpoint(keras.callbacks.Callback):
    """Saves the stage's progress every so many steps and at the end of every epoch.

    Args:
        progress: what is saved; its position is kept up to date.
        every: steps between two saves.
    """

    def __init__(self, progress: Progress, every: int):
        super().__init__()
        self.progress = progress
        self.every = every

    def on_train_batch_end(self, batch, logs=None):
        self.progress.step += 1
        if self.progress.step % self.every == 0:
            self.progress.save(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self.progress.epoch, self.progress.step = epoch + 1, 0
        self.progress.save(self.model)


class Choice(keras.callbacks.Callback):
    """Scores the averaged weights on dev after every epoch and keeps the best ones.

    Args:
        progress: gets the scores and the best weights.
        score: model -> {metric: value}; the first metric decides, more is better. Without metrics
            the last epoch's weights are kept.
    """

    def __init__(self, progress: Progress, score: Callable[[keras.Model], dict[str, float]]):
        super().__init__()
        self.progress = progress
        self.score = score
        self.raw: list[np.ndarray] = []  # the weights that the next epoch goes on from

    def on_epoch_end(self, epoch, logs=None):
        self.raw = self.model.get_weights()
        optimizer = self.model.optimizer
        if optimizer.use_ema:
            optimizer.finalize_variable_values(self.model.trainable_variables)
        scores = self.score(self.model)
        metric = next(iter(scores), None)
        best = max((s[metric] for s in self.progress.scores if metric), default=-np.inf)
        if metric is None or scores[metric] > best:
            write_arrays(self.progress.best_path, self.model.get_weights())
        self.model.set_weights(self.raw)
        self.progress.scores.append({"epoch": epoch + 1, **scores, "loss": float(logs["loss"])})
        if logs is not None:
            logs.update({f"dev_{name}": value for name, value in scores.items()})
