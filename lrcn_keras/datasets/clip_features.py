"""Features of clips by a frozen backbone, computed once and kept on disk."""

import hashlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.datasets.clip_list import ClipList
from lrcn_keras.datasets.feature_cache import backbone_hash, save_array
from lrcn_keras.datasets.frames import Clip, ClipPart
from lrcn_keras.datasets.locate import some
from lrcn_keras.errors import MediaError

if TYPE_CHECKING:
    import keras


def cached_clip_features(
    encode: Callable[[np.ndarray], np.ndarray],
    backbone: "keras.Model",
    dataset: ClipList,
    size: tuple[int, int],
    cache_dir: str | Path,
    look: object = False,
) -> list[np.ndarray]:
    """Gives the features of all frames of all clips, from the cache where it has them.

    The cache is a file for each clip, for each backbone (its weights and configuration included),
    size, rate, modality and kind of flow.

    Args:
        encode: (T, H, W, C) frames -> (views, T, F) features.
        backbone: the CNN that ``encode`` uses.
        dataset: N clips, with classes or with captions.
        size: (H, W) that frames are stretched to.
        cache_dir: folder for the cache; it is made where missing.
        look: what else decides the features, such as whether there is a mirrored view; only to
            tell files apart.

    Returns:
        N arrays (views, T, F) float16. A clip that cannot be read has no frames; a warning names
        it.

    Raises:
        ValueError: for a data set that has only annotations.
    """
    absent = [name for name, clip in zip(dataset.names, dataset.clips, strict=True) if clip is None]
    if absent:
        raise ValueError(f"{dataset.name} has annotations, but no clips, of {some(absent)}")
    how = f"{backbone_hash(backbone)} {(size, *dataset.reading, look)}"
    folder = Path(cache_dir) / hashlib.sha256(how.encode()).hexdigest()[:16]
    return [_one(encode, dataset, index, size, folder) for index in range(len(dataset))]


def _one(encode, dataset: ClipList, index: int, size, folder: Path) -> np.ndarray:
    try:
        path = folder / f"{clip_hash(dataset.clips[index])}.npy"
        if path.is_file():
            return np.load(path, allow_pickle=False)
        features = encode(dataset.read(index, size)).astype(np.float16)
    except MediaError as error:
        warnings.warn(f"skipped, not a readable clip: {error}", stacklevel=2)
        return np.zeros((1, 0, 1), np.float16)
    save_array(path, features)
    return features


def clip_hash(clip: Clip) -> str:
    """Names a clip for a cache: by its pixels, or by its file's place, size and time of change.

    Args:
        clip: one of a data set's.

    Returns:
        24 hexadecimal digits.

    Raises:
        MediaError: for a file that is not there.
    """
    if isinstance(clip, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(clip).tobytes()).hexdigest()[:24]
    path = clip.path if isinstance(clip, ClipPart) else clip
    try:
        state = Path(path).stat()
    except OSError as error:
        raise MediaError(path, error.strerror) from error
    text = f"{Path(path).resolve()} {state.st_size} {state.st_mtime_ns}"
    if isinstance(clip, ClipPart):
        text += f" {clip.first} {clip.last}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]
