"""Photos in files, folders and globs."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from lrcn_keras.errors import MediaError

_ENDINGS = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp"}


def find_photos(paths: Iterable[str | Path]) -> list[Path]:
    """Lists the photos that paths stand for.

    Args:
        paths: files (of any name), folders (photos in them and below, sorted, without hidden ones)
            and globs such as "holiday/**/*.jpg".

    Returns:
        The files, in the order of `paths`.

    Raises:
        MediaError: for a path or glob that matches nothing, or a folder without photos.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    return [photo for path in paths for photo in _expand(path)]


def _expand(given: str | Path) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        return _below(path)
    if path.exists():
        return [path]
    if not glob.has_magic(str(given)):
        raise MediaError(given, "no such file or folder")
    matches = [Path(match) for match in sorted(glob.glob(str(given), recursive=True))]
    photos = [match for match in matches if match.is_file()]
    if not photos:
        raise MediaError(given, "no file matches")
    return photos


def _below(folder: Path) -> list[Path]:
    photos = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in _ENDINGS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
    if not photos:
        raise MediaError(folder, f"no photos in this folder ({', '.join(sorted(_ENDINGS))})")
    return photos
