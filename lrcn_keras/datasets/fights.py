"""Surveillance camera fights (Akti, Tataroglu and Ekenel, IPTA 2019): two seconds, fight or not."""

from __future__ import annotations

from pathlib import Path

from lrcn_keras.datasets.class_folders import read_clip_table
from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import find


def fights(data_dir: str | Path) -> ClipDataset:
    """Reads the fights, and the five folds in which no camera is in two.

    `data_dir`, or its folder `fights`, holds `folds.csv` (file, label, source, fold) and the clips
    at the paths in it, relative to it.

    Args:
        data_dir: where the data is.

    Returns:
        256 RGB clips of the classes "fight" and "no_fight", with the groups "source" (clips of the
        same camera) and "fold" ("1" to "5").

    Raises:
        ValueError: for missing or damaged files, or a source that is in two folds.
    """
    table = find(data_dir, "fights", ["folds.csv"])
    dataset = read_clip_table("fights", table)
    if not {"source", "fold"} <= dataset.groups.keys():
        raise ValueError(f"{table} needs the columns file, label, source and fold")
    fold_of: dict[str, str] = {}
    for source, fold in zip(dataset.groups["source"], dataset.groups["fold"], strict=True):
        if fold_of.setdefault(source, fold) != fold:
            raise ValueError(f"{table}: source {source} is in the folds {fold_of[source]}, {fold}")
    return dataset
