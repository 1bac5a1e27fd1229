"""COCO captions (Chen et al. 2015): photos of everyday scenes with five captions or more."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.locate import (
    check_split,
    find,
    find_optional,
    read_captions,
    read_json,
)


def coco_captions(data_dir: str | Path, split: str) -> CaptionDataset:
    """Reads a split of COCO captions.

    `data_dir`, or its folder `coco`, holds one of these layouts, tried in this order:

    - `photos/` and `captions_train.json`, `captions_dev.json`, `captions_test.json`, each
      {file: [captions]};
    - `train2014/`, `val2014/` and the Karpathy split's `dataset_coco.json`, with the splits
      "train", "restval", "dev" and "test";
    - the original's `train2014/`, `val2014/` and `annotations/captions_train2014.json`,
      `captions_val2014.json`, with the splits "train" and "dev"; the same for 2017. With both years
      in one folder, "train2017" and so on choose.

    Args:
        data_dir: where the data is.
        split: name of the split; "val" is another name of "dev".

    Returns:
        The data set, in the order of the file.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    years = [f"{part}{year}" for part in ("train", "val") for year in (2014, 2017)]
    check_split("coco", split, ["train", "restval", "dev", "val", "test", *years])
    split = "dev" if split == "val" else split
    own = f"captions_{split}.json"
    karpathy = "dataset_coco.json"
    original = split if split in years else split.replace("dev", "val")
    originals = [f"annotations/captions_{original}{year}.json" for year in ("", "2014", "2017")]

    if find_optional(data_dir, "coco", [own]) and split not in years:
        photos = find(data_dir, "coco", ["photos"])
        captions = read_captions(find(data_dir, "coco", [own]))
    elif find_optional(data_dir, "coco", [karpathy]) and split not in years:
        photos = find(data_dir, "coco", ["train2014", "val2014"]).parent
        captions = _karpathy(find(data_dir, "coco", [karpathy]), split)
    else:
        annotations = find(data_dir, "coco", [*originals, own, karpathy])
        folder = annotations.stem.removeprefix("captions_")
        photos = find(data_dir, "coco", [folder])
        captions = _original(annotations)
    return CaptionDataset.from_folder(f"coco:{split}", photos, captions)


def _karpathy(path: Path, split: str) -> dict[str, list[str]]:
    wanted = "val" if split == "dev" else split
    try:
        return {
            f"{image['filepath']}/{image['filename']}": [each["raw"] for each in image["sentences"]]
            for image in read_json(path)["images"]
            if image["split"] == wanted
        }
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not laid out like Karpathy's file: no {error}") from error


def _original(path: Path) -> dict[str, list[str]]:
    try:
        content = read_json(path)
        files = {image["id"]: image["file_name"] for image in content["images"]}
        captions: dict[str, list[str]] = {file: [] for file in files.values()}
        for annotation in content["annotations"]:
            captions[files[annotation["image_id"]]].append(annotation["caption"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not laid out like COCO's captions: no {error}") from error
    return {file: sentences for file, sentences in captions.items() if sentences}
