"""How clips are varied in training."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Augmentation:
    """What is done to a training clip at random, the same to all of its frames.

    Args:
        mirror: left to right, half of the clips; flow turns round with them.
        rotate: by any number of quarter turns, for a camera that looks down; not for flow.
        shift: by up to so many pixels in any direction; the edge is repeated.
        speed: up to so much faster or slower, 0.25 for 4/5 to 5/4; frames are left out or repeated.
        noise: standard deviation of Gaussian noise, at most, in the frames' unit.

    Raises:
        ValueError: for a negative number.
    """

    mirror: bool = True
    rotate: bool = False
    shift: int = 0
    speed: float = 0.0
    noise: float = 0.0

    def __post_init__(self):
        for name in ("shift", "speed", "noise"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is 0 or more, got {getattr(self, name)}.")

    @classmethod
    def of(cls, augmentation: "Augmentation | dict[str, Any] | None") -> "Augmentation":
        """Make one of one, of its config, or of None: mirroring alone."""
        if isinstance(augmentation, cls):
            return augmentation
        return cls(**(augmentation or {}))

    def vary(self, clip: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Vary a clip in all ways but mirroring, which depends on the modality.

        Args:
            clip: (T, H, W, C).
            rng: what decides.

        Returns:
            (t, H, W, C) of the same type; t is T without ``speed``.
        """
        pace, spread = rng.random(2)
        turns, move = rng.integers(4), rng.integers(-self.shift, self.shift + 1, 2)
        if self.speed:
            factor = (1 + self.speed) ** (2 * pace - 1)
            steps = np.arange(max(1, round(len(clip) / factor))) * factor
            clip = clip[np.minimum(steps.astype(int), len(clip) - 1)]
        if self.rotate:
            clip = np.rot90(clip, turns, axes=(1, 2))
        if self.shift:
            clip = _shifted(clip, *move)
        if self.noise:
            clip = _noisy(clip, rng, spread * self.noise)
        return clip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return asdict(self)


def _shifted(clip: np.ndarray, down: int, right: int) -> np.ndarray:
    rows = np.clip(np.arange(clip.shape[1]) - down, 0, clip.shape[1] - 1)
    columns = np.clip(np.arange(clip.shape[2]) - right, 0, clip.shape[2] - 1)
    return clip[:, rows[:, None], columns]


def _noisy(clip: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    noisy = clip + deviation * rng.standard_normal(clip.shape, np.float32)
    if np.issubdtype(clip.dtype, np.integer):
        noisy = np.rint(noisy).clip(0, 255)
    return noisy.astype(clip.dtype)
