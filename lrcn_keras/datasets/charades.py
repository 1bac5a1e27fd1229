"""Charades (Sigurdsson et al. 2016): people at home: scene, objects, actions and descriptions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.folds import split_of
from lrcn_keras.datasets.locate import (
    check_split,
    find,
    find_optional,
    keep_present,
    read_table,
    read_text,
    some,
)

_NEEDED = ("id", "scene", "objects", "descriptions", "actions", "length")
_EMPTY = "{}"  # what stands where an annotator wrote nothing
_MOST = 3  # actions and objects of a clip that become roles
_NONE = "none"


def charades(data_dir: str | Path, split: str) -> ClipCaptionDataset:
    """Reads a split of Charades.

    `data_dir`, or its folder `charades`, holds `Charades_v1_train.csv`, `Charades_v1_test.csv` (or
    `.csv.gz`) and `Charades_v1_classes.txt`, and if you have them the videos in `Charades_v1/` or
    `Charades_v1_480/`.

    The roles are "scene", without what is in brackets; "action1" to "action3", the names of the
    first three different actions by the time at which they start; and "object1" to "object3", the
    first three of the list, which is in alphabetical order. What is missing is "none".

    Args:
        data_dir: where the data is.
        split: "train" (7,985 videos) and "test" (1,863), the official ones; "dev", about a tenth of
            "train" chosen by the hash of the id, and "fit", the rest of it.

    Returns:
        Clips by their id in the order of the file, with roles, descriptions and the group
        "subject", the person; without pixels where there is no folder of videos. Videos that nobody
        described, 16 of "train", are left out. A warning names missing videos.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("charades", split, ["train", "fit", "dev", "test"])
    name = f"charades:{split}"
    part = "test" if split == "test" else "train"
    table = find(data_dir, "charades", [f"Charades_v1_{part}.csv{end}" for end in ("", ".gz")])
    classes = _classes(find(data_dir, "charades", ["Charades_v1_classes.txt"]))
    rows = read_table(table)
    absent = [column for column in _NEEDED if not rows or column not in rows[0]]
    if absent:
        raise ValueError(f"{table} needs rows with the columns {', '.join(_NEEDED)}")
    cut = [row["id"] for row in rows if not row["length"]]  # the last column, never empty
    if cut:
        raise ValueError(f"{table} has incomplete rows: {some(cut)}")
    if split in ("fit", "dev"):
        rows = [row for row in rows if (split_of(row["id"]) == "dev") == (split == "dev")]
    captions = {row["id"]: _listed(row["descriptions"]) for row in rows}
    rows = [row for row in rows if captions[row["id"]]]
    folder = find_optional(data_dir, "charades", ["Charades_v1", "Charades_v1_480"])
    if folder is not None:
        files = [f"{row['id']}.mp4" for row in rows]
        present = set(keep_present(name, folder, files, "clips"))
        rows = [row for row, file in zip(rows, files, strict=True) if file in present]
    return ClipCaptionDataset(
        name,
        [row["id"] for row in rows],
        [folder and folder / f"{row['id']}.mp4" for row in rows],
        [captions[row["id"]] for row in rows],
        roles=[_roles(row, classes, table) for row in rows],
        groups={"subject": [row.get("subject", "") for row in rows]},
    )


def _classes(path: Path) -> dict[str, str]:
    lines = [line.split(maxsplit=1) for line in read_text(path).splitlines() if line.strip()]
    if not lines or any(len(line) < 2 for line in lines):
        raise ValueError(f"{path} must hold a line 'c000 Holding some clothes' for each class")
    return {code: name.strip() for code, name in lines}


def _roles(row: dict[str, str], classes: dict[str, str], table: Path) -> dict[str, str]:
    actions = []
    for action in _listed(row["actions"]):
        try:
            code, start, _ = action.split()
            actions.append((float(start), classes[code]))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{table}, {row['id']}: no 'class start end' in {action!r}") from error
    starts = [name for _, name in sorted(actions, key=lambda action: action[0])]
    return {
        "scene": row["scene"].split("(")[0].strip() or _NONE,
        **_numbered("action", starts),
        **_numbered("object", _listed(row["objects"])),
    }


def _numbered(role: str, labels: Iterable[str]) -> dict[str, str]:
    first = [*dict.fromkeys(labels), *[_NONE] * _MOST][:_MOST]
    return {f"{role}{number}": label for number, label in enumerate(first, 1)}


def _listed(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(";")]
    return [part for part in parts if part and part != _EMPTY]
