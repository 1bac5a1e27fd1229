"""Where a model's name is looked up: a path, `LRCN_ZOO`, the package's own zoo, a download."""

import difflib
import json
import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_INDEX = Path(__file__).with_name("index.json")


def find_model(name: str | Path) -> Path:
    """Find the folder of a model, and download it if it lies nowhere near.

    A name is looked up as a path, then in the folders of the environment variable ``LRCN_ZOO``
    (separated like ``PATH``), then among the models that come with the package, then in the
    package's index of downloads.

    Args:
        name: a model's name or the path of its folder.

    Returns:
        The folder, which holds ``card.json`` and ``model/``.

    Raises:
        ValueError: if there is no such model; lists near names and all names.
    """
    for folder in (Path(name), *(root / name for root in _zoos())):
        if _is_model(folder):
            return folder
    index = _index()
    if str(name) in index:
        return _download(str(name), **index[str(name)])
    if Path(name).exists():
        raise ValueError(f"{name} is no model: it needs card.json and model/.")
    names = model_names()
    near = difflib.get_close_matches(str(name), names)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(f"Unknown model {str(name)!r}.{hint} Available: {', '.join(names) or 'none'}.")


def model_names() -> list[str]:
    """List the names that `find_model` knows, sorted; paths apart."""
    return sorted(local_models().keys() | _index().keys())


def local_models() -> dict[str, Path]:
    """The folders of the models that need no download, by name."""
    return {
        folder.name: folder
        for root in reversed(_zoos())  # the first folder that has a name wins
        if root.is_dir()
        for folder in root.iterdir()
        if _is_model(folder)
    }


def _zoos() -> list[Path]:
    """The folders of models, in the order in which they are searched."""
    given = [Path(part) for part in os.environ.get("LRCN_ZOO", "").split(os.pathsep) if part]
    in_wheel, beside = _PACKAGE / "_zoo", _PACKAGE.parent / "zoo"
    if in_wheel.is_dir():
        return [*given, in_wheel]
    # A folder "zoo" beside an installed package would be some other package's.
    in_checkout = (_PACKAGE.parent / "pyproject.toml").is_file()
    return [*given, beside] if in_checkout else given


def _is_model(folder: Path) -> bool:
    return (folder / "card.json").is_file() and (folder / "model").is_dir()


def _index() -> dict[str, dict[str, str]]:
    return json.loads(_INDEX.read_text(encoding="utf-8"))


def _download(name: str, url: str, sha256: str) -> Path:
    import keras

    try:
        unpacked = keras.utils.get_file(
            name,
            origin=url,
            file_hash=sha256,
            hash_algorithm="sha256",
            extract=True,
            cache_subdir=f"lrcn_keras/{sha256[:16]}",
        )
    except Exception as error:  # what get_file itself raises when the network fails
        raise ValueError(f"Model {name!r} could not be downloaded: {error}") from error
    for folder in (Path(unpacked), Path(unpacked) / name):
        if _is_model(folder):
            return folder
    raise ValueError(f"{url} holds no model {name!r}: it needs card.json and model/.")
