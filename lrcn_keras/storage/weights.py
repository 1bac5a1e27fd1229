"""Weights in and out of a SavedModel, each stored once, and the hashes of its files.

The `tf.Module` that is saved holds the weights in a list, so the checkpoint's keys carry their
numbers; `assets.extra/weights.json` tells what each number is.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

_ORDER_FILE = Path("assets.extra") / "weights.json"
_SHARED_FROM = 1000  # entries
_KEY = "weights/{}/.ATTRIBUTES/VARIABLE_VALUE"


def float16_module(arrays: Iterable[np.ndarray]) -> "tf.Module":
    """Hold arrays as the variables of a `tf.Module`, ready for `tf.saved_model.save`.

    Args:
        arrays: the weights, in the model's order.

    Returns:
        A module whose list ``weights`` has the variable of each array: float16 for what is
        floating, the array's own dtype otherwise. Equal arrays of 1,000 entries or more have one in
        common, as those of a frozen CNN that two streams use.

    Raises:
        ValueError: if a finite value lies outside float16's range.
    """
    import tensorflow as tf

    module = tf.Module()
    stored = [_as_float16(np.asarray(array), number) for number, array in enumerate(arrays)]
    variables: list[tf.Variable] = []
    for array, first in zip(stored, _first_equals(stored), strict=True):
        new = first == len(variables)
        variables.append(tf.Variable(array, trainable=False) if new else variables[first])
    module.weights = variables
    return module


def _first_equals(arrays: Sequence[np.ndarray]) -> list[int]:
    """The number of the first array that equals each, its own for small ones and for most."""
    seen: dict[tuple, int] = {}
    return [
        seen.setdefault((array.dtype.str, array.shape, array.tobytes()), number)
        if array.size >= _SHARED_FROM
        else number
        for number, array in enumerate(arrays)
    ]


def _as_float16(array: np.ndarray, number: int) -> np.ndarray:
    # ml_dtypes' bfloat16 is no np.floating, hence the question to its name.
    if not (np.issubdtype(array.dtype, np.floating) or array.dtype.name == "bfloat16"):
        return array
    limit = float(np.finfo(np.float16).max)
    largest = float(np.max(np.abs(array), initial=0.0))
    if not largest <= limit:
        raise ValueError(
            f"Weight {number} of shape {array.shape} cannot be stored in float16: its largest "
            f"absolute value is {largest}, allowed is {limit}."
        )
    return array.astype(np.float16)


def write_weight_order(model_directory: str | Path, weights: Iterable, module: "tf.Module") -> None:
    """Write ``assets.extra/weights.json``, which `read_weights` needs.

    Args:
        model_directory: a SavedModel whose saved object is the module.
        weights: the Keras variables, in the order in which the module holds their values.
        module: a `float16_module`.
    """
    first = {}
    for number, variable in enumerate(module.weights):
        first.setdefault(id(variable), number)
    order = [
        {"path": weight.path, "shape": list(weight.shape), "dtype": str(weight.dtype)}
        | ({} if first[id(variable)] == number else {"same_as": first[id(variable)]})
        for number, (weight, variable) in enumerate(zip(weights, module.weights, strict=True))
    ]
    path = Path(model_directory) / _ORDER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(entry) for entry in order)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_weights(
    model_directory: str | Path, variables: "Sequence[keras.Variable] | None" = None
) -> list[np.ndarray]:
    """Read a SavedModel's weights without running it.

    Args:
        model_directory: a SavedModel with ``assets.extra/weights.json``.
        variables: the Keras variables that they are for, to be checked against that file. A name's
            last part counts: the rest differs between two models of one config.

    Returns:
        The weights in the order of that file, each in the dtype that it names.

    Raises:
        ValueError: if a file is missing or damaged, or a weight differs from its description.
    """
    import tensorflow as tf

    directory = Path(model_directory)
    try:
        order = json.loads((directory / _ORDER_FILE).read_text(encoding="utf-8"))
        reader = tf.train.load_checkpoint(str(directory / "variables" / "variables"))
        places = [entry.get("same_as", number) for number, entry in enumerate(order)]
        read = {place: reader.get_tensor(_KEY.format(place)) for place in set(places)}
    except (OSError, ValueError, IndexError, tf.errors.OpError) as error:
        # json raises ValueError, the checkpoint's reader IndexError where a file is cut short.
        raise ValueError(f"The weights in {directory} are missing or damaged: {error}") from error
    stored = sum(key.startswith("weights/") for key in reader.get_variable_to_shape_map())
    if stored != len(read):
        raise ValueError(f"{directory} stores {stored} weights, {_ORDER_FILE} has {len(read)}.")
    arrays = [read[place] for place in places]
    for entry, array in zip(order, arrays, strict=True):
        if list(array.shape) != entry["shape"]:
            raise ValueError(
                f"{directory}: weight {entry['path']} has shape {list(array.shape)}, "
                f"{_ORDER_FILE} says {entry['shape']}."
            )
    if variables is not None:
        _check_variables(variables, order, directory)
    return [array.astype(entry["dtype"]) for entry, array in zip(order, arrays, strict=True)]


def _check_variables(variables: "Sequence[keras.Variable]", order: list, directory: Path) -> None:
    wanted = [(variable.path.rpartition("/")[2], list(variable.shape)) for variable in variables]
    stored = [(entry["path"].rpartition("/")[2], entry["shape"]) for entry in order]
    if len(wanted) != len(stored):
        raise ValueError(
            f"{directory} stores {len(stored)} weights, the model has {len(wanted)} weights."
        )
    for number, (theirs, ours) in enumerate(zip(stored, wanted, strict=True)):
        if theirs != ours:
            raise ValueError(
                f"{directory}: weight {number} is {theirs[0]!r} of shape {theirs[1]}, "
                f"in the model it is {ours[0]!r} of shape {ours[1]}."
            )


def file_hashes(directory: str | Path) -> dict[str, str]:
    """Hash every file below a directory.

    Args:
        directory: the folder.

    Returns:
        Path relative to the folder, with ``/`` -> SHA-256 in hexadecimal, sorted by path.
    """
    directory = Path(directory)
    files = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*")}
    return {name: _sha256(path) for name, path in sorted(files.items()) if path.is_file()}


def check_hashes(directory: str | Path, expected: Mapping[str, str]) -> None:
    """Check that files are what they were when their hashes were taken.

    Args:
        directory: the folder.
        expected: what `file_hashes` returned, or a part of it; other files are not looked at.

    Raises:
        ValueError: naming the first file that is missing or damaged.
    """
    for name, digest in expected.items():
        path = Path(directory) / name
        if not path.is_file():
            raise ValueError(f"{path} is missing.")
        actual = _sha256(path)
        if actual != digest:
            raise ValueError(f"{path} is damaged: its SHA-256 is {actual}, it should be {digest}.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
