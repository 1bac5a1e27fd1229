"""Data sets by name."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.coco_captions import coco_captions
from lrcn_keras.datasets.flickr8k import flickr8k
from lrcn_keras.datasets.folder import folder
from lrcn_keras.datasets.tfds_coco import tfds_coco_captions

_WITH_SPLITS = {
    "coco": coco_captions,
    "flickr8k": flickr8k,
    "tfds_coco": tfds_coco_captions,
}


def get(name: str, data_dir: str | Path) -> CaptionDataset:
    """Reads a data set by its name.

    Args:
        name: "flickr8k:test", "coco:train", "tfds_coco:train"; "folder" for the user's own photos
            in `data_dir` itself, "folder:birds" for those in its folder `birds`. A plus joins
            several: "coco:train+flickr8k:train".
        data_dir: where the data is.

    Returns:
        The data set.

    Raises:
        ValueError: for an unknown name or files that are not there.
    """
    return CaptionDataset.join([_get_one(part.strip(), data_dir) for part in name.split("+")])


def _get_one(name: str, data_dir: str | Path) -> CaptionDataset:
    data_set, _, split = name.partition(":")
    if data_set == "folder":
        return folder(Path(data_dir) / split)
    if data_set not in _WITH_SPLITS or not split:
        allowed = [f"{each}:SPLIT" for each in _WITH_SPLITS] + ["folder", "folder:NAME"]
        raise ValueError(f"Data sets are {', '.join(allowed)}, got {name!r}")
    return _WITH_SPLITS[data_set](data_dir, split)
