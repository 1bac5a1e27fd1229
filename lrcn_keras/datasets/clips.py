"""Clips with their action, whatever data set they come from."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lrcn_keras.datasets._checks import check_clips
from lrcn_keras.datasets.folds import assign_folds, natural_order
from lrcn_keras.datasets.locate import joined_names, some
from lrcn_keras.media import cached_flow, flow_images, read_clip
from lrcn_keras.media.resize import resize


class ClipDataset:
    """A list of clips, each of one class.

    Args:
        name: what to call the data set, such as "fights:fold=5".
        names: a unique name for each clip.
        clips: path of each clip's video, or its frames (T, H, W, C): uint8, or float32 in degrees
            Celsius where thermal.
        labels: (N,) index into `classes`.
        classes: names of the classes.
        groups: what clips have in common, by field, such as {"source": [...], "fold": [...]}, a
            text for each clip.
        modality: "rgb", "grey" (one channel, silhouettes too), "thermal", or "flow" for flow images
            that are in `clips` already; `flow` computes them.
        rate: frames/s at which videos are read; None for their own. Arrays are read as they are.
        split_by: field of `groups` by which to cross-validate, if not told otherwise.

    Raises:
        ValueError: when the lists differ in length, are empty or hold a name twice, a label is no
            index of a class, frames do not fit the modality, or `split_by` is no field.
    """

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        clips: Sequence[str | Path | np.ndarray],
        labels: Sequence[int] | np.ndarray,
        classes: Sequence[str],
        groups: Mapping[str, Sequence[str]] | None = None,
        modality: str = "rgb",
        rate: float | None = None,
        split_by: str | None = None,
    ):
        self.name = name
        self.names = list(names)
        self.clips = [clip if isinstance(clip, np.ndarray) else str(clip) for clip in clips]
        self.labels = np.asarray(labels, np.int32)
        self.classes = tuple(classes)
        self.groups = {field: list(map(str, each)) for field, each in (groups or {}).items()}
        self.modality = modality
        self.rate = rate
        self.split_by = split_by
        self.flow_settings: dict[str, Any] | None = None  # of `flow`; None: clips are as read
        check_clips(self)

    @classmethod
    def join(cls, parts: Sequence[ClipDataset]) -> ClipDataset:
        """Puts data sets one after the other.

        Args:
            parts: at least one data set, all with the same classes, modality and rate; where two
                have a clip's name in common, both get their data set's name in front of theirs.

        Returns:
            The joined data set, named "first+second", with the groups that all have.

        Raises:
            ValueError: for different classes, modalities or rates.
        """
        first = parts[0]
        for part in parts[1:]:
            for what in ("classes", "modality", "rate", "flow_settings"):
                one, other = getattr(first, what), getattr(part, what)
                if one != other:
                    raise ValueError(
                        f"{first.name} and {part.name} differ in {what}: {one}, {other}"
                    )
        fields = [field for field in first.groups if all(field in part.groups for part in parts)]
        joined = copy.copy(first)
        joined.name = "+".join(part.name for part in parts)
        joined.names = joined_names([(part.name, part.names) for part in parts])
        joined.clips = [clip for part in parts for clip in part.clips]
        joined.labels = np.concatenate([part.labels for part in parts])
        joined.groups = {
            field: [each for part in parts for each in part.groups[field]] for field in fields
        }
        joined.split_by = first.split_by if first.split_by in fields else None
        check_clips(joined)
        return joined

    def select(self, chosen: Sequence[int] | np.ndarray, name: str) -> ClipDataset:
        """Takes some of the clips.

        Args:
            chosen: (N,) bool, or indices in the order wanted.
            name: what to call the selection.

        Returns:
            The selection, with all classes.

        Raises:
            ValueError: when nothing is chosen.
        """
        indices = np.arange(len(self))[np.asarray(chosen)] if len(chosen) else []
        selection = copy.copy(self)
        selection.name = name
        selection.names = [self.names[index] for index in indices]
        selection.clips = [self.clips[index] for index in indices]
        selection.labels = self.labels[indices]
        selection.groups = {
            field: [each[index] for index in indices] for field, each in self.groups.items()
        }
        check_clips(selection)
        return selection

    def where(self, condition: str) -> ClipDataset:
        """Takes the clips that meet a condition.

        Args:
            condition: "fold=1,2" for those in fold 1 or 2, "subject!=9" for all but those of
                subject 9; the field is one of `groups`, or "label" for the name of the class.

        Returns:
            The selection, called "name:condition".

        Raises:
            ValueError: for a field or a value that is not there, or when nothing is left.
        """
        field, equals, wanted = condition.partition("=")
        unequal = field.endswith("!")
        field = field.removesuffix("!").strip()
        values = self._values(field)
        wanted = [value.strip() for value in wanted.split(",")]
        unknown = sorted(set(wanted) - set(values))
        if not equals or unknown:
            raise ValueError(
                f"{self.name}: a condition is FIELD=VALUE,... or FIELD!=VALUE,..., with one of the "
                f"{field}s {some(natural_order(values), 20)}, got {condition!r}"
            )
        chosen = np.isin(values, wanted) != unequal
        return self.select(chosen, f"{self.name}:{condition}")

    def folds(self, by: str | None = None) -> list[tuple[str, ClipDataset, ClipDataset]]:
        """Leaves one group out at a time: official folds, people, cameras.

        Args:
            by: field of `groups`; None for `split_by`.

        Returns:
            For each value of the field: "field=value", the clips to train on, the clips to test on.

        Raises:
            ValueError: when there is no such field, or all clips are of one group.
        """
        by = self._split_field(by)
        return [
            (f"{by}={value}", self.where(f"{by}!={value}"), self.where(f"{by}={value}"))
            for value in natural_order(self._values(by))
        ]

    def k_folds(
        self, k: int, seed: int = 0, by: str | None = None
    ) -> list[tuple[str, ClipDataset, ClipDataset]]:
        """Makes k folds with every class in the same share, and no group in two of them.

        Args:
            k: how many folds.
            seed: which of the many ways to do so.
            by: field of `groups`; None for `split_by`, and for single clips where there is none.

        Returns:
            For each fold: its name, such as "fold 1 of 5", the clips to train on, those to test on.

        Raises:
            ValueError: when there is no such field, or fewer groups than folds.
        """
        by = by or self.split_by
        groups = self.names if by is None else self._values(by)
        fold_of = assign_folds(self.labels, groups, k, seed)
        return [
            (
                f"fold {fold + 1} of {k}",
                self.select(fold_of != fold, f"{self.name}:without fold {fold + 1} of {k}"),
                self.select(fold_of == fold, f"{self.name}:fold {fold + 1} of {k}"),
            )
            for fold in range(k)
        ]

    def at_rate(self, rate: float | None) -> ClipDataset:
        """The same clips, videos read at another rate.

        Args:
            rate: frames/s; None for each video's own.

        Returns:
            The data set at that rate.
        """
        changed = copy.copy(self)
        changed.rate = rate
        return changed

    def flow(
        self, cache_dir: str | Path | None = None, algorithm: str = "dis", scale: float = 16.0
    ) -> ClipDataset:
        """The same clips as optical flow images.

        Args:
            cache_dir: folder in which videos' flow is kept; None computes it at every reading.
            algorithm: "dis", "farneback" or "tvl1".
            scale: grey levels a pixel of motion.

        Returns:
            The data set of modality "flow": `read` gives an image a pair of frames.

        Raises:
            ValueError: when the clips are thermal, or flow already.
        """
        if self.modality not in ("rgb", "grey"):
            raise ValueError(f"{self.name}: flow is of rgb or grey clips, not of {self.modality}")
        changed = copy.copy(self)
        changed.modality = "flow"
        changed.flow_settings = {"cache_dir": cache_dir, "algorithm": algorithm, "scale": scale}
        return changed

    def read(self, index: int, size: tuple[int, int] | None = None) -> np.ndarray:
        """Reads a clip. Any number of threads may read at once.

        Args:
            index: which clip.
            size: (H, W) to which frames are stretched; None leaves them.

        Returns:
            (T, H, W, C) uint8, or float32 in degrees Celsius where thermal. Flow images are
            computed at `size`, and are one fewer than the frames.

        Raises:
            MediaError: when the video cannot be read; it names the file.
        """
        clip = self.clips[index]
        if self.flow_settings is None:
            return self._frames(clip, size)
        how = {"algorithm": self.flow_settings["algorithm"], "scale": self.flow_settings["scale"]}
        if isinstance(clip, np.ndarray) or self.flow_settings["cache_dir"] is None:
            return flow_images(self._frames(clip, size), **how)
        return cached_flow(clip, self.flow_settings["cache_dir"], size=size, rate=self.rate, **how)

    def _frames(self, clip: str | np.ndarray, size: tuple[int, int] | None) -> np.ndarray:
        if isinstance(clip, np.ndarray):
            return clip if size is None else np.stack([resize(frame, size) for frame in clip])
        return read_clip(clip, size=size, rate=self.rate, grey=self.modality == "grey")

    def _values(self, field: str) -> list[str]:
        if field == "label":
            return [self.classes[label] for label in self.labels]
        if field not in self.groups:
            fields = ", ".join([*self.groups, "label"])
            raise ValueError(f"{self.name}: a field is one of {fields}, got {field!r}")
        return self.groups[field]

    def _split_field(self, by: str | None) -> str:
        by = by or self.split_by
        if by is None:
            raise ValueError(f"{self.name}: say by which field to split, of {list(self.groups)}")
        return by

    def __len__(self) -> int:
        return len(self.names)

    def __add__(self, other: ClipDataset) -> ClipDataset:
        return ClipDataset.join([self, other])

    def __repr__(self) -> str:
        return f"ClipDataset({self.name!r}, {len(self)} clips, {len(self.classes)} classes)"
