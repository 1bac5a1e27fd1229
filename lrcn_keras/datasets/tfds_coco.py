"""COCO captions as TensorFlow Datasets prepares them (`coco_captions`, the Karpathy split)."""

from __future__ import annotations

import json
from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.locate import check_split, read_captions, write_whole

_SPLITS = {"train": "train", "restval": "restval", "dev": "val", "val": "val", "test": "test"}


def tfds_coco_captions(data_dir: str | Path, split: str) -> CaptionDataset:
    """Reads a split of COCO captions through TensorFlow Datasets.

    Its records can only be read from front to back, so the photos, still encoded, are unpacked once
    to `data_dir/tfds_coco/`; the next call finds them there. All of COCO takes 20 GB.

    Args:
        data_dir: folder of TensorFlow Datasets, with `coco_captions/` in it; what is not there is
            downloaded.
        split: "train" (82,783 photos), "restval" (30,504), "dev" (5,000) or "test" (5,000).

    Returns:
        The data set, in the order of the records.

    Raises:
        ValueError: for an unknown split.
    """
    check_split("tfds_coco", split, list(_SPLITS))
    unpacked = Path(data_dir) / "tfds_coco"
    listing = unpacked / f"captions_{_SPLITS[split]}.json"
    if not listing.exists():
        _unpack(data_dir, _SPLITS[split], unpacked / "photos", listing)
    return CaptionDataset.from_folder(
        f"tfds_coco:{split}", unpacked / "photos", read_captions(listing)
    )


def _unpack(data_dir: str | Path, split: str, photos: Path, listing: Path) -> None:
    import tensorflow_datasets as tfds

    photos.mkdir(parents=True, exist_ok=True)
    records = tfds.load(
        "coco_captions",
        split=split,
        data_dir=str(data_dir),
        shuffle_files=False,
        decoders=tfds.decode.PartialDecoding(
            {"image": True, "image/filename": True, "captions": {"text"}},
            decoders={"image": tfds.decode.SkipDecoding()},
        ),
    )
    captions = {}
    for record in records.as_numpy_iterator():
        file = record["image/filename"].decode()
        write_whole(photos / file, record["image"])
        captions[file] = [text.decode() for text in record["captions"]["text"]]
    write_whole(listing, json.dumps(captions, indent=0).encode())  # last: it says that all is there
