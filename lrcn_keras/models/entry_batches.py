"""tf.data batches of clips, photos or their features, as a `ClipEntry` takes them."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from lrcn_keras.models.clip_batches import clip_batches
from lrcn_keras.models.clip_entry import ClipEntry
from lrcn_keras.models.clips import feature_view
from lrcn_keras.models.image_batches import image_batches


def entry_batches(
    entry: ClipEntry,
    dataset: Any,
    finish: Callable[[dict[str, tf.Tensor], tf.Tensor], tuple[Any, Any]],
    batch_size: int,
    *,
    training: bool,
    seed: int = 0,
    first_epoch: int = 0,
    first_step: int = 0,
    features: np.ndarray | Sequence[np.ndarray] | None = None,
    frame_words: Callable[[int, int, int], np.ndarray] | None = None,
) -> tf.data.Dataset:
    """Batches of clips or photos and of what belongs to them.

    Args:
        entry: what a model sees of clips.
        dataset: a ``lrcn_keras.datasets.ClipCaptionDataset``, or a ``CaptionDataset``, whose photos
            are clips of one frame.
        finish: in a graph, the entry's inputs and the clips' numbers (B,) -> (inputs, targets).
            What cannot be read, which is named on stderr, has ``frame_lengths`` 0.
        batch_size: clips a batch.
        training: whether to shuffle and to vary clips.
        seed: order and variation are functions of it, epoch and step.
        first_epoch: number of the first pass.
        first_step: batches of the first pass to leave out.
        features: (views, T, F) of each clip or (N, views, F) of photos, for an entry without a
            backbone; a random view is taken in training, the first otherwise.
        frame_words: (clip's number, its frames, how many are seen of it) -> int32 for each seen,
            which ``finish`` gets as a further input ``frame_words`` (B, T); for clips from pixels.

    Returns:
        ``tf.data.Dataset`` of what ``finish`` returns.

    Raises:
        ValueError: for features where the entry has a backbone or the other way round, for clips of
            another modality, or photos where the entry takes none.
    """
    check_features(entry, features)
    how = {
        "training": training,
        "seed": seed,
        "first_epoch": first_epoch,
        "first_step": first_step,
    }
    if features is None and hasattr(dataset, "photos"):
        entry.check_photos()

        def with_photos(images, ok, index):
            given = {"frames": images[:, None], "frame_lengths": tf.cast(ok, tf.int32)}
            return finish(given, index)

        return image_batches(
            dataset.photos, dataset.names, entry.image_size, with_photos, batch_size, **how
        )

    dtype = "uint8"
    if features is not None:
        dtype, read = "float32", usable(features).__getitem__

        def view(clip, draws):
            return (feature_view(clip, draws, clip_length=None),)
    else:
        seen_clips = seen_by(entry, dataset, training)

        def read(number):
            return number, seen_clips.read(number, entry.read_size)

        def view(clip, draws):
            number, frames = clip
            seen = entry.look(frames, draws)
            if frame_words is None:
                return (seen,)
            return seen, frame_words(number, len(frames), len(seen))

    def with_clips(*steps_lengths_index):
        *steps, lengths, index = steps_lengths_index
        given = {entry.name: steps[0], "frame_lengths": lengths}
        if frame_words is not None:
            given["frame_words"] = steps[1]
        return finish(given, index)

    entries = [keras.KerasTensor(entry.inputs[entry.name].shape, dtype)]
    if frame_words is not None:
        entries.append(keras.KerasTensor((None, None), "int32"))
    return clip_batches(read, view, dataset.names, entries, with_clips, batch_size, **how)


def check_features(entry: ClipEntry, features: Any) -> None:
    """Refuse features where pixels are needed, and the other way round."""
    if (features is None) != (entry.backbone is not None):
        raise ValueError("features are for a model without a backbone, which needs them.")


def seen_by(entry: ClipEntry, dataset: Any, training: bool = False) -> Any:
    """Turn a data set into what an entry reads: so many frames, or at its rate; grey or RGB.

    Args:
        entry: what a model sees of clips.
        dataset: photos, which stay as they are, or clips.
        training: whether frames are then chosen at random, see `ClipEntry.look`.

    Raises:
        ValueError: for clips of another modality that cannot be turned into the entry's.
    """
    if entry.backbone is None or hasattr(dataset, "photos"):
        return dataset
    if entry.frames is not None:
        dataset = dataset.sampled(entry.read_count(training))
    elif entry.rate is not None:
        dataset = dataset.at_rate(entry.rate)
    videos = not any(isinstance(clip, np.ndarray) for clip in dataset.clips)
    if dataset.modality == "rgb" and entry.modality == "grey" and videos:
        dataset = copy.copy(dataset)
        dataset.modality = "grey"  # their brightness
    if dataset.modality != entry.modality:
        raise ValueError(
            f"{dataset.name} has clips of modality {dataset.modality!r}, "
            f"the model takes {entry.modality!r}."
        )
    return dataset


def usable(features: np.ndarray | Sequence[np.ndarray]) -> list[np.ndarray]:
    """Make each clip's features (views, T, F); T is 0 where a photo could not be decoded."""
    each = [views[:, None] if views.ndim == 2 else views for views in map(np.asarray, features)]
    return [views if np.isfinite(views).all() else views[:, :0] for views in each]
