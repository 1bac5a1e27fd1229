"""The labels that each semantic role may have, as plain text."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from lrcn_keras.text.roles import ROLES, caption_roles

_FOLDED = ("what", "where")


class RoleLabels:
    """An ordered set of labels for each role.

    Args:
        labels: {role: its labels}, in the order of their ids.

    Raises:
        ValueError: no roles, a role without labels or with one twice, or a name with a tab, a line
            break or nothing in it.

    Example:
        >>> roles = RoleLabels({"who": ["dog", "man"], "doing": ["running"]})
        >>> roles.encode("A man runs.").tolist()
        [1, 0]
        >>> roles.decode([0, -1])
        {'who': 'dog'}
    """

    def __init__(self, labels: Mapping[str, Sequence[str]]):
        self.labels: dict[str, tuple[str, ...]] = {role: tuple(of) for role, of in labels.items()}
        if not self.labels or not all(self.labels.values()):
            raise ValueError(f"Each role needs labels, got {_counts(self.labels)}")
        for role, of in self.labels.items():
            for name in (role, *of):
                if not isinstance(name, str) or name.strip() != name or len(_split(name)) != 1:
                    raise ValueError(f"Roles and labels are a line of text each, got {name!r}")
            twice = [label for label, count in Counter(of).items() if count > 1]
            if twice:
                raise ValueError(f"The role {role!r} has labels twice: {twice[:5]}")
        self._ids = {
            role: {label: index for index, label in enumerate(of)}
            for role, of in self.labels.items()
        }

    @classmethod
    def of(cls, labels: RoleLabels | Mapping[str, Sequence[str]]) -> RoleLabels:
        """Accepts role labels, or a dictionary of them."""
        return labels if isinstance(labels, RoleLabels) else cls(labels)

    @classmethod
    def from_captions(
        cls, captions: Iterable[str], min_count: int = 20, max_labels: int | None = 100
    ) -> RoleLabels:
        """Collects the roles of captions as `caption_roles` finds them, by count and alphabet.

        A plural is counted as its singular in the roles what and where, if the singular occurs
        there too. In the role who they stay apart: "two dogs" is another sentence than "a dog".

        Args:
            captions: sentences of a training split.
            min_count: how often a label must occur.
            max_labels: how many labels to keep a role; None keeps all.

        Returns:
            The labels of `ROLES`.
        """
        found = _counted(map(caption_roles, captions))
        counts = {role: found.get(role, Counter()) for role in ROLES}
        for role in _FOLDED:
            for word in sorted(counts[role], reverse=True):
                for singular in _singulars(word):
                    if singular in counts[role]:
                        counts[role][singular] += counts[role].pop(word)
                        break
        return cls(_frequent(counts, min_count, max_labels))

    @classmethod
    def from_roles(
        cls,
        roles: Iterable[Mapping[str, str]],
        min_count: int = 1,
        max_labels: int | None = None,
    ) -> RoleLabels:
        """Collects annotated roles, by count and alphabet; arguments as for `from_captions`.

        Args:
            roles: {role: label} of each clip.
            min_count: how often a label must occur.
            max_labels: how many labels to keep a role; None keeps all.
        """
        return cls(_frequent(_counted(roles), min_count, max_labels))

    @classmethod
    def load(cls, path: str | Path) -> RoleLabels:
        """Reads a file that `save` wrote.

        Args:
            path: UTF-8 text with a role, a tab and one of its labels a line.

        Raises:
            ValueError: when the file is not that.
        """
        try:
            lines = Path(path).read_bytes().decode("utf-8").removesuffix("\n").split("\n")
            labels: dict[str, list[str]] = {}
            for line in lines:
                role, label = line.split("\t")
                labels.setdefault(role, []).append(label)
            return cls(labels)
        except ValueError as error:
            raise ValueError(f"{path} holds no role labels or is damaged. {error}") from error

    def save(self, path: str | Path) -> None:
        """Writes a role, a tab and one of its labels a line, in the order of ids.

        Args:
            path: file to write.
        """
        Path(path).write_bytes(self._text)

    @property
    def _text(self) -> bytes:
        lines = (f"{role}\t{label}\n" for role, of in self.labels.items() for label in of)
        return "".join(lines).encode("utf-8")

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text that `save` writes, in hexadecimal."""
        return hashlib.sha256(self._text).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        """The roles, in order."""
        return tuple(self.labels)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of labels of each role."""
        return {role: len(of) for role, of in self.labels.items()}

    def encode(self, example: str | Mapping[str, str]) -> np.ndarray:
        """Turns a caption, or roles, into ids.

        Args:
            example: a sentence, whose roles are found by `caption_roles`, or {role: label}.

        Returns:
            (R,) int32: ids, -1 where the role is missing or its label not known.
        """
        if isinstance(example, str):
            words = caption_roles(example)
            found = [self._word_id(role, words.get(role, "")) for role in self.labels]
        else:
            found = [self._ids[role].get(example.get(role), -1) for role in self.labels]
        return np.array(found, np.int32)

    def gold(self, captions: Sequence[str | Mapping[str, str]]) -> np.ndarray:
        """Turns the captions of one photo into the ids that most of them have.

        Args:
            captions: each as for `encode`.

        Returns:
            (R,) int32; of equally frequent ids the first, -1 where no caption has one.
        """
        rows = [self.encode(caption).tolist() for caption in captions]
        known = [[index for index in column if index >= 0] for column in zip(*rows, strict=True)]
        known = known or [[]] * len(self.labels)
        return np.array([Counter(of).most_common(1)[0][0] if of else -1 for of in known], np.int32)

    def decode(self, ids: Iterable[int]) -> dict[str, str]:
        """Turns ids into labels.

        Args:
            ids: (R,) integers, -1 where there is none.

        Returns:
            {role: label}, without the roles that have none.

        Raises:
            ValueError: for an id outside the role's labels, or too many or too few.
        """
        ids = [int(index) for index in ids]
        bad = len(ids) != len(self.labels) or any(
            not -1 <= index < size for index, size in zip(ids, self.sizes.values(), strict=True)
        )
        if bad:
            raise ValueError(f"Ids must be in [-1, n) for n of {self.sizes}, got {ids}")
        named = zip(self.labels.items(), ids, strict=True)
        return {role: of[index] for (role, of), index in named if index >= 0}

    def _word_id(self, role: str, word: str) -> int:
        ids = self._ids[role]
        candidates = (word, *_singulars(word)) if role in _FOLDED else (word,)
        return next((ids[each] for each in candidates if each in ids), -1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoleLabels) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"RoleLabels({_counts(self.labels)}, {self.hash[:8]})"


def _singulars(word: str) -> list[str]:
    """What a word may be the plural of."""
    candidates = [word[:-3] + "y"] if word.endswith("ies") else []
    candidates += [word[:-2]] if word.endswith("es") else []
    return candidates + ([word[:-1]] if word.endswith("s") else [])


def _counted(examples: Iterable[Mapping[str, str]]) -> dict[str, Counter]:
    counts: dict[str, Counter] = {}
    for roles in examples:
        for role, label in roles.items():
            counts.setdefault(role, Counter())[label] += 1
    return counts


def _frequent(counts: dict[str, Counter], min_count: int, max_labels: int | None) -> dict:
    return {
        role: [
            label
            for label, count in sorted(of.items(), key=lambda item: (-item[1], item[0]))
            if count >= min_count
        ][:max_labels]
        for role, of in counts.items()
    }


def _counts(labels: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{role}: {len(of)}" for role, of in labels.items()) or "none"


def _split(name: str) -> list[str]:
    return [part for line in name.splitlines() for part in line.split("\t")]
