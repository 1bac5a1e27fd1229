"""What all data sets of clips have in common."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lrcn_keras.datasets.folds import natural_order
from lrcn_keras.datasets.frames import ClipPart, as_clip
from lrcn_keras.datasets.locate import joined_names, some

if TYPE_CHECKING:
    from typing_extensions import Self


class ClipList:
    """Clips with what some of them share; `ClipDataset` and `ClipCaptionDataset` say the rest.

    Args:
        name: what to call the data set.
        names: a unique name for each clip.
        clips: path, part of a video or frames of each clip.
        groups: what clips have in common, by field, a text for each clip.
        modality: what the frames are.
        rate: frames/s at which videos are read; None for their own.
    """

    columns: ClassVar[tuple[str, ...]] = ()  # attributes with an entry for each clip, or None
    alike: ClassVar[tuple[str, ...]] = ("modality", "rate")  # what only equal data sets join

    def __init__(
        self,
        name: str,
        names: Sequence[str],
        clips: Sequence[str | Path | ClipPart | np.ndarray | None],
        groups: Mapping[str, Sequence[str]] | None,
        modality: str,
        rate: float | None,
    ):
        self.name = name
        self.names = list(names)
        self.clips = [as_clip(clip) for clip in clips]
        self.groups = {field: list(map(str, each)) for field, each in (groups or {}).items()}
        self.modality = modality
        self.rate = rate

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Puts data sets one after the other.

        Args:
            parts: at least one data set, all of the same modality and rate, and with the same
                classes where clips have a class; where two have a clip's name in common, both get
                their data set's name in front of theirs.

        Returns:
            The joined data set, named "first+second", with the groups that all have.

        Raises:
            ValueError: for different modalities, rates or classes.
        """
        first = parts[0]
        for part in parts[1:]:
            for what in cls.alike:
                one, other = getattr(first, what), getattr(part, what)
                if one != other:
                    raise ValueError(
                        f"{first.name} and {part.name} differ in {what}: {one}, {other}"
                    )
        joined = copy.copy(first)
        joined.name = "+".join(part.name for part in parts)
        joined.names = joined_names([(part.name, part.names) for part in parts])
        for column in ("clips", *cls.columns):
            setattr(joined, column, _concatenated([getattr(part, column) for part in parts]))
        joined.groups = {
            field: _concatenated([part.groups[field] for part in parts])
            for field in first.groups
            if all(field in part.groups for part in parts)
        }
        joined._check()
        return joined

    def select(self, chosen: Sequence[int] | np.ndarray, name: str) -> Self:
        """Takes some of the clips.

        Args:
            chosen: (N,) bool, or indices in the order wanted.
            name: what to call the selection.

        Returns:
            The selection.

        Raises:
            ValueError: when nothing is chosen.
        """
        indices = np.arange(len(self))[np.asarray(chosen)] if len(chosen) else []
        selection = copy.copy(self)
        selection.name = name
        for column in ("names", "clips", *self.columns):
            setattr(selection, column, _taken(getattr(self, column), indices))
        selection.groups = {field: _taken(each, indices) for field, each in self.groups.items()}
        selection._check()
        return selection

    def where(self, condition: str) -> Self:
        """Takes the clips that meet a condition.

        Args:
            condition: "fold=1,2" for those in fold 1 or 2, "subject!=9" for all but those of
                subject 9; the field is one of `groups`, "label" for the name of a clip's class, or
                one of its roles.

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

    def at_rate(self, rate: float | None) -> Self:
        """The same clips, videos read at another rate.

        Args:
            rate: frames/s; None for each video's own.

        Returns:
            The data set at that rate.
        """
        changed = copy.copy(self)
        changed.rate = rate
        return changed

    @property
    def reading(self) -> tuple:
        """All that decides which pixels a clip is read as, to tell caches apart."""
        raise NotImplementedError

    def read(self, index: int, size: tuple[int, int] | None = None) -> np.ndarray:
        """Reads a clip, as the kinds of data sets say."""
        raise NotImplementedError

    def _check(self) -> None:
        """Raises a ValueError when the lists do not belong together."""
        raise NotImplementedError

    def _fields(self) -> dict[str, list[str]]:
        """A text for each clip, by the fields that conditions may name."""
        return self.groups

    def _values(self, field: str) -> list[str]:
        fields = self._fields()
        if field not in fields:
            raise ValueError(
                f"{self.name}: a field is one of {', '.join(fields) or '(none)'}, got {field!r}"
            )
        return fields[field]

    def __len__(self) -> int:
        return len(self.names)

    def __add__(self, other: Self) -> Self:
        return type(self).join([self, other])


def _concatenated(parts: Sequence[list | np.ndarray | None]) -> list | np.ndarray | None:
    if any(part is None for part in parts):
        return None
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return [each for part in parts for each in part]


def _taken(values: list | np.ndarray | None, indices: Sequence[int]) -> list | np.ndarray | None:
    if values is None:
        return None
    return values[indices] if isinstance(values, np.ndarray) else [values[each] for each in indices]
