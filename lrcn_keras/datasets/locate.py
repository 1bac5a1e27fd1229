"""Finds the files of a data set in the layouts they come in."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

FILE_COLUMNS = ("file", "filename", "file_name", "image", "photo", "video", "clip")


def find(data_dir: str | Path, data_set: str, candidates: Sequence[str]) -> Path:
    """Finds the first of several files or folders in `data_dir` or in its folder `data_set`.

    Args:
        data_dir: where the user keeps data.
        data_set: folder of the data set in `data_dir`; it may be left out.
        candidates: relative paths, the preferred one first.

    Returns:
        The path of the first that exists.

    Raises:
        ValueError: when there is none; it names all places.
    """
    path = find_optional(data_dir, data_set, candidates)
    if path is None:
        roots = _roots(data_dir, data_set)
        message = (
            f"{data_set}: looked for {' or '.join(candidates)} in {' and '.join(map(str, roots))}"
        )
        packed = [
            str(tar) for root in roots if root.is_dir() for tar in sorted(root.glob("*.tar*"))
        ]
        if packed:
            message += f". Unpack first: {', '.join(packed)}"
        raise ValueError(message)
    return path


def find_optional(data_dir: str | Path, data_set: str, candidates: Sequence[str]) -> Path | None:
    """Does the same as `find`, but returns None when there is no such file."""
    places = [root / each for root in _roots(data_dir, data_set) for each in candidates]
    return next((place for place in places if place.exists()), None)


def read_text(path: Path) -> str:
    """Reads a UTF-8 text file, through gzip when its name ends in ".gz".

    Args:
        path: file to read.

    Returns:
        The text, without a byte order mark.

    Raises:
        ValueError: when it is not UTF-8 or a damaged gzip file.
    """
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as file:
            return file.read()
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}") from error


def read_json(path: Path) -> dict | list:
    """Reads a JSON file, through gzip when its name ends in ".gz".

    Args:
        path: file to read.

    Returns:
        What the file holds.

    Raises:
        ValueError: when it is not JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error


def read_captions(path: Path) -> dict[str, list[str]]:
    """Reads {file: [captions]} or {file: caption}.

    Args:
        path: JSON file.

    Returns:
        The sentences by file; files without any are left out.

    Raises:
        ValueError: when it is not JSON or laid out in another way.
    """
    content = read_json(path)
    groups = content.items() if isinstance(content, dict) else ()
    captions = {file: [each] if isinstance(each, str) else each for file, each in groups if each}
    well_formed = all(
        isinstance(each, list) and all(isinstance(sentence, str) for sentence in each)
        for each in captions.values()
    )
    if not captions or not well_formed:
        raise ValueError(f"{path} must hold {{file: [captions]}}")
    return captions


def read_table(path: Path) -> list[dict[str, str]]:
    """Reads a CSV file with a header.

    Args:
        path: CSV file.

    Returns:
        The rows, each {column: value}, columns in lower case and both without space around them.
        What a short row lacks is "".

    Raises:
        ValueError: when it is not UTF-8, or has a row longer than its header.
    """
    rows = []
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), restval="")
    for row in reader:
        if None in row:
            raise ValueError(f"{path}, line {reader.line_num}: more values than columns")
        rows.append({column.strip().lower(): value.strip() for column, value in row.items()})
    return rows


def file_column(columns: Iterable[str]) -> str | None:
    """The first of a table's columns that names a file of each row; None without."""
    return next((column for column in FILE_COLUMNS if column in set(columns)), None)


def files_below(folder: Path) -> set[str]:
    """Lists all files in a folder and below, relative to it, with "/" between.

    It is one walk: a look at every file by itself takes minutes on network disks.
    """
    return {
        f"{root.removeprefix(str(folder))}/{file}".replace(os.sep, "/").lstrip("/")
        for root, _, files in os.walk(str(folder))
        for file in files
    }


def keep_present(name: str, folder: str | Path, files: Iterable[str], kind: str) -> list[str]:
    """Finds out which files of a data set are there; a warning names those that are not.

    Args:
        name: what the data set is called.
        folder: where the files should be.
        files: their paths, relative to `folder`.
        kind: what they are, "photos" or "clips".

    Returns:
        The files that are there, in order.

    Raises:
        ValueError: when none is.
    """
    files = list(files)
    present = files_below(Path(folder))
    missing = [file for file in files if file not in present]
    if len(missing) == len(files):
        raise ValueError(f"{name}: none of {len(missing)} {kind} is in {folder}, {some(missing)}")
    if missing:
        warnings.warn(
            f"{name}: skipped {len(missing)} of {len(files)} {kind}, which are not in "
            f"{folder}: {some(missing)}",
            stacklevel=4,  # who called the data set's function
        )
    return [file for file in files if file in present]


def joined_names(parts: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Makes one list of the names of several data sets.

    Args:
        parts: name and examples' names of each data set.

    Returns:
        The examples' names; one that several data sets have gets its data set's in front.
    """
    seen: set[str] = set()
    shared: set[str] = set()
    for _, names in parts:
        shared |= seen.intersection(names)
        seen.update(names)
    return [f"{part}/{name}" if name in shared else name for part, names in parts for name in names]


def some(items: Iterable[str], count: int = 5) -> str:
    """Names the first few of many things."""
    items = list(items)
    return ", ".join(items[:count]) + (
        f" and {len(items) - count} more" if len(items) > count else ""
    )


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is never there in part, whenever the process dies."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)


def check_split(data_set: str, split: str, allowed: Sequence[str]) -> None:
    """Raises a ValueError that names the splits there are."""
    if split not in allowed:
        raise ValueError(f"{data_set} has the splits {', '.join(allowed)}, got {split!r}")


def _roots(data_dir: str | Path, data_set: str) -> list[Path]:
    return [Path(data_dir) / data_set, Path(data_dir)]
