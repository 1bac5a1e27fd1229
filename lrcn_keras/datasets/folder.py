"""A user's own photos or clips, and captions."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.locate import file_column, read_captions, read_table, read_text
from lrcn_keras.media.find import CLIP_ENDINGS, PHOTO_ENDINGS


def folder(path: str | Path) -> CaptionDataset:
    """Reads a folder of photos with captions.

    The photos are in `path` or in its folder `photos/`. The captions are, tried in this order, in

    - `captions.json`: {file: [captions]} or {file: caption};
    - `captions.csv`: a column "file" (or "image", "photo", "video", "clip", "filename") and a
      column "caption", a row for every caption;
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
    photos, captions = _read(path, "photos", PHOTO_ENDINGS)
    return CaptionDataset.from_folder(f"folder:{path.name}", photos, captions)


def clip_folder(path: str | Path) -> ClipCaptionDataset:
    """Reads a folder of clips with captions, laid out as `folder` says, with `clips/`.

    Args:
        path: the folder.

    Returns:
        RGB clips, in the order of the file, or sorted by name for text files. A warning names clips
        that were skipped because they are missing.

    Raises:
        ValueError: when there are no captions, no clips, or a file is damaged.
    """
    path = Path(path)
    clips, captions = _read(path, "clips", CLIP_ENDINGS)
    return ClipCaptionDataset.from_folder(f"described:{path.name}", clips, captions)


def _read(path: Path, kind: str, endings: Set[str]) -> tuple[Path, dict[str, list[str]]]:
    if not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    place = path / kind if (path / kind).is_dir() else path
    if (path / "captions.json").exists():
        return place, read_captions(path / "captions.json")
    if (path / "captions.csv").exists():
        return place, _from_csv(path / "captions.csv")
    captions = _from_text_files(place, endings)
    if not captions:
        raise ValueError(
            f"{path}: looked for captions.json, captions.csv or {kind} with a text file of the "
            f"same name beside them in {place}"
        )
    return place, captions


def _from_csv(path: Path) -> dict[str, list[str]]:
    rows = read_table(path)
    columns = list(rows[0]) if rows else []
    file = file_column(columns)
    if file is None or "caption" not in columns:
        raise ValueError(f"{path} needs rows with the columns 'file' and 'caption', has {columns}")
    captions: dict[str, list[str]] = {}
    for row in rows:
        if row[file] and row["caption"]:
            captions.setdefault(row[file], []).append(row["caption"])
    return captions


def _from_text_files(place: Path, endings: Set[str]) -> dict[str, list[str]]:
    captions = {}
    for file in sorted(place.iterdir()):
        text = file.with_suffix(".txt")
        if file.suffix.lower() in endings and text.exists():
            lines = [line.strip() for line in read_text(text).splitlines() if line.strip()]
            if lines:
                captions[file.name] = lines
    return captions
