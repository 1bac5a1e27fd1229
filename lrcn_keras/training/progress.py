"""Where a training stands, on disk: what makes it go on after it was killed."""

import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np


def write_arrays(path: Path, arrays: list[np.ndarray]) -> None:
    """Write arrays in one piece: after a crash the file is the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb") as file:
        np.savez(file, *arrays)
    os.replace(part, path)


def read_arrays(path: Path) -> list[np.ndarray]:
    """Read what `write_arrays` wrote, in its order."""
    with np.load(path) as archive:
        return [archive[f"arr_{i}"] for i in range(len(archive.files))]


class Progress:
    """The state of a stage: position, scores so far, all variables, and the best weights.

    Args:
        directory: where the stage keeps its files.
    """

    def __init__(self, directory: Path):
        self.directory = directory
        self.epoch = 0
        self.step = 0  # within the epoch
        self.scores: list[dict[str, Any]] = []

    @property
    def best_path(self) -> Path:
        """File of the best weights on dev so far."""
        return self.directory / "best.npz"

    @property
    def result_path(self) -> Path:
        """File of the model's weights after the stage."""
        return self.directory / "model.npz"

    @property
    def done(self) -> bool:
        """Whether the stage has ended."""
        return self.result_path.exists()

    def save(self, model: keras.Model) -> None:
        """Write position and variables: weights, optimizer, averages, the dropout's seeds."""
        values = [np.asarray(variable) for variable in _variables(model)]
        position = {"epoch": self.epoch, "step": self.step, "scores": self.scores}
        # One file holds both, so that they cannot disagree.
        encoded = np.frombuffer(json.dumps(position).encode(), np.uint8)
        write_arrays(self.directory / "state.npz", [encoded, *values])

    def restore(self, model: keras.Model) -> bool:
        """Go back to the last `save`; returns whether there was one."""
        path = self.directory / "state.npz"
        if not path.exists():
            return False
        encoded, *values = read_arrays(path)
        for variable, value in zip(_variables(model), values, strict=True):
            variable.assign(value)
        position = json.loads(encoded.tobytes())
        self.epoch, self.step = position["epoch"], position["step"]
        self.scores = position["scores"]
        return True

    def finish(self, model: keras.Model) -> None:
        """Keep the stage's scores and result, and drop the state that is needed no more."""
        text = json.dumps(self.scores, indent=1)
        (self.directory / "scores.json").write_text(f"{text}\n", encoding="utf-8")
        write_arrays(self.result_path, model.get_weights())
        (self.directory / "state.npz").unlink(missing_ok=True)
        self.best_path.unlink()


def _variables(model: keras.Model) -> list[keras.Variable]:
    model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for variable in model.metrics_variables}
    kept = [variable for variable in model.variables if id(variable) not in metrics]
    return [*kept, *model.optimizer.variables]
