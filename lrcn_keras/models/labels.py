"""Names of classes as a text file."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

LABELS_FILE = Path("assets.extra") / "labels.txt"


def write_labels(directory: Path, classes: Iterable[str]) -> None:
    """Write a SavedModel's ``labels.txt``: plain UTF-8, one class a line, in order."""
    (directory / LABELS_FILE).write_bytes(_text(classes))


def read_labels(directory: Path, sha256: str) -> tuple[str, ...]:
    """Read a SavedModel's ``labels.txt``.

    Args:
        directory: the SavedModel.
        sha256: what `labels_hash` returned for the model's classes.

    Raises:
        ValueError: if the file is missing or not the model's.
    """
    path = directory / LABELS_FILE
    try:
        classes = tuple(path.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is missing or damaged: {error}") from error
    if labels_hash(classes) != sha256:
        raise ValueError(
            f"{path} is not the model's: its SHA-256 is {labels_hash(classes)}, the model's has "
            f"{sha256}."
        )
    return classes


def labels_hash(classes: Iterable[str]) -> str:
    """Return the SHA-256 of ``labels.txt`` in hexadecimal."""
    return hashlib.sha256(_text(classes)).hexdigest()


def _text(classes: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in classes).encode("utf-8")
