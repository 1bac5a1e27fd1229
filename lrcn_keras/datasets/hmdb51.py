"""HMDB51 (Kuehne et al. 2011): 6,766 clips of 51 actions, most of them from films."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import check_split, find, keep_present, read_text

_SPLITS = [f"{part}{number}" for part in ("train", "test") for number in (1, 2, 3)]
_LISTED_AS = {"train": "1", "test": "2"}  # 0 is in neither
_PLACES = ["hmdb51_org/", "videos/", ""]


def hmdb51(data_dir: str | Path, split: str) -> ClipDataset:
    """Reads one of the official splits of HMDB51.

    `data_dir`, or its folder `hmdb51`, holds a folder of clips for each class, in `hmdb51_org/`,
    `videos/` or by themselves, and the lists
    `testTrainMulti_7030_splits/<class>_test_split1.txt` and so on.

    Args:
        data_dir: where the data is.
        split: "train1" (3,570 clips), "test1" (1,530), and the same with 2 and 3. A number
            published for HMDB51 is the mean over the three.

    Returns:
        RGB clips, sorted by class, named "class/clip.avi", with the group "source": clips with the
        same one are cut from the same film or video. A warning names clips that are missing.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("hmdb51", split, _SPLITS)
    part, number = split[:-1], split[-1]
    folder = find(data_dir, "hmdb51", ["testTrainMulti_7030_splits", "test_train_splits", "splits"])
    ending = f"_test_split{number}.txt"
    lists = sorted(folder.glob(f"*{ending}"))
    if not lists:
        raise ValueError(f"hmdb51: looked for <class>{ending} in {folder}")
    classes = [each.name.removesuffix(ending) for each in lists]
    clips = find(data_dir, "hmdb51", [f"{place}{classes[0]}" for place in _PLACES]).parent

    listed = {}
    for label, path in zip(classes, lists, strict=True):
        for line in filter(None, map(str.strip, read_text(path).splitlines())):
            file, _, mark = line.rpartition(" ")
            if mark not in ("0", "1", "2") or not file:
                raise ValueError(f"{path}: no 'clip.avi 1' in {line!r}")
            if mark == _LISTED_AS[part]:
                listed[f"{label}/{file.strip()}"] = label
    name = f"hmdb51:{split}"
    names = keep_present(name, clips, listed, "clips")
    return ClipDataset(
        name,
        names,
        [clips / each for each in names],
        [classes.index(listed[each]) for each in names],
        classes,
        {"source": [_source(each) for each in names]},
        split_by="source",
    )


def _source(name: str) -> str:
    """`April_09_brush_hair_u_nm_np1_ba_goo_0.avi` of the class brush_hair is from `April_09`."""
    label, file = name.split("/")
    return file.rpartition(f"_{label}_")[0] or file
