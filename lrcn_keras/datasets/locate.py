"""Finds the files of a data set in the layouts they come in."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path


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


def check_split(data_set: str, split: str, allowed: Sequence[str]) -> None:
    """Raises a ValueError that names the splits there are."""
    if split not in allowed:
        raise ValueError(f"{data_set} has the splits {', '.join(allowed)}, got {split!r}")


def _roots(data_dir: str | Path, data_set: str) -> list[Path]:
    return [Path(data_dir) / data_set, Path(data_dir)]
