"""UCF101 (Soomro, Zamir and Shah 2012): 13,320 clips of 101 actions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import check_split, files_below, find, keep_present, read_text

_SPLITS = [f"{part}{number}" for part in ("train", "test") for number in (1, 2, 3)]


def ucf101(data_dir: str | Path, split: str) -> ClipDataset:
    """Reads one of the official splits of UCF101.

    `data_dir`, or its folder `ucf101`, holds the clips in `UCF-101/`, in a folder a class or all in
    one, and the lists `ucfTrainTestlist/classInd.txt`, `trainlist01.txt`, `testlist01.txt` and so
    on (or the lists beside the clips' folder).

    Args:
        data_dir: where the data is.
        split: "train1" (9,537 clips), "test1" (3,783), and the same with 2 and 3. A number
            published for UCF101 is the mean over the three.

    Returns:
        RGB clips in the order of the list, named "Class/v_Class_g01_c01.avi", with the group
        "group", "1" to "25": clips of a class with the same one are cut from the same video. A
        warning names clips that are missing.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("ucf101", split, _SPLITS)
    part, number = split[:-1], int(split[-1])
    folder = find(data_dir, "ucf101", ["UCF-101", "UCF101", "videos"])
    class_file = _find_list(data_dir, "classInd.txt")
    list_file = _find_list(data_dir, f"{part}list{number:02d}.txt")

    numbers = _class_numbers(class_file)
    listed = [line.split()[0] for line in read_text(list_file).splitlines() if line.strip()]
    for each in listed:
        if "/" not in each or each.split("/")[0] not in numbers:
            raise ValueError(f"{list_file}: no 'Class/clip.avi' of {class_file.name} in {each!r}")
    name = f"ucf101:{split}"
    flat = not any(path.is_dir() for path in folder.iterdir())
    # Lists and archives do not agree on HandStandPushups and HandstandPushups.
    there = {file.lower(): file for file in files_below(folder)}
    places = {}
    for each in listed:
        place = each.split("/")[1] if flat else each
        places[there.get(place.lower(), place)] = each
    present = keep_present(name, folder, places, "clips")
    names = [places[place] for place in present]
    return ClipDataset(
        name,
        names,
        [folder / place for place in present],
        [list(numbers).index(each.split("/")[0]) for each in names],
        list(numbers),
        {"group": _groups(names)},
        split_by="group",
    )


def _find_list(data_dir: str | Path, file: str) -> Path:
    return find(data_dir, "ucf101", [f"ucfTrainTestlist/{file}", file])


def _class_numbers(path: Path) -> dict[str, int]:
    """Classes by their numbers, in which they are sorted."""
    numbers = {}
    for line in filter(None, map(str.strip, read_text(path).splitlines())):
        number, _, name = line.partition(" ")
        numbers[name.strip()] = int(number) if number.isdecimal() else 0
    if sorted(numbers.values()) != list(range(1, len(numbers) + 1)):
        raise ValueError(f"{path} must number the classes from 1: got {list(numbers.items())[:3]}")
    return dict(sorted(numbers.items(), key=lambda item: item[1]))


def _groups(names: Sequence[str]) -> list[str]:
    found = [re.search(r"_g(\d+)_c\d+", each) for each in names]
    bad = [each for each, match in zip(names, found, strict=True) if match is None]
    if bad:
        raise ValueError(f"ucf101: clips are named v_Class_g01_c01.avi, got {bad[0]!r}")
    return [str(int(match[1])) for match in found if match]
