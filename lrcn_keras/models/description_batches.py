"""tf.data batches of clips with their sentences, for a `VideoDescriber`."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from lrcn_keras.models.entry_batches import check_features, entry_batches, usable
from lrcn_keras.models.token_batches import caption_tokens, feature_batches
from lrcn_keras.text import Vocabulary

if TYPE_CHECKING:
    from lrcn_keras.models.video_describer import VideoDescriber


def description_batches(
    model: "VideoDescriber", dataset: Any, batch_size: int, *, features: Any, **how: Any
) -> tf.data.Dataset:
    """Make what `VideoDescriber.prepare` describes.

    Args:
        model: the describer.
        dataset: clips or photos with their sentences.
        batch_size: as for `VideoDescriber.prepare`.
        features: as for `VideoDescriber.prepare`.
        **how: training, seed, first_epoch and first_step of `VideoDescriber.prepare`.
    """
    frame_words = None
    if model.frame_loss:
        if getattr(dataset, "times", None) is None:
            raise ValueError(f"frame_loss needs the times of words, {dataset.name} has none.")
        frame_words = partial(_words_of_clip, dataset.times, model.vocabulary, model.frame_delay)
    check_features(model.entry, features)
    if features is None:
        return _from_pixels(model, dataset, batch_size, frame_words, how)
    return _from_features(model, dataset, batch_size, usable(features), frame_words, how)


def spoken_words(
    times: list[tuple[float, float, str]],
    vocabulary: Vocabulary,
    delay: int,
    total: int,
    frames: int,
) -> np.ndarray:
    """Name for each frame the word that is spoken some frames before.

    Args:
        times: (first, last, word), in frames; the last one is not the word's any more.
        vocabulary: encodes the words.
        delay: frames between a word and its name.
        total: frames of the clip.
        frames: how many are seen of it, at equal distances.

    Returns:
        (frames,) int32, the end token's id where nothing is spoken.
    """
    ids = np.full(frames, Vocabulary.eos_id, np.int32)
    spoken = np.arange(frames) * (total / frames) - delay
    for first, last, word in times:
        ids[(spoken >= first) & (spoken < last)] = vocabulary.encode(word, 1)[0]
    return ids


def _words_of_clip(times, vocabulary, delay, number, total, frames):
    return spoken_words(times[number], vocabulary, delay, total, frames)


def _from_pixels(model, dataset, batch_size, frame_words, how):
    """Clips with all their sentences: one pass of the CNN serves them all."""
    sentences = caption_tokens(dataset.captions, model.vocabulary, model.max_length)

    def finish(inputs, index):
        words = inputs.pop("frame_words", None)
        tokens, targets = sentences(index, inputs["frame_lengths"] > 0)
        if words is not None:
            targets = {"words": targets, "frames": words}
        return {**inputs, **tokens}, targets

    return entry_batches(model.entry, dataset, finish, batch_size, frame_words=frame_words, **how)


def _from_features(model, dataset, batch_size, features, frame_words, how):
    """A sentence an example, so that lengths can be bucketed."""
    lengths = np.array([views.shape[1] for views in features], np.int32)
    views = max(len(each) for each in features)
    table = np.zeros((len(features), views, max(1, *lengths), model.entry.size), features[0].dtype)
    for rows, each, length in zip(table, features, lengths, strict=True):
        if length:
            rows[:, :length] = each
        else:
            rows[:] = np.nan  # left out
    beside = {"frame_lengths": lengths}
    if frame_words is not None:
        longest = table.shape[2]
        beside["frame_words"] = np.stack(
            [frame_words(number, longest, longest) for number in range(len(features))]
        )
    batches = feature_batches(
        table,
        dataset.captions,
        model.vocabulary,
        model.max_length,
        batch_size,
        beside=beside,
        **how,
    )

    def trimmed(inputs, targets):
        inputs = dict(inputs)
        longest = tf.reduce_max(inputs["frame_lengths"])
        inputs["features"] = inputs["features"][:, :longest]
        if "frame_words" in inputs:
            targets = {"words": targets, "frames": inputs.pop("frame_words")[:, :longest]}
        return inputs, targets

    prepared = batches.map(trimmed, num_parallel_calls=tf.data.AUTOTUNE)
    if hasattr(batches, "steps_per_epoch"):
        prepared.steps_per_epoch = batches.steps_per_epoch  # `fit` looks for it
    return prepared
