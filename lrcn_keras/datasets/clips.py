"""Clips with their action, whatever data set they come from."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lrcn_keras.datasets._checks import check_clip_list
from lrcn_keras.datasets.clip_list import ClipList
from lrcn_keras.datasets.folds import assign_folds, natural_order
from lrcn_keras.datasets.frames import read_frames
from lrcn_keras.media import cached_flow, flow_images


class ClipDataset(ClipList):
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

    columns: ClassVar[tuple[str, ...]] = ("labels",)
    alike: ClassVar[tuple[str, ...]] = ("classes", "modality", "rate", "flow_settings")

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
        super().__init__(name, names, clips, groups, modality, rate)
        self.labels = np.asarray(labels, np.int32)
        self.classes = tuple(classes)
        self.split_by = split_by
        self.flow_settings: dict[str, Any] | None = None  # of `flow`; None: clips are as read
        self._check()
        if split_by is not None and split_by not in self.groups:
            raise ValueError(f"{name}: split_by is one of {list(self.groups)}, got {split_by!r}")

    @classmethod
    def join(cls, parts: Sequence[ClipDataset]) -> ClipDataset:
        """Puts data sets one after the other, as `ClipList.join` says."""
        joined = super().join(parts)
        if joined.split_by not in joined.groups:
            joined.split_by = None
        return joined

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

    @property
    def reading(self) -> tuple:
        """All that decides which pixels a clip is read as."""
        return self.rate, self.modality, self.flow_settings

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
        return read_frames(clip, size, rate=self.rate, grey=self.modality == "grey")

    def _check(self) -> None:
        check_clip_list(self, "a label")
        if self.labels.min() < 0 or self.labels.max() >= len(self.classes):
            raise ValueError(
                f"{self.name} has {len(self.classes)} classes, and labels from "
                f"{self.labels.min()} to {self.labels.max()}"
            )

    def _fields(self) -> dict[str, list[str]]:
        return {**self.groups, "label": [self.classes[label] for label in self.labels]}

    def _split_field(self, by: str | None) -> str:
        by = by or self.split_by
        if by is None:
            raise ValueError(f"{self.name}: say by which field to split, of {list(self.groups)}")
        return by

    def __repr__(self) -> str:
        return f"ClipDataset({self.name!r}, {len(self)} clips, {len(self.classes)} classes)"
