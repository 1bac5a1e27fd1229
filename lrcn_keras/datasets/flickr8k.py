"""Flickr8k (Hodosh, Young and Hockenmaier 2013): 8,000 photos with five captions each."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.locate import check_split, find, read_text

_PHOTOS = ["photos", "Flicker8k_Dataset", "Flickr8k_Dataset", "Images"]


def flickr8k(data_dir: str | Path, split: str) -> CaptionDataset:
    """Reads a split of Flickr8k.

    `data_dir`, or its folder `flickr8k`, holds the photos in `photos/` or in the original's
    `Flicker8k_Dataset/`, and the captions `Flickr8k.token.txt` (or `.gz`) and the lists
    `Flickr_8k.trainImages.txt`, `.devImages.txt`, `.testImages.txt` beside them or in the
    original's `Flickr8k_text/`.

    Args:
        data_dir: where the data is.
        split: "train" (6,000 photos), "dev" (1,000) or "test" (1,000).

    Returns:
        The data set, in the order of the official list.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("flickr8k", split, ["train", "dev", "test"])
    photos = find(data_dir, "flickr8k", _PHOTOS)
    token_file = _find_text(data_dir, "Flickr8k.token.txt")
    list_file = _find_text(data_dir, f"Flickr_8k.{split}Images.txt")

    captions: dict[str, list[str]] = {line: [] for line in read_text(list_file).split()}
    for number, line in enumerate(read_text(token_file).splitlines(), 1):
        key, tab, caption = line.partition("\t")
        file, mark, _ = key.rpartition("#")
        if not tab or not mark:
            raise ValueError(
                f"{token_file}, line {number}: no 'photo.jpg#0<tab>caption' in {line!r}"
            )
        if file in captions:
            captions[file].append(caption)
    return CaptionDataset.from_folder(f"flickr8k:{split}", photos, captions)


def _find_text(data_dir: str | Path, name: str) -> Path:
    places = ["", "Flickr8k_text/"]
    return find(
        data_dir, "flickr8k", [f"{place}{name}{end}" for place in places for end in ("", ".gz")]
    )
