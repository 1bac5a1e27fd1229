"""What every data set of clips must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.datasets.locate import some

if TYPE_CHECKING:
    from lrcn_keras.datasets.clips import ClipDataset

_CHANNELS = {"rgb": 3, "flow": 3, "grey": 1, "thermal": 1}


def check_clips(dataset: ClipDataset) -> None:
    """Refuses lists that do not belong together.

    Args:
        dataset: a data set with all of its attributes.

    Raises:
        ValueError: as `ClipDataset` says.
    """
    name = dataset.name
    sizes = [len(dataset.names), len(dataset.clips), len(dataset.labels)]
    sizes += map(len, dataset.groups.values())
    if len(set(sizes)) > 1 or not dataset.names:
        raise ValueError(
            f"{name} needs a name, a clip, a label and a value of each group for at least one "
            f"example, got {sizes}"
        )
    if len(set(dataset.names)) < len(dataset.names):
        twice = sorted({clip for clip in dataset.names if dataset.names.count(clip) > 1})
        raise ValueError(f"{name} has clips twice: {some(twice)}")
    if dataset.labels.min() < 0 or dataset.labels.max() >= len(dataset.classes):
        raise ValueError(
            f"{name} has {len(dataset.classes)} classes, and labels from {dataset.labels.min()} "
            f"to {dataset.labels.max()}"
        )
    if dataset.modality not in _CHANNELS:
        raise ValueError(
            f"{name}: modality is one of {', '.join(_CHANNELS)}, got {dataset.modality!r}"
        )
    if dataset.split_by is not None and dataset.split_by not in dataset.groups:
        raise ValueError(
            f"{name}: split_by is one of {list(dataset.groups)}, got {dataset.split_by!r}"
        )
    if dataset.flow_settings is None:
        _check_frames(dataset, _CHANNELS[dataset.modality])


def _check_frames(dataset: ClipDataset, channels: int) -> None:
    for clip_name, clip in zip(dataset.names, dataset.clips, strict=True):
        if isinstance(clip, np.ndarray) and (clip.ndim != 4 or clip.shape[-1] != channels):
            raise ValueError(
                f"{dataset.name}: {dataset.modality} frames have the shape (T, H, W, {channels}), "
                f"{clip_name} has {clip.shape}"
            )
