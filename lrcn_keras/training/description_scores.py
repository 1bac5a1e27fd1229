"""What describers say of a whole data set, and its scores."""

import os
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from keras import ops

from lrcn_keras.datasets import CaptionDataset, ClipCaptionDataset
from lrcn_keras.errors import MediaError
from lrcn_keras.evaluation import evaluate_descriptions
from lrcn_keras.models import Caption, Description, ImageCaptioner, VideoDescriber, observed_roles
from lrcn_keras.models.entry_batches import entry_batches, seen_by
from lrcn_keras.models.role_recognizer import role_examples

Described = CaptionDataset | ClipCaptionDataset
Features = np.ndarray | list[np.ndarray]

_CLIPS = 16  # in memory at a time


def observed_features(
    model: VideoDescriber, dataset: Described, observed: Mapping[str, Any], seed: int = 0
) -> np.ndarray:
    """See, in place of pixels, the annotated roles of clips, part of them hidden or corrupted.

    Args:
        model: a describer on such features.
        dataset: clips with roles.
        observed: ``hidden`` and ``corrupted``, see `Recipe`; others are ignored.
        seed: which labels are hidden or corrupted, and by what. All that is reported on a data set
            is of the draw 0.

    Returns:
        (N, 1, L) float32: one view, the labels of all roles side by side.

    Raises:
        ValueError: for a data set without roles.
    """
    if getattr(dataset, "roles", None) is None:
        raise ValueError(
            f"The model sees annotated roles in place of pixels, {dataset.name} has none."
        )
    labels = np.stack([model.roles.encode(roles) for roles in dataset.roles])
    rates = {name: observed[name] for name in ("hidden", "corrupted") if name in observed}
    return observed_roles(labels, list(model.roles.sizes.values()), **rates, seed=seed)[:, None]


def predict_descriptions(
    model: VideoDescriber,
    dataset: Described,
    decoder: Any = None,
    features: Features | None = None,
) -> dict[str, Description]:
    """Describe every clip, or photo, of a data set.

    Args:
        model: a describer.
        dataset: the clips; one that cannot be read is named on stderr and left out.
        decoder: as for ``model.describe``.
        features: (views, T, F) of each clip, or (N, views, F) of photos, for a model with
            ``backbone=None``; the first view is taken.

    Returns:
        A `Description` by clip name.
    """
    if features is None:
        found = list(_features(model, dataset))
    else:
        found = [
            (name, views)
            for name, views in zip(dataset.names, features, strict=True)
            if views[0].size and np.isfinite(views[0]).all()
        ]
    answers = model.describe_features([views for _, views in found], decoder)
    return {name: answer for (name, _), answer in zip(found, answers, strict=True)}


def predict_middle_frames(
    model: ImageCaptioner, dataset: Described, decoder: Any = None
) -> dict[str, Caption]:
    """Caption the middle frame of every clip, or every photo, of a data set.

    Args:
        model: a captioner.
        dataset: the clips; one that cannot be read is named in a warning and left out.
        decoder: as for ``model.caption``.

    Returns:
        A `Caption` by clip name.
    """
    middle = dataset.sampled(1)
    size = (model.image_size, model.image_size)
    captions = {}
    for batch in _read(middle, size):
        found = model.caption([frames[0] for _, frames in batch], decoder)
        captions.update(zip([name for name, _ in batch], found, strict=True))
    return captions


def gold_roles(model: VideoDescriber, dataset: Described) -> dict[str, dict[str, str]] | None:
    """Say which labels are right.

    Args:
        model: a describer.
        dataset: clips; their annotated roles count, and where there are none the label that most of
            a clip's captions name.

    Returns:
        Name of a clip -> role -> label; labels that the model does not have are left out. None
        for a model without roles, or where nothing is known of any.
    """
    if model.roles is None:
        return None
    roles = model.roles
    found = [roles.decode(roles.gold(each)) for each in role_examples(roles, dataset)]
    return dict(zip(dataset.names, found, strict=True)) if any(found) else None


def score_descriptions(
    model: VideoDescriber, descriptions: dict[str, Description], dataset: Described, **kwargs: Any
) -> dict:
    """Score descriptions against a data set's references; a clip without one is left out.

    Args:
        model: the describer.
        descriptions: what `predict_descriptions` returned.
        dataset: the same data set.
        **kwargs: those of ``evaluation.evaluate_descriptions``.

    Returns:
        What ``evaluation.evaluate_descriptions`` returns.
    """
    gold = gold_roles(model, dataset)
    return evaluate_descriptions(
        {name: each.text for name, each in descriptions.items()},
        {name: texts for name, texts in dataset.references.items() if name in descriptions},
        None if gold is None else {name: each.labels for name, each in descriptions.items()},
        gold and {name: gold[name] for name in descriptions},
        **kwargs,
    )


def _features(model: VideoDescriber, dataset: Described) -> Iterator[tuple[str, np.ndarray]]:
    """Features (1, T, F) of each clip that can be read, with its name."""
    if isinstance(dataset, ClipCaptionDataset):
        for batch in _read(seen_by(model.entry, dataset), model.entry.read_size):
            for name, frames in batch:
                yield name, model.encode_clip(frames)
        return

    def with_numbers(inputs, index):
        return inputs, index

    for inputs, index in entry_batches(model.entry, dataset, with_numbers, _CLIPS, training=False):
        lengths = inputs["frame_lengths"]
        found = ops.convert_to_numpy(model.entry.encode(inputs["frames"], lengths))
        for number, views, length in zip(index.numpy(), found, lengths.numpy(), strict=True):
            if length:
                yield dataset.names[number], views[None, :length]


def _read(dataset: ClipCaptionDataset, size) -> Iterator[list[tuple[str, np.ndarray]]]:
    """Clips that can be read with their names, some at a time."""
    with ThreadPoolExecutor(os.cpu_count()) as readers:
        for start in range(0, len(dataset), _CLIPS):
            numbers = range(start, min(start + _CLIPS, len(dataset)))
            clips = readers.map(lambda number: read_or_none(dataset, number, size), numbers)
            named = zip((dataset.names[number] for number in numbers), clips, strict=True)
            good = [(name, clip) for name, clip in named if clip is not None]
            if good:
                yield good


def read_or_none(dataset, number: int, size) -> np.ndarray | None:
    """Read a clip of a data set, or name it in a warning."""
    try:
        return dataset.read(number, size)
    except MediaError as error:
        warnings.warn(f"skipped, not a readable clip: {error}", stacklevel=2)
        return None
