"""The three kinds of stages that a captioner goes through."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lrcn_keras.datasets import CaptionDataset, cached_features
from lrcn_keras.models import ImageCaptioner, LanguageModel
from lrcn_keras.training.callbacks import Checkpoint, Choice
from lrcn_keras.training.progress import Progress, read_arrays
from lrcn_keras.training.recipe import Stage
from lrcn_keras.training.scoring import predict_captions, score_captions

_SAVE_EVERY = 100  # steps


class StageRunner:
    """Runs stages on one captioner, which has the best weights of each afterwards.

    Args:
        captioner: the float32 model that the recipe ends with.
        dev: data on which the epoch is chosen.
        sentences: of the language stages, besides the captions trained on.
        directory: where progress and TensorBoard logs go.
        seed: decides order, augmentation and dropout.
        strategy: a ``tf.distribute.Strategy``.
    """

    def __init__(
        self,
        captioner: ImageCaptioner,
        dev: CaptionDataset,
        sentences: list[str],
        directory: Path,
        seed: int,
        strategy: Any,
    ):
        self.captioner = captioner
        self.dev = dev
        self.sentences = sentences
        self.directory = directory
        self.seed = seed
        self.strategy = strategy

    def run(self, number: int, stage: Stage, train: CaptionDataset) -> list[dict[str, Any]]:
        """Run or finish a stage, or take over its result where it has ended before.

        Args:
            number: the stage's place in the recipe.
            stage: what to do.
            train: data that is trained on.

        Returns:
            The scores of each epoch on dev.
        """
        progress = Progress(self.directory / f"{number}-{stage.name}")
        if progress.done:
            self.captioner.set_weights(read_arrays(progress.result_path))
            return progress.scores
        seed = self.seed + 1000 * number
        keras.utils.set_random_seed(seed)
        with self.strategy.scope(), _precision(stage.mixed_bfloat16):
            model, batches, score = getattr(self, f"_{stage.kind}")(stage, train, seed)
        self._fit(model, batches, score, stage, progress)
        model.set_weights(read_arrays(progress.best_path))
        self._take_over(model)
        progress.finish(self.captioner)
        return progress.scores

    def _fit(self, model, batches, score, stage: Stage, progress: Progress) -> None:
        steps = batches(0, 0).steps_per_epoch
        with self.strategy.scope():
            model.compile(
                _optimizer(stage, steps * stage.epochs), label_smoothing=stage.label_smoothing
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

    def _take_over(self, model) -> None:
        if isinstance(model, LanguageModel):
            self.captioner.copy_language(model)
        elif model.backbone is None:
            self.captioner.word_decoder.set_weights(model.word_decoder.get_weights())
        else:
            self.captioner.set_weights(model.get_weights())

    def _sentences(self, stage: Stage, train: CaptionDataset, seed: int):
        config = self.captioner.word_decoder.get_config()
        names = ("num_layers", "units", "embedding_size", "dropout", "tied_embeddings")
        model = LanguageModel(
            self.captioner.vocabulary,
            **{name: config[name] for name in names},
            max_length=self.captioner.max_length,
        )
        captions = [text for texts in train.captions for text in texts]
        held_out = [text for texts in self.dev.captions for text in texts]
        dev_batches = model.prepare(held_out, stage.batch_size)
        return (
            model,
            self._batches(model, [*self.sentences, *captions], stage, seed),
            lambda trained: {"log_likelihood": -_nll(trained, dev_batches)},
        )

    def _features(self, stage: Stage, train: CaptionDataset, seed: int):
        model = self.captioner.without_backbone()
        features = self._cached(train, stage.mirrored)
        dev = self._cached(self.dev, False)
        return (
            model,
            self._batches(model, train, stage, seed, features=features),
            lambda trained: self._dev_scores(trained, dev),
        )

    def _photos(self, stage: Stage, train: CaptionDataset, seed: int):
        config = self.captioner.get_config()
        config["trainable_backbone"] = stage.trainable_backbone
        model = ImageCaptioner.from_config(config)
        model.set_weights(self.captioner.get_weights())
        return model, self._batches(model, train, stage, seed), self._dev_scores

    def _batches(self, model, data, stage: Stage, seed: int, **kwargs) -> Callable:
        def batches(epoch: int, step: int):
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

    def _cached(self, dataset: CaptionDataset, mirrored: bool) -> np.ndarray:
        return cached_features(
            self.captioner.backbone, dataset, self.directory / "features", mirrored=mirrored
        )

    def _dev_scores(self, model, features: np.ndarray | None = None) -> dict[str, float]:
        captions = predict_captions(model, self.dev, features=features)
        scores = score_captions(captions, self.dev, resamples=1, with_meteor=False)
        return {name: scores[name] for name in ("CIDEr-D", "BLEU-4", "distinct")}


def _nll(model, batches) -> float:
    return model.evaluate(batches, verbose=0, return_dict=True)["nll"]


def _optimizer(stage: Stage, steps: int) -> keras.optimizers.Optimizer:
    warmup = min(stage.warmup_steps, steps // 2)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        steps - warmup,
        alpha=0.01,
        warmup_target=stage.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(
        rate,
        weight_decay=stage.weight_decay,
        global_clipnorm=stage.clip_norm,
        use_ema=stage.ema > 0,
        ema_momentum=stage.ema or 0.99,
    )


@contextlib.contextmanager
def _precision(mixed_bfloat16: bool) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed_bfloat16 else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
