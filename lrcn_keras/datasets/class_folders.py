"""A user's own clips: a folder for each class, or a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import file_column, keep_present, read_table
from lrcn_keras.media import find_clips


def class_folders(path: str | Path) -> ClipDataset:
    """Reads a folder of clips.

    The classes are, tried in this order, in

    - `path` itself when it is a CSV file, or in `clips.csv` in the folder: a column "file" (or
      "video", "clip", "filename"; relative to the CSV file), a column "label", and any other
      columns, such as "fold", "subject" or "source", which become groups;
    - the names of the folders in `path`, each with the clips of its class in it or below.

    Args:
        path: the folder or the CSV file.

    Returns:
        The data set, in the order of the table, or sorted by name. Classes are in alphabetical
        order. It is split by the column "fold" where there is one, else by the first group. A
        warning names clips of the table that are missing.

    Raises:
        ValueError: when there are no clips, or the table is damaged.
    """
    path = Path(path)
    table = path / "clips.csv" if path.is_dir() else path
    name = f"clips:{path.name}"
    if table.is_file():
        return read_clip_table(name, table)
    if not path.is_dir():
        raise ValueError(f"{path} is neither a folder nor a CSV file")
    files = [clip.relative_to(path) for clip in find_clips([path])]
    files = [file for file in files if len(file.parts) > 1]
    if not files:
        raise ValueError(
            f"{path}: looked for clips.csv or a folder for each class with clips in it"
        )
    names = [file.as_posix() for file in files]
    return labelled_clips(name, names, [path / file for file in files], [f.parts[0] for f in files])


def read_clip_table(name: str, table: Path) -> ClipDataset:
    """Reads a CSV file with a clip in each row, as `class_folders` describes it.

    Args:
        name: what to call the data set.
        table: the CSV file.

    Returns:
        The data set, in the order of the rows.

    Raises:
        ValueError: when the table is damaged, or none of its clips is there.
    """
    rows = read_table(table)
    columns = list(rows[0]) if rows else []
    file = file_column(columns)
    if file is None or "label" not in columns:
        raise ValueError(f"{table} needs rows with the columns 'file' and 'label', has {columns}")
    for number, row in enumerate(rows, 1):
        if not row[file] or not row["label"]:
            raise ValueError(f"{table}, clip {number}: no file or no label in {row}")
    by_file = {row[file]: row for row in rows}
    if len(by_file) < len(rows):
        raise ValueError(f"{table} has {len(rows)} rows for {len(by_file)} clips")
    files = keep_present(name, table.parent, by_file, "clips")
    return labelled_clips(
        name,
        files,
        [table.parent / each for each in files],
        [by_file[each]["label"] for each in files],
        groups={
            column: [by_file[each][column] for each in files]
            for column in columns
            if column not in (file, "label")
        },
    )


def labelled_clips(
    name: str,
    names: Sequence[str],
    clips: Sequence[Path],
    labels: Sequence[str],
    groups: dict[str, list[str]] | None = None,
) -> ClipDataset:
    """Numbers the classes of clips in alphabetical order.

    Args:
        name: what to call the data set.
        names: name of each clip.
        clips: path of each.
        labels: name of the class of each.
        groups: as `ClipDataset` takes them.

    Returns:
        The data set, split by "fold" where there is such a group, else by the first group.
    """
    classes = sorted(set(labels))
    groups = groups or {}
    return ClipDataset(
        name,
        names,
        clips,
        [classes.index(label) for label in labels],
        classes,
        groups,
        split_by="fold" if "fold" in groups else next(iter(groups), None),
    )
