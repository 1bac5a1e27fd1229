"""GRID (Cooke et al. 2006): people who speak sentences of six words, three seconds each."""

from __future__ import annotations

import re
from pathlib import Path

from lrcn_keras.datasets.clip_captions import ClipCaptionDataset, Times
from lrcn_keras.datasets.folds import split_of
from lrcn_keras.datasets.locate import (
    check_split,
    files_below,
    find,
    find_optional,
    keep_present,
    read_json,
    read_text,
)

_UNITS = 1000  # of an alignment, in a frame
_SILENCE = ("sil", "sp")
_ENDINGS = (".mpg", ".mp4", ".avi", ".mov")


def grid(data_dir: str | Path, split: str) -> ClipCaptionDataset:
    """Reads a split of GRID.

    `data_dir`, or its folder `grid` or `grid_s1`, holds one of these layouts, tried in this order:

    - `clips/` and `train.json`, `dev.json`, `test.json`, each
      {file: {"sentence": sentence, "words": [[first frame, last frame, word]]}};
    - the original's `s1/bbaf2n.mpg` and `align/s1/bbaf2n.align` (or `s1/align/`; lines of first,
      last, word, in thousandths of a frame), for any number of speakers. It has no splits: of each
      hundred sentences about ten are "test" and ten "dev", by the hash of "s1/bbaf2n".

    Args:
        data_dir: where the data is.
        split: "train", "dev" or "test".

    Returns:
        RGB clips of 25 frames/s, each with one sentence and the times of its words, without
        silence; in the order of the file, or sorted by name. Those of the original have the group
        "speaker".

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("grid", split, ["train", "dev", "test"])
    name = f"grid:{split}"
    own = [f"{folder}{split}.json" for folder in ("", "grid_s1/")]
    table = find_optional(data_dir, "grid", own)
    if table is None:
        roots = (Path(data_dir, "grid"), Path(data_dir))
        speakers = [path.name for root in roots for path in sorted(root.glob("s[0-9]*"))]
        alignments = ["align", "alignments", *(f"{each}/align" for each in ["s1", *speakers])]
        place = find(data_dir, "grid", [*own, *alignments])
        speaker = re.fullmatch(r"s\d+", place.parent.name)
        return _original(name, place.parent.parent if speaker else place.parent, split)
    words = _table(table)
    folder = table.parent / "clips"
    files = keep_present(name, folder, words, "clips")
    return ClipCaptionDataset(
        name,
        files,
        [folder / file for file in files],
        [_sentences(words[file]) for file in files],
        times=[words[file] for file in files],
    )


def _table(path: Path) -> dict[str, Times]:
    content = read_json(path)
    try:
        return {
            file: [(float(first), float(last), str(word)) for first, last, word in each["words"]]
            for file, each in content.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} must hold {{file: {{'words': [[first frame, last frame, word]]}}}}: {error!r}"
        ) from error


def _original(name: str, root: Path, split: str) -> ClipCaptionDataset:
    there = sorted(files_below(root))
    clips = {_key(file): file for file in there if file.lower().endswith(_ENDINGS)}
    aligned = {_key(file): file for file in there if file.endswith(".align")}
    keys = [key for key in sorted(aligned) if split_of(key) == split]
    if not keys:
        raise ValueError(f"{name}: no alignment of this split in {root}")
    present = keep_present(name, root, [clips.get(key, f"{key}.mpg") for key in keys], "clips")
    keys = [_key(file) for file in present]
    words = [_alignment(root / aligned[key]) for key in keys]
    return ClipCaptionDataset(
        name,
        keys,
        [root / file for file in present],
        [_sentences(each) for each in words],
        times=words,
        groups={"speaker": [key.split("/")[0] for key in keys]},
    )


def _key(file: str) -> str:
    """Speaker and sentence, "s1/bbaf2n", of a clip or an alignment in whatever folders."""
    speaker = next((part for part in file.split("/") if re.fullmatch(r"s\d+", part)), "s")
    return f"{speaker}/{Path(file).stem}"


def _alignment(path: Path) -> Times:
    words = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            first, last, word = line.split()
            span = int(first) / _UNITS, int(last) / _UNITS
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: no 'first last word' in {line!r}") from error
        if word not in _SILENCE:
            words.append((*span, word))
    return words


def _sentences(words: Times) -> list[str]:
    return [" ".join(word for _, _, word in words)] if words else []
