"""Weizmann actions (Gorelick et al. 2007): ten actions of nine people, as silhouettes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import find


def weizmann(data_dir: str | Path, aligned: bool = False) -> ClipDataset:
    """Reads the silhouettes.

    `data_dir`, or its folder `weizmann`, holds the original's `classification_masks.mat`.

    Args:
        data_dir: where the data is.
        aligned: False for the people where they were in the picture, 144x180; True for the people
            cut out and held in place, centred in the largest one's size.

    Returns:
        93 clips of 28 to 146 frames of 0 and 255, one channel, in the classes bend, jack, jump,
        pjump, run, side, skip, walk, wave1 and wave2, with the group "performer". Of lena there are
        two clips of run, skip and walk.

    Raises:
        ValueError: for a missing or damaged file.
        ImportError: without SciPy.
    """
    try:
        from scipy.io import loadmat
    except ImportError as error:
        raise ImportError(
            "Weizmann's masks are read with SciPy: pip install 'lrcn-keras[video]'"
        ) from error

    path = find(data_dir, "weizmann", ["classification_masks.mat"])
    variable = "aligned_masks" if aligned else "original_masks"
    try:
        masks = loadmat(path, variable_names=[variable])[variable][0, 0]
        sequences = {name: masks[name] for name in masks.dtype.names}  # each (H, W, T) of 0 and 1
    except Exception as error:  # SciPy raises whatever its parser trips over
        raise ValueError(f"{path} is damaged or laid out in another way: {error}") from error
    height, width = np.max([mask.shape[:2] for mask in sequences.values()], axis=0)
    performers, actions = zip(*(name.split("_", 1) for name in sequences), strict=True)
    labels = [_action(action) for action in actions]
    classes = sorted(set(labels))
    return ClipDataset(
        "weizmann-aligned" if aligned else "weizmann",
        list(sequences),
        [_clip(mask, height, width) for mask in sequences.values()],
        [classes.index(label) for label in labels],
        classes,
        {"performer": performers},
        modality="grey",
        split_by="performer",
    )


def _action(name: str) -> str:
    """`run2` is lena's second clip of run; `wave2` waves two hands."""
    return name if name.startswith("wave") else name.rstrip("12")


def _clip(mask: np.ndarray, height: int, width: int) -> np.ndarray:
    top, left = (height - mask.shape[0]) // 2, (width - mask.shape[1]) // 2
    clip = np.zeros((mask.shape[2], height, width, 1), np.uint8)
    clip[:, top : top + mask.shape[0], left : left + mask.shape[1], 0] = 255 * np.moveaxis(
        mask, 2, 0
    )
    return clip
