"""Nagoya FIR-16: what people do, seen by a far-infrared sensor of 16x16 pixels."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import find

NO_ACTION = {"lie": "no-action", "sit": "no-action", "stand": "no-action"}


def fir16(data_dir: str | Path, classes: int = 7) -> ClipDataset:
    """Reads the thermal clips.

    `data_dir`, or its folder `fir16`, holds `fir16.npz`: `frames` (all clips end to end, 16x16,
    hundredths of a degree Celsius) and, for each clip, `length`, `label`, `subject`, `source`.

    Args:
        data_dir: where the data is.
        classes: 7 (falling, lie, sit, sitdown, stand, standup, walk), or 5, where lie, sit and
            stand are one class, "no-action", as in published results.

    Returns:
        2,520 thermal clips of 6 to 49 frames, about 9 in a second, with the groups "subject" ("1"
        to "9", by which to split) and "source" (the recording, with two or three people in it).

    Raises:
        ValueError: for another number of classes, or a missing or damaged file.
    """
    if classes not in (5, 7):
        raise ValueError(f"fir16 has 5 or 7 classes, got {classes}")
    path = find(data_dir, "fir16", ["fir16.npz"])
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            content = {key: file[key] for key in ("frames", "length", "label", "subject", "source")}
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged or laid out in another way: {error}") from error
    lengths = content["length"].astype(int)
    if lengths.sum() != len(content["frames"]):
        raise ValueError(
            f"{path} is damaged: {len(content['frames'])} frames for {lengths.sum()} of the clips"
        )
    degrees = content["frames"][..., None].astype(np.float32) / 100  # (frames, 16, 16, 1)
    labels = [str(label) for label in content["label"]]
    subjects = [str(subject).removeprefix("human") for subject in content["subject"]]
    names = [
        f"{number:04d}-{label}-{subject}"
        for number, (label, subject) in enumerate(zip(labels, subjects, strict=True))
    ]
    if classes == 5:
        labels = [NO_ACTION.get(label, label) for label in labels]
    known = sorted(set(labels))
    return ClipDataset(
        "fir16" if classes == 7 else "fir16-5",
        names,
        np.split(degrees, np.cumsum(lengths)[:-1]),
        [known.index(label) for label in labels],
        known,
        {"subject": subjects, "source": [str(source) for source in content["source"]]},
        modality="thermal",
        split_by="subject",
    )
