"""Clips cut to what a model looks at, kept on disk: reading videos would outlast training."""

import copy
import hashlib
from pathlib import Path

import numpy as np

from lrcn_keras.datasets import ClipCaptionDataset
from lrcn_keras.datasets.clip_features import clip_hash
from lrcn_keras.datasets.feature_cache import save_array
from lrcn_keras.errors import MediaError
from lrcn_keras.models.clip_entry import ClipEntry


def cut_clips(entry: ClipEntry, dataset: ClipCaptionDataset, folder: Path) -> ClipCaptionDataset:
    """Read all clips once, cut and stretched as an entry without a ``region`` takes them.

    Args:
        entry: how a model sees clips.
        dataset: clips of its modality.
        folder: where the frames go; those that are there are not read again.

    Returns:
        The same data set of arrays on disk. A clip that cannot be read keeps its path.
    """
    cut = copy.copy(dataset)
    cut.clips = [_cut(entry, dataset, number, Path(folder)) for number in range(len(dataset))]
    return cut


def _cut(entry: ClipEntry, dataset: ClipCaptionDataset, number: int, folder: Path):
    what = hashlib.sha256(f"{entry.region} {entry.frame_size} {dataset.reading}".encode())
    try:
        path = folder / what.hexdigest()[:16] / f"{clip_hash(dataset.clips[number])}.npy"
        if not path.is_file():
            save_array(path, entry.cut(dataset.read(number, entry.read_size)))
    except MediaError:
        return dataset.clips[number]  # named when it is to be trained on
    return np.load(path, mmap_mode="r", allow_pickle=False)
