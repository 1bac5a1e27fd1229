"""Data sets by name."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.charades import charades
from lrcn_keras.datasets.class_folders import class_folders
from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.clip_list import ClipList
from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.coco_captions import coco_captions
from lrcn_keras.datasets.fights import fights
from lrcn_keras.datasets.fir16 import fir16
from lrcn_keras.datasets.flickr8k import flickr8k
from lrcn_keras.datasets.folder import clip_folder, folder
from lrcn_keras.datasets.grid import grid
from lrcn_keras.datasets.hmdb51 import hmdb51
from lrcn_keras.datasets.msvd import msvd
from lrcn_keras.datasets.tacos import tacos
from lrcn_keras.datasets.tfds_coco import tfds_coco_captions
from lrcn_keras.datasets.tfds_ucf101 import tfds_ucf101
from lrcn_keras.datasets.ucf101 import ucf101
from lrcn_keras.datasets.weizmann import weizmann

_WITH_SPLITS = {
    "charades": charades,
    "coco": coco_captions,
    "flickr8k": flickr8k,
    "grid": grid,
    "hmdb51": hmdb51,
    "msvd": msvd,
    "tacos": tacos,
    "tfds_coco": tfds_coco_captions,
    "tfds_ucf101": tfds_ucf101,
    "ucf101": ucf101,
}
_OWN = {"folder": folder, "clips": class_folders, "described": clip_folder}
_WITH_CONDITIONS = {
    "fights": fights,
    "fir16": fir16,
    "fir16-5": partial(fir16, classes=5),
    "weizmann": weizmann,
    "weizmann-aligned": partial(weizmann, aligned=True),
}


Dataset = CaptionDataset | ClipDataset | ClipCaptionDataset


def get(name: str, data_dir: str | Path) -> Dataset:
    """Reads a data set by its name.

    Args:
        name: one with a split, such as "flickr8k:test", "ucf101:train1" or "grid:test"; "folder"
            for the user's own photos with captions in `data_dir` itself, "folder:birds" for those
            in its folder `birds`, "clips", "clips:sports" for clips with classes, and "described",
            "described:films" for clips with captions. Behind a name of clips may come conditions
            on their groups or roles, as `ClipDataset.where` takes them: "fights", "fights:fold=5",
            "fir16:subject!=9", "clips:sports:fold!=1,2". A plus joins several data sets:
            "coco:train+flickr8k:train".
        data_dir: where the data is.

    Returns:
        The data set: photos with captions, clips with classes, or clips with captions.

    Raises:
        ValueError: for an unknown name, condition, or files that are not there.
    """
    parts = [_get_one(part.strip(), data_dir) for part in name.split("+")]
    kinds = {type(part) for part in parts}
    if len(kinds) > 1:
        raise ValueError(f"{name!r} joins photos and clips, or captions and classes")
    return kinds.pop().join(parts)


def _get_one(name: str, data_dir: str | Path) -> Dataset:
    data_set, *rest = name.split(":")
    conditions = [part for part in rest if "=" in part]
    split = ":".join(part for part in rest if "=" not in part)
    if data_set in _OWN:
        dataset = _OWN[data_set](Path(data_dir) / split)
    elif data_set in _WITH_SPLITS and split:
        dataset = _WITH_SPLITS[data_set](data_dir, split)
    elif data_set in _WITH_CONDITIONS and not split:
        dataset = _WITH_CONDITIONS[data_set](data_dir)
    else:
        raise ValueError(f"Data sets are {', '.join(_allowed())}, got {name!r}")
    if conditions and not isinstance(dataset, ClipList):
        raise ValueError(f"Conditions are for clips, {data_set} has none, got {name!r}")
    for condition in conditions:
        dataset = dataset.where(condition)
    return dataset


def _allowed() -> list[str]:
    return [
        *(f"{each}:SPLIT" for each in _WITH_SPLITS),
        *(each for own in _OWN for each in (own, f"{own}:NAME")),
        *(f"{each}[:FIELD=VALUE]" for each in _WITH_CONDITIONS),
    ]
