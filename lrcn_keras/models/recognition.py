"""What a clip shows, over all and at every frame."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Recognition:
    """The action in a clip.

    Args:
        label: the likeliest class.
        probability: its probability, the mean over frames (and windows and crops).
        probabilities: every class's.
        timeline: (T, K) float32, the probabilities at every frame; a flow model sees one frame
            less than the clip has, the first.
        classes: the K names.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    timeline: np.ndarray = field(repr=False, compare=False)
    classes: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, probabilities: np.ndarray, timeline: np.ndarray, classes: tuple[str, ...]):
        """Make one of the mean probabilities (K,) and the timeline (T, K)."""
        best = int(np.argmax(probabilities))
        return cls(
            label=classes[best],
            probability=float(probabilities[best]),
            probabilities={n: float(p) for n, p in zip(classes, probabilities, strict=True)},
            timeline=np.asarray(timeline, np.float32),
            classes=tuple(classes),
        )

    def __str__(self) -> str:
        return self.label
