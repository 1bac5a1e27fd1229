"""Clips with sentences, whatever data set they come from."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from lrcn_keras.datasets._checks import check_captions, check_clip_list
from lrcn_keras.datasets.clip_list import ClipList
from lrcn_keras.datasets.frames import ClipPart, read_frames
from lrcn_keras.datasets.locate import keep_present

Times = Sequence[tuple[float, float, str]]


class ClipCaptionDataset(ClipList):
    """A list of clips, each with any number of sentences.

    Args:
        name: what to call the data set, such as "grid:test".
        names: a unique name for each clip.
        clips: path of each clip's video, part of a video, its frames (T, H, W, C) uint8, or None
            where there are only annotations.
        captions: sentences of each clip, at least one.
        roles: what each clip shows, by role, such as {"scene": "Kitchen"}; None where nobody
            annotated it.
        times: when each word of a clip is spoken: (first, last, word), in frames of the video
            itself, counted from 0; None where nobody annotated it.
        groups: what clips have in common, by field, such as {"speaker": [...]}.
        modality: "rgb", or "grey" (one channel).
        rate: frames/s at which videos are read; None for their own. Arrays are read as they are.

    Raises:
        ValueError: when the lists differ in length, are empty, hold a name twice or a clip without
            sentences, frames do not fit the modality, or roles or times are laid out in another
            way.
    """

    columns: ClassVar[tuple[str, ...]] = ("captions", "roles", "times")
    alike: ClassVar[tuple[str, ...]] = ("modality", "rate", "count")

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        clips: Sequence[str | Path | ClipPart | np.ndarray | None],
        captions: Sequence[Sequence[str]],
        roles: Sequence[Mapping[str, str]] | None = None,
        times: Sequence[Times] | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
        modality: str = "rgb",
        rate: float | None = None,
    ):
        super().__init__(name, names, clips, groups, modality, rate)
        self.captions = [list(sentences) for sentences in captions]
        self.roles = None if roles is None else [dict(each) for each in roles]
        self.times = None if times is None else [[tuple(word) for word in each] for each in times]
        self.count: int | None = None  # of `sampled`; None: all frames, at `rate`
        self._check()

    @classmethod
    def from_folder(
        cls, name: str, folder: str | Path, captions: Mapping[str, Sequence[str]]
    ) -> ClipCaptionDataset:
        """Joins captions with the clips of a folder; a clip that is not there is skipped.

        Args:
            name: what to call the data set.
            folder: where the clips are.
            captions: sentences by file name, relative to `folder`.

        Returns:
            The data set, in the order of `captions`. A warning names clips that were skipped.

        Raises:
            ValueError: when none of the clips is there.
        """
        found = keep_present(name, folder, captions, "clips")
        paths = [Path(folder) / file for file in found]
        return cls(name, found, paths, [captions[file] for file in found])

    @property
    def references(self) -> dict[str, list[str]]:
        """Captions by name, as `evaluation` takes them."""
        return dict(zip(self.names, self.captions, strict=True))

    def sampled(self, count: int | None) -> ClipCaptionDataset:
        """The same clips, a few frames of each.

        Args:
            count: how many frames, from the middle of as many equal parts of the clip, whatever
                its rate; one that is shorter has some twice. None: all.

        Returns:
            The data set that reads so many.

        Raises:
            ValueError: for a count below 1.
        """
        if count is not None and count < 1:
            raise ValueError(f"count must be at least 1, got {count}")
        changed = copy.copy(self)
        changed.count = count
        return changed

    @property
    def reading(self) -> tuple:
        """All that decides which pixels a clip is read as."""
        return self.rate, self.modality, self.count

    def read(self, index: int, size: tuple[int, int] | None = None) -> np.ndarray:
        """Reads a clip. Any number of threads may read at once.

        Args:
            index: which clip.
            size: (H, W) to which frames are stretched; None leaves them.

        Returns:
            (T, H, W, C) uint8.

        Raises:
            ValueError: when the data set has only annotations of this clip.
            MediaError: when the video cannot be read; it names the file.
        """
        clip = self.clips[index]
        if clip is None:
            raise ValueError(f"{self.name} has annotations of {self.names[index]}, but no clip")
        grey = self.modality == "grey"
        return read_frames(clip, size, rate=self.rate, count=self.count, grey=grey)

    def _check(self) -> None:
        check_clip_list(self, "captions (roles and times, if any)")
        check_captions(self.name, self.names, self.captions, "clips")
        for clip, roles in zip(self.names, self.roles or (), strict=False):
            if not all(isinstance(label, str) for label in roles.values()):
                raise ValueError(f"{self.name}: roles are {{role: label}}, {clip} has {roles}")
        for clip, words in zip(self.names, self.times or (), strict=False):
            if not all(len(each) == 3 and 0 <= each[0] <= each[1] for each in words):
                raise ValueError(
                    f"{self.name}: times are (first frame, last frame, word), {clip} has {words}"
                )

    def _fields(self) -> dict[str, list[str]]:
        fields = sorted({role for roles in self.roles or () for role in roles})
        of_roles = {field: [roles.get(field, "") for roles in self.roles] for field in fields}
        return {**self.groups, **of_roles}

    def __repr__(self) -> str:
        sentences = sum(map(len, self.captions))
        return f"ClipCaptionDataset({self.name!r}, {len(self)} clips, {sentences} captions)"
