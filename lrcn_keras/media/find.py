"""Photos and clips in files, folders and globs."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from lrcn_keras.errors import MediaError

PHOTO_ENDINGS = {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp"}
CLIP_ENDINGS = {
    *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".wmv", ".flv", ".3gp", ".ogv", ".mpv", ".vob", ".gif"),
}


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
    return _find(paths, "photos", PHOTO_ENDINGS)


def find_clips(paths: Iterable[str | Path]) -> list[Path]:
    """Lists the clips that paths stand for.

    Args:
        paths: files (of any name), folders (clips in them and below, sorted, without hidden ones)
            and globs such as "holiday/**/*.mp4".

    Returns:
        The files, in the order of `paths`.

    Raises:
        MediaError: for a path or glob that matches nothing, or a folder without clips.
    """
    return _find(paths, "clips", CLIP_ENDINGS)


def find_media(paths: Iterable[str | Path]) -> list[Path]:
    """Lists the clips and photos that paths stand for; as `find_clips`."""
    return _find(paths, "clips or photos", CLIP_ENDINGS | PHOTO_ENDINGS)


def is_photo(path: str | Path) -> bool:
    """Tells by the name's ending whether a file is a photo; a GIF is a clip."""
    return Path(path).suffix.lower() in PHOTO_ENDINGS - CLIP_ENDINGS


def _find(paths: Iterable[str | Path], kind: str, endings: set[str]) -> list[Path]:
    if isinstance(paths, str | Path):
        paths = [paths]
    return [found for path in paths for found in _expand(path, kind, endings)]


def _expand(given: str | Path, kind: str, endings: set[str]) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        return _below(path, kind, endings)
    if path.exists():
        return [path]
    if not glob.has_magic(str(given)):
        raise MediaError(given, "no such file or folder")
    matches = [Path(match) for match in sorted(glob.glob(str(given), recursive=True))]
    files = [match for match in matches if match.is_file()]
    if not files:
        raise MediaError(given, "no file matches")
    return files


def _below(folder: Path, kind: str, endings: set[str]) -> list[Path]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in endings
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )
    if not files:
        raise MediaError(folder, f"no {kind} in this folder ({', '.join(sorted(endings))})")
    return files
