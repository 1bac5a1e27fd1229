"""Caption sentences without photos, for language models."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lrcn_keras.datasets.locate import read_json, read_text


def sentences(paths: str | Path | Iterable[str | Path]) -> list[str]:
    """Reads sentences from text or JSON files.

    Args:
        paths: one file or several: `.txt` with a sentence a line, `.json` with a list of sentences
            or {name: [sentences]}; each also with `.gz` behind it.

    Returns:
        The sentences in order, without empty ones.

    Raises:
        ValueError: for a file that is missing, damaged or of another kind.
    """
    files = [paths] if isinstance(paths, str | Path) else list(paths)
    found = [sentence.strip() for file in files for sentence in _read(Path(file))]
    return [sentence for sentence in found if sentence]


def _read(path: Path) -> list[str]:
    if not path.is_file():
        raise ValueError(f"There is no file of sentences {path}")
    name = path.name.removesuffix(".gz")
    if name.endswith(".txt"):
        return read_text(path).split("\n")
    if name.endswith(".json"):
        content = read_json(path)
        groups = content.values() if isinstance(content, dict) else [content]
        lines = [
            line for group in groups for line in ([group] if isinstance(group, str) else group)
        ]
        if all(isinstance(line, str) for line in lines):
            return lines
        raise ValueError(f"{path} must hold a list of sentences or {{name: [sentences]}}")
    raise ValueError(f"Sentences come in .txt, .json, .txt.gz or .json.gz files, got {path}")
