"""tf.data batches of captions and photos for models that predict words; see `batch_plan`."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import tensorflow as tf

from lrcn_keras.models.batch_plan import (
    assembled,
    endless_training,
    in_order,
    shuffled_plan,
    step_seed,
)
from lrcn_keras.models.image_batches import image_batches
from lrcn_keras.text import Vocabulary

_POOL = 20  # batches that are sorted by length together


class _Tokens:
    """Encoded captions, as flat numpy arrays and their offsets."""

    def __init__(self, captions: Sequence[str], vocabulary: Vocabulary, max_length: int):
        encoded = [vocabulary.encode(caption, max_length - 1) for caption in captions]
        self.steps = np.array([len(ids) + 1 for ids in encoded], np.int32)
        # A row is 0 w1 ... wn 0: all but the last entry is input, all but the first is target.
        self.rows = tf.RaggedTensor.from_row_lengths(
            np.concatenate([[0, *ids, 0] for ids in encoded] or [[]]).astype(np.int32),
            self.steps.astype(np.int64) + 1,
        )

    def dense(self, index: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """(B, K) ragged caption numbers -> inputs (B, K, T), lengths (B, K), targets (B, K, T)."""
        rows = tf.gather(self.rows, index)
        lengths = (rows.row_lengths(axis=2) - 1).to_tensor()
        dense = rows.to_tensor()
        return dense[..., :-1], tf.cast(lengths, tf.int32), dense[..., 1:]


def bucketed_plan(lengths, batch_size: int, seed: int, epoch) -> tuple[tf.Tensor, tf.Tensor]:
    """Plan an epoch so that a batch's captions are of similar length.

    Args:
        lengths: (N,) int32, the examples' lengths.
        batch_size: examples a batch; one batch of an epoch may be smaller.
        seed: the plan is a function of it and ``epoch``.
        epoch: number of the pass, an int64 scalar.

    Returns:
        An order of the examples (N,), and the order (steps,) in which its batches are taken.
    """
    order, batches = shuffled_plan(tf.size(lengths), batch_size, seed, epoch)
    pool = tf.range(tf.size(lengths)) // (batch_size * _POOL)
    # Sorting by (pool, length) sorts each pool by itself.
    keys = tf.gather(lengths, order) + pool * (tf.reduce_max(lengths) + 1)
    return tf.gather(order, tf.argsort(keys, stable=True)), batches


def sentence_batches(
    sentences: Sequence[str],
    vocabulary: Vocabulary,
    max_length: int,
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches of sentences without photos: see `LanguageModel.prepare`."""
    tokens = _Tokens(sentences, vocabulary, max_length)

    def assemble(epoch, index):
        inputs, lengths, targets = tokens.dense(_one_each(index))
        return {"tokens": inputs, "lengths": lengths}, targets

    count = len(sentences)
    if not training:
        return assembled(in_order(count, batch_size), assemble)
    plan = partial(bucketed_plan, tokens.steps, batch_size, seed)
    return assembled(endless_training(plan, count, batch_size, first_epoch, first_step), assemble)


def feature_batches(
    features: np.ndarray,
    captions: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
    max_length: int,
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
    beside: Mapping[str, np.ndarray] | None = None,
) -> tf.data.Dataset:
    """Batches of features made before, with one caption each so that lengths can be bucketed.

    Args:
        features: (N, views, ...) float; in training a random view (say: mirrored or not) is taken,
            otherwise the first. A photo whose features are not finite is left out.
        captions: the captions of each photo.
        vocabulary: encodes them.
        max_length: steps of a caption, EOS included.
        batch_size: captions a batch.
        training: whether to shuffle and bucket.
        seed: order and views are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.
        beside: further inputs by name, each (N, ...), those of the photos.

    Returns:
        ``tf.data.Dataset`` of (inputs, targets).
    """
    usable = np.isfinite(features).all(axis=tuple(range(1, features.ndim)))
    pairs = [(i, text) for i, texts in enumerate(captions) if usable[i] for text in texts]
    owner = np.array([i for i, _ in pairs], np.int32)
    tokens = _Tokens([text for _, text in pairs], vocabulary, max_length)
    views = features.shape[1] if training else 1
    table = tf.constant(features)
    tables = {name: tf.constant(array) for name, array in (beside or {}).items()}

    def assemble(epoch, index):
        inputs, lengths, targets = tokens.dense(_one_each(index))
        view = tf.random.stateless_uniform(
            tf.shape(index),
            step_seed(seed, epoch, index, len(pairs)),
            maxval=views,
            dtype=tf.int32,
        )
        photo = tf.gather(owner, index)
        chosen = tf.cast(tf.gather_nd(table, tf.stack([photo, view], axis=1)), tf.float32)
        further = {name: tf.gather(array, photo) for name, array in tables.items()}
        return {"features": chosen, "tokens": inputs, "lengths": lengths, **further}, targets

    count = len(pairs)
    if not training:
        return assembled(in_order(count, batch_size), assemble)
    plan = partial(bucketed_plan, tokens.steps, batch_size, seed)
    return assembled(endless_training(plan, count, batch_size, first_epoch, first_step), assemble)


def photo_batches(
    photos: Sequence[str | bytes],
    names: Sequence[str],
    captions: Sequence[Sequence[str]],
    vocabulary: Vocabulary,
    max_length: int,
    image_size: int,
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches of photos with all their captions: one CNN pass serves them all.

    In training a photo is enlarged to 8/7, cropped at random and mirrored at random, as in the
    paper. A photo that cannot be decoded is reported by name and counts for nothing: its captions
    get length 0.

    Args:
        photos: paths, or encoded photos.
        names: what a photo is called in messages.
        captions: the captions of each photo.
        vocabulary: encodes them.
        max_length: steps of a caption, EOS included.
        image_size: height and width of the batch's photos in pixels.
        batch_size: photos a batch.
        training: whether to shuffle and augment.
        seed: order and augmentation are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.

    Returns:
        ``tf.data.Dataset`` of (inputs, targets).
    """
    of = caption_tokens(captions, vocabulary, max_length)

    def finish(images, ok, index):
        inputs, targets = of(index, ok)
        return {"image": images, **inputs}, targets

    return image_batches(
        photos,
        names,
        image_size,
        finish,
        batch_size,
        training=training,
        seed=seed,
        first_epoch=first_epoch,
        first_step=first_step,
    )


def caption_tokens(
    captions: Sequence[Sequence[str]], vocabulary: Vocabulary, max_length: int
) -> Callable[[tf.Tensor, tf.Tensor], tuple[dict[str, tf.Tensor], tf.Tensor]]:
    """Make a graph function that gives all captions of photos or clips.

    Args:
        captions: the captions of each.
        vocabulary: encodes them.
        max_length: steps of a caption, EOS included.

    Returns:
        Function of numbers (B,) and whether those could be read (B,) bool -> inputs ``tokens``
        (B, K, T) and ``lengths`` (B, K), 0 for what could not be read, and targets (B, K, T).
    """
    tokens = _Tokens([text for texts in captions for text in texts], vocabulary, max_length)
    members = tf.RaggedTensor.from_row_lengths(
        tf.range(len(tokens.steps), dtype=tf.int64),
        np.array([len(texts) for texts in captions], np.int64),
    )

    def of(index, ok):
        inputs, lengths, targets = tokens.dense(tf.gather(members, index))
        return {"tokens": inputs, "lengths": tf.where(ok[:, None], lengths, 0)}, targets

    return of


def _one_each(index: tf.Tensor) -> tf.RaggedTensor:
    return tf.RaggedTensor.from_row_lengths(index, tf.ones_like(index, tf.int64))
