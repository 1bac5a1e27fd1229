"""MSVD (Chen and Dolan 2011): 1,970 clips of YouTube videos with about 40 sentences each."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.locate import (
    check_split,
    files_below,
    find,
    find_optional,
    read_captions,
    read_table,
    read_text,
)

_CLIPS = 1970
_SPLITS = {"train": slice(1200), "dev": slice(1200, 1300), "test": slice(1300, _CLIPS)}
_CAPTIONS = ["captions.json", "captions.json.gz", "AllVideoDescriptions.txt"]
_TABLES = ["MSR Video Description Corpus.csv", "video_corpus.csv"]
_COLUMNS = ("videoid", "start", "end", "language", "description")


def msvd(data_dir: str | Path, split: str) -> ClipCaptionDataset:
    """Reads one of the usual splits of MSVD.

    `data_dir`, or its folder `msvd`, holds the clips in `YouTubeClips/`, named by video, first and
    last second, such as `-4wsuPCjDBc_5_15.avi`, and their sentences in one of `captions.json`
    ({file: [captions]}), `AllVideoDescriptions.txt` (lines of a clip and a sentence) and
    `MSR Video Description Corpus.csv` (of which English is read).

    The splits are the first 1,200 clips, the next 100 and the last 670, in the order of
    `youtube_mapping.txt` (lines of a clip and "vid1" to "vid1970") where it is there, else in that
    of all 1,970 names by their bytes, which is the same.

    Args:
        data_dir: where the data is.
        split: "train", "dev" or "test"; "val" is another name of "dev".

    Returns:
        RGB clips in that order. A warning names clips that are missing.

    Raises:
        ValueError: for an unknown split or a missing or damaged file, and where too few clips are
            there to know the splits.
    """
    check_split("msvd", split, [*_SPLITS, "val"])
    split = "dev" if split == "val" else split
    folder = find(data_dir, "msvd", ["YouTubeClips", "clips"])
    source = find(data_dir, "msvd", [*_CAPTIONS, *_TABLES])
    captions = _captions(source)
    files = {Path(file).stem: file for file in sorted(files_below(folder))}
    mapping = find_optional(data_dir, "msvd", ["youtube_mapping.txt"])
    names = _mapped(mapping) if mapping else sorted(files, key=str.encode)
    if len(names) != _CLIPS:
        raise ValueError(
            f"msvd: the splits count {_CLIPS} clips, {mapping or folder} has {len(names)}; put "
            f"youtube_mapping.txt beside {folder}"
        )
    chosen = names[_SPLITS[split]]
    mute = [each for each in chosen if each not in captions]
    if mute:
        raise ValueError(f"{source} has no sentence of {len(mute)} clips, such as {mute[0]}")
    wanted = {files.get(each, f"{each}.avi"): captions[each] for each in chosen}
    return ClipCaptionDataset.from_folder(f"msvd:{split}", folder, wanted)


def _captions(path: Path) -> dict[str, list[str]]:
    """Sentences by the clip's name without ending."""
    if path.suffix == ".csv":
        return _from_table(path)
    if path.suffix != ".txt":
        return {Path(file).stem: sentences for file, sentences in read_captions(path).items()}
    captions: dict[str, list[str]] = {}
    for line in read_text(path).splitlines():
        clip, _, sentence = line.strip().partition(" ")
        if sentence and not clip.startswith("#"):
            captions.setdefault(clip, []).append(sentence.strip())
    return captions


def _from_table(path: Path) -> dict[str, list[str]]:
    rows = read_table(path)
    if not rows or any(column not in rows[0] for column in _COLUMNS):
        raise ValueError(f"{path} needs rows with the columns {', '.join(_COLUMNS)}")
    captions: dict[str, list[str]] = {}
    for row in rows:
        if row["language"].lower() == "english" and row["description"]:
            clip = f"{row['videoid']}_{row['start']}_{row['end']}"
            captions.setdefault(clip, []).append(row["description"])
    return captions


def _mapped(path: Path) -> list[str]:
    """Names in the order of their numbers."""
    numbers = {}
    for line in filter(None, map(str.strip, read_text(path).splitlines())):
        name, _, number = line.partition(" ")
        if not number.strip().removeprefix("vid").isdecimal():
            raise ValueError(f"{path}: no 'clip vid1' in {line!r}")
        numbers[int(number.strip().removeprefix("vid"))] = name
    return [numbers[number] for number in sorted(numbers)]
