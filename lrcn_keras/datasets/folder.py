"""A user's own photos and captions."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.locate import read_captions, read_text

_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
_FILE_COLUMNS = ("file", "filename", "file_name", "image", "photo")


def folder(path: str | Path) -> CaptionDataset:
    """Reads a folder of photos with captions.

    The photos are in `path` or in its folder `photos/`. The captions are, tried in this order, in

    - `captions.json`: {file: [captions]} or {file: caption};
    - `captions.csv`: a column "file" (or "image", "photo", "filename") and a column "caption", a
      row for every caption;
    - `name.txt` beside `name.jpg`, a caption a line.

    Args:
        path: the folder.

    Returns:
        The data set, in the order of the file, or sorted by name for text files. A warning names
        photos that were skipped because they are missing.

    Raises:
        ValueError: when there are no captions, no photos, or a file is damaged.
    """
    path = Path(path)
    if not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    photos = path / "photos" if (path / "photos").is_dir() else path
    if (path / "captions.json").exists():
        captions = read_captions(path / "captions.json")
    elif (path / "captions.csv").exists():
        captions = _from_csv(path / "captions.csv")
    else:
        captions = _from_text_files(photos)
        if not captions:
            raise ValueError(
                f"{path}: looked for captions.json, captions.csv or photos with a text file of the "
                f"same name beside them in {photos}"
            )
    return CaptionDataset.from_folder(f"folder:{path.name}", photos, captions)


def _from_csv(path: Path) -> dict[str, list[str]]:
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    columns = {(column or "").strip().lower(): column for column in rows.fieldnames or ()}
    file_column = next((columns[each] for each in _FILE_COLUMNS if each in columns), None)
    if file_column is None or "caption" not in columns:
        raise ValueError(f"{path} needs the columns 'file' and 'caption', has {list(columns)}")
    captions: dict[str, list[str]] = {}
    for row in rows:
        if row[file_column] and row[columns["caption"]]:
            captions.setdefault(row[file_column].strip(), []).append(
                row[columns["caption"]].strip()
            )
    return captions


def _from_text_files(photos: Path) -> dict[str, list[str]]:
    captions = {}
    for photo in sorted(photos.iterdir()):
        text = photo.with_suffix(".txt")
        if photo.suffix.lower() in _ENDINGS and text.exists():
            lines = [line.strip() for line in read_text(text).splitlines() if line.strip()]
            if lines:
                captions[photo.name] = lines
    return captions
