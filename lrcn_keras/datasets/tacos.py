"""TACoS (Regneri et al. 2013): people who cook, what they do with what and where, and sentences."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.folds import split_of
from lrcn_keras.datasets.frames import ClipPart
from lrcn_keras.datasets.locate import (
    check_split,
    find,
    find_optional,
    keep_present,
    read_json,
    read_text,
)

_ROLES = ("activity", "tool", "object", "location")
_NONE = "none"


class _Segment(NamedTuple):
    video: str  # without ending
    first: int  # frame
    last: int  # frame
    captions: list[str]
    roles: dict[str, str]


def tacos(data_dir: str | Path, split: str) -> ClipCaptionDataset:
    """Reads a split of TACoS, or of TACoS Multilevel in the same layout.

    `data_dir`, or its folder `tacos`, holds one of these layouts, tried in this order, and if you
    have them the videos in `videos/`:

    - `train.json`, `val.json`, `test.json`, each {video: {"timestamps": [[first frame, last
      frame]], "sentences": [sentence]}}, the splits of those who search moments by a sentence (75,
      27 and 25 videos);
    - the corpus's own `alignments-text/s13-d21.aligned.tsv` and so on: a line for each moment, its
      first and last frame, the activity, tools, objects and places, each a list with commas, then a
      column for each annotator, empty or a sentence. It has no splits: of each hundred videos about
      ten are "test" and ten "dev", by the hash of the name.

    The layouts are those that published programs read; TACoS Multilevel's archive, which adds two
    shorter levels of detail, was not at hand, and its "detailed" sentences must be in one of them.

    Args:
        data_dir: where the data is.
        split: "train", "dev" or "test"; "val" is another name of "dev".

    Returns:
        Moments named "s13-d21_252_452", in the order of the files, those of the same frames joined,
        with the group "video"; parts of the videos, or without pixels where there is no folder of
        them. From the corpus's own files they have the roles "activity", "tool", "object" and
        "location", each the whole list; an empty one is "none". A warning names missing videos,
        whose moments are left out.

    Raises:
        ValueError: for an unknown split or a missing or damaged file.
    """
    check_split("tacos", split, ["train", "dev", "val", "test"])
    split = "dev" if split == "val" else split
    tables = [f"{place}{split.replace('dev', 'val')}.json" for place in ("", "annotations/")]
    table = find_optional(data_dir, "tacos", tables)
    if table is not None:
        segments = _from_json(table)
    else:
        folder = find(data_dir, "tacos", ["alignments-text", *tables])
        files = sorted(folder.glob("*.aligned.tsv"))
        names = {path: path.name.removesuffix(".aligned.tsv") for path in files}
        chosen = [path for path in files if split_of(names[path]) == split]
        segments = [part for path in chosen for part in _from_tsv(path, names[path])]
    if not segments:
        raise ValueError(f"tacos:{split}: no sentence in {table or folder}")
    segments = _joined(segments)
    videos = find_optional(data_dir, "tacos", ["videos"])
    files: dict[str, str] = {}
    if videos is not None:
        files = _files(f"tacos:{split}", videos, segments)
        segments = [each for each in segments if each.video in files]
    return ClipCaptionDataset(
        f"tacos:{split}",
        [f"{each.video}_{each.first}_{each.last}" for each in segments],
        [
            videos and ClipPart(str(videos / files[each.video]), each.first, each.last)
            for each in segments
        ],
        [each.captions for each in segments],
        roles=[each.roles for each in segments] if segments[0].roles else None,
        groups={"video": [each.video for each in segments]},
    )


def _from_json(path: Path) -> list[_Segment]:
    content = read_json(path)
    try:
        segments = [
            _Segment(Path(video).stem, int(first), int(last), [str(text)], {})
            for video, each in content.items()
            for (first, last), text in zip(each["timestamps"], each["sentences"], strict=True)
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} must hold {{video: {{'timestamps', 'sentences'}}}}: {error!r}"
        ) from error
    return _checked(path, segments)


def _from_tsv(path: Path, video: str) -> list[_Segment]:
    segments = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) < 2 + len(_ROLES) or not all(map(str.isdecimal, columns[:2])):
            raise ValueError(
                f"{path}, line {number}: no first frame, last frame, {', '.join(_ROLES)} with tabs "
                f"between in {line!r}"
            )
        captions = [text for text in columns[2 + len(_ROLES) :] if text]
        roles = {role: text or _NONE for role, text in zip(_ROLES, columns[2:], strict=False)}
        if captions:
            segments.append(_Segment(video, int(columns[0]), int(columns[1]), captions, roles))
    return _checked(path, segments)


def _checked(path: Path, segments: list[_Segment]) -> list[_Segment]:
    for each in segments:
        if not 0 <= each.first <= each.last:
            raise ValueError(
                f"{path}: a moment of {each.video} goes from frame {each.first} to {each.last}"
            )
    return segments


def _joined(segments: list[_Segment]) -> list[_Segment]:
    """One of each moment, with all that was said of it."""
    moments: dict[tuple[str, int, int], _Segment] = {}
    for each in segments:
        moments.setdefault(each[:3], each._replace(captions=[])).captions.extend(each.captions)
    return list(moments.values())


def _files(name: str, folder: Path, segments: list[_Segment]) -> dict[str, str]:
    """The file of each video that is there."""
    there = {path.stem: path.name for path in sorted(folder.iterdir())}
    wanted = {each.video: there.get(each.video, f"{each.video}.avi") for each in segments}
    present = set(keep_present(name, folder, wanted.values(), "clips"))
    return {video: file for video, file in wanted.items() if file in present}
