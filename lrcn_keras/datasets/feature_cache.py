"""Features of a frozen backbone, computed once and kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.locate import some

if TYPE_CHECKING:
    import keras

_LARGEST = float(np.finfo(np.float16).max)


def cached_features(
    backbone: keras.Model,
    dataset: CaptionDataset,
    cache_dir: str | Path,
    batch_size: int = 64,
    mirrored: bool = False,
) -> np.ndarray:
    """Gives the features of all photos, from the cache where it has them.

    The cache is a file for each backbone (its weights and configuration, preprocessing and image
    size included) and each list of photos (names, sizes and times of change).

    Args:
        backbone: model from RGB pixels in [0, 255], (B, S, S, 3), to features.
        dataset: N photos.
        cache_dir: folder for the cache; it is made where missing.
        batch_size: photos in a call of the backbone.
        mirrored: whether to add a second view, the photos mirrored left to right.

    Returns:
        Array of shape (N, views, *features), views being 1, or 2 with `mirrored`; float16, or
        float32 for values that float16 cannot hold. Photos that cannot be decoded have NaN; a
        warning names them.

    Raises:
        ValueError: when the backbone's input is not square, or no photo can be decoded.
    """
    shape = tuple(backbone.input_shape)
    if len(shape) != 4 or shape[1] is None or shape[1] != shape[2] or shape[3] != 3:
        raise ValueError(f"A backbone must take photos of shape (B, S, S, 3), it takes {shape}")
    key = f"{backbone_hash(backbone)[:16]}-{_photos_hash(dataset)[:16]}{'-mirrored' * mirrored}"
    path = Path(cache_dir) / f"{key}.npy"
    features = _load(path)
    if features is None or len(features) != len(dataset):
        features = _compute(backbone, dataset, shape[1], batch_size, mirrored)
        save_array(path, features)
    bad = np.isnan(features).all(axis=tuple(range(1, features.ndim)))
    if bad.any():
        names = [dataset.names[index] for index in np.flatnonzero(bad)]
        count = f"{len(names)} of {len(dataset)} photos"
        message = f"{dataset.name}: {count} cannot be decoded: {some(names)}"
        if bad.all():
            raise ValueError(message)
        warnings.warn(message, stacklevel=2)
    return features


def _compute(
    backbone: keras.Model, dataset: CaptionDataset, image_size: int, batch_size: int, mirrored: bool
) -> np.ndarray:
    import tensorflow as tf

    from lrcn_keras.media import decode_photo

    batches = (
        dataset.encoded_photos()
        .map(
            lambda index, data: (index, decode_photo(data, image_size)),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        .ignore_errors()
        .batch(batch_size)
        .prefetch(2)
    )
    views = 2 if mirrored else 1
    features = np.full((len(dataset), views, *backbone.output_shape[1:]), np.nan, np.float32)
    for indices, images in batches.as_numpy_iterator():
        for view, seen in enumerate([images, images[:, :, ::-1]][:views]):
            features[indices, view] = np.asarray(backbone.predict_on_batch(seen), np.float32)
    fits = np.nanmax(np.abs(features), initial=0) <= _LARGEST
    return features.astype(np.float16) if fits else features


def backbone_hash(backbone: keras.Model) -> str:
    """Return a SHA-256 of a backbone's configuration and weights."""
    config = backbone.get_config()
    text = json.dumps(config, sort_keys=True, default=str)
    # Keras numbers layers as they are made: the same model has other names the second time.
    for number, name in enumerate(dict.fromkeys(_layer_names(config))):
        text = text.replace(json.dumps(name), f'"layer {number}"')
    digest = hashlib.sha256(text.encode())
    for weight in backbone.get_weights():
        digest.update(f"{weight.dtype}{weight.shape}".encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def _layer_names(config: object) -> Iterator[str]:
    if isinstance(config, dict):
        if str(config.get("class_name")).endswith("DTypePolicy"):
            return  # its name is a type
        if isinstance(config.get("name"), str):
            yield config["name"]
        for key in sorted(config):
            yield from _layer_names(config[key])
    elif isinstance(config, list | tuple):
        for each in config:
            yield from _layer_names(each)


def _photos_hash(dataset: CaptionDataset) -> str:
    digest = hashlib.sha256()
    for name, photo in zip(dataset.names, dataset.photos, strict=True):
        if isinstance(photo, bytes):
            state = hashlib.sha256(photo).hexdigest()
        else:
            found = os.stat(photo) if os.path.exists(photo) else None
            state = f"{found.st_size} {found.st_mtime_ns}" if found else "missing"
        digest.update(f"{name}\0{state}\n".encode())
    return digest.hexdigest()


def _load(path: Path) -> np.ndarray | None:
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, EOFError, ValueError):
        return None  # missing or damaged: computed again


def save_array(path: Path, array: np.ndarray) -> None:
    """Write an array; another process sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.save(file, array, allow_pickle=False)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
