"""What every data set must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.datasets.locate import some

if TYPE_CHECKING:
    from lrcn_keras.datasets.clip_list import ClipList

_CHANNELS = {"rgb": 3, "flow": 3, "grey": 1, "thermal": 1}


def check_names(
    name: str, names: Sequence[str], sizes: Sequence[int], needed: str, kind: str
) -> None:
    """Refuses lists of different lengths, empty ones, and names that are not unique.

    Args:
        name: what the data set is called.
        names: of its examples.
        sizes: lengths of all lists that have an entry for each example.
        needed: what these are, for the error.
        kind: what the examples are, "photos" or "clips".

    Raises:
        ValueError: says what does not fit.
    """
    if len(set(sizes)) > 1 or not names:
        raise ValueError(f"{name} needs {needed} for at least one example, got {sizes}")
    if len(set(names)) < len(names):
        twice = sorted({each for each in names if names.count(each) > 1})
        raise ValueError(f"{name} has {kind} twice: {some(twice)}")


def check_captions(
    name: str, names: Sequence[str], captions: Sequence[Sequence[str]], kind: str
) -> None:
    """Raises a ValueError that names the examples without captions."""
    bare = [each for each, sentences in zip(names, captions, strict=True) if not sentences]
    if bare:
        raise ValueError(f"{name} has {kind} without captions: {some(bare)}")


def check_clip_list(dataset: ClipList, needed: str) -> None:
    """Refuses clips whose lists do not belong together.

    Args:
        dataset: a data set with all of its attributes.
        needed: what each clip has beside its name and its groups, for the error.

    Raises:
        ValueError: for lists that do not fit, or frames that are not of the modality.
    """
    name = dataset.name
    columns = [getattr(dataset, column) for column in ("names", "clips", *dataset.columns)]
    columns += dataset.groups.values()
    sizes = [len(column) for column in columns if column is not None]
    needed = f"a name, a clip, {needed} and a value of each group"
    check_names(name, dataset.names, sizes, needed, "clips")
    if dataset.modality not in _CHANNELS:
        raise ValueError(
            f"{name}: modality is one of {', '.join(_CHANNELS)}, got {dataset.modality!r}"
        )
    channels = _CHANNELS[dataset.modality]
    for clip_name, clip in zip(dataset.names, dataset.clips, strict=True):
        if not isinstance(clip, np.ndarray) or getattr(dataset, "flow_settings", None):
            continue
        if clip.ndim != 4 or clip.shape[-1] != channels:
            raise ValueError(
                f"{name}: {dataset.modality} frames have the shape (T, H, W, {channels}), "
                f"{clip_name} has {clip.shape}"
            )
