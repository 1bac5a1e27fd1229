"""A folder into a model that can be used, trained and saved again."""

from importlib import import_module
from pathlib import Path
from typing import Any

import keras

from lrcn_keras import storage
from lrcn_keras.models.labels import read_labels
from lrcn_keras.text import RoleLabels, Vocabulary
from lrcn_keras.zoo.blank import blank_weights
from lrcn_keras.zoo.catalogue import read_card

_ROOM_OF = {
    "ActivityRecognizer": "lrcn_keras.models",
    "ImageCaptioner": "lrcn_keras.models",
    "TwoStreamRecognizer": "lrcn_keras.models",
    "VideoDescriber": "lrcn_keras.models",
}
_EXTRA_OF = {"av": "video", "cv2": "video", "matplotlib": "plot", "apache_beam": "beam"}


def load(name_or_path: str | Path, trainable_backbone: bool | str | None = None) -> keras.Model:
    """Load a model, ready to be used or trained.

    Nothing that the files hold is run: weights, words, labels and a config in JSON are read. A
    backbone with layers of your own needs their classes registered before
    (``keras.saving.register_keras_serializable``).

    Args:
        name_or_path: a model's name (see `list_models`), the path of its folder, or of a
            SavedModel that ``model.export`` wrote.
        trainable_backbone: False, True, or the name of the CNN's first layer that trains; None
            for what the model was saved with. Of two streams it counts for both.

    Returns:
        The model. Each call makes one of its own.

    Raises:
        ValueError: for an unknown name (near names are listed), a file that is missing or
            damaged, files that do not belong together, or a config that would run code.
        ImportError: where the model needs a package that is not installed.
    """
    directory = _saved_model(name_or_path)
    saved = storage.read_config(directory)
    config = {**saved["config"], **_words(directory, saved)}
    if trainable_backbone is not None:
        # A config of two streams holds theirs.
        streams = [config[name] for name in ("rgb", "flow") if name in config] or [config]
        for each in streams:
            each["trainable_backbone"] = trainable_backbone
    model = _build(_class(saved["class"], directory), config, directory)
    model.load_weights_from(storage.read_weights(directory, model.weights))
    return model


def _words(directory: Path, saved: dict[str, Any]) -> dict[str, Any]:
    """The part of a config that lies in a text file of its own."""
    if "labels" in saved:
        return {"classes": read_labels(directory, saved["labels"])}
    words = {"vocabulary": _checked(Vocabulary, directory, "vocabulary.txt", saved["vocabulary"])}
    if "roles" in saved:
        words["roles"] = _checked(RoleLabels, directory, "roles.txt", saved["roles"])
    return words


def _checked(kind: type, directory: Path, file: str, sha256: str) -> Vocabulary | RoleLabels:
    try:
        found = kind.load(directory / "assets.extra" / file)
    except OSError as error:
        raise ValueError(f"{directory}: {file} is missing or damaged: {error}") from error
    if found.hash != sha256:
        raise ValueError(
            f"{directory}: {file} is not the model's: its SHA-256 is {found.hash}, "
            f"the model's has {sha256}."
        )
    return found


def _saved_model(name_or_path: str | Path) -> Path:
    """The SavedModel, its files checked where there is a card that has their hashes."""
    path = Path(name_or_path)
    if (path / "saved_model.pb").is_file():
        return path
    folder = storage.find_model(name_or_path)
    card = read_card(folder)
    storage.check_hashes(folder, card.get("sha256", {}))
    if "class" not in card:
        raise ValueError(
            f"{name_or_path} holds weights of a CNN alone, for backbones.get(weights=...)."
        )
    return folder / "model"


def _class(name: str, directory: Path) -> type[keras.Model]:
    if name not in _ROOM_OF:
        raise ValueError(
            f"{directory} holds a {name!r}, this version of lrcn_keras knows {sorted(_ROOM_OF)}."
        )
    try:
        return getattr(import_module(_ROOM_OF[name]), name)
    except ModuleNotFoundError as error:
        extra = _EXTRA_OF.get(error.name)
        if extra is None:
            raise
        raise ImportError(
            f"{directory} holds a {name}, which needs the package {error.name}: "
            f"pip install 'lrcn-keras[{extra}]'"
        ) from error


def _build(kind: type[keras.Model], config: dict[str, Any], directory: Path) -> keras.Model:
    try:
        with blank_weights():
            return kind.from_config(config)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{directory}: its config cannot be used. {error}") from error
