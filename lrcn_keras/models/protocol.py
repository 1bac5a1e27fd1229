"""How a clip is looked at: in which windows, through which crops."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from keras import ops

_CROPS = (1, 2, 8, 10)
_STEPS = ("all", "last")


@dataclass(frozen=True)
class Protocol:
    """How many looks at a clip make up its score, which is their mean.

    Args:
        clip_length: frames of a window; None looks at the whole clip at once.
        stride: frames from one window's start to the next one's; None for ``clip_length``.
        crops: 1 for the centre, 2 for the centre and its mirror image, 8 for the centre in all
            four quarter turns, each also mirrored, for a camera that looks down; 10 for the four
            corners and the centre, each also mirrored.
        steps: whose predictions count: ``all``, as in the paper, or of each window the ``last``,
            which has seen all of it.

    Raises:
        ValueError: for numbers that make no windows or no crops.

    Example:
        >>> Protocol(16, 8).windows(35)  # as Donahue et al. 2017: the last 16 frames as well
        [(0, 16), (8, 24), (16, 32), (19, 35)]
    """

    clip_length: int | None = None
    stride: int | None = None
    crops: int = 1
    steps: str = "all"

    def __post_init__(self):
        if self.crops not in _CROPS:
            raise ValueError(f"crops is one of {_CROPS}, got {self.crops}.")
        if self.steps not in _STEPS:
            raise ValueError(f"steps is one of {_STEPS}, got {self.steps!r}.")
        if self.clip_length is None and self.stride is not None:
            raise ValueError(f"A stride needs a clip_length, got stride={self.stride} alone.")
        for name in ("clip_length", "stride"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is a number of frames from 1 on, got {value}.")

    @classmethod
    def of(cls, protocol: "Protocol | dict[str, Any] | None") -> "Protocol":
        """Make a protocol of one, of its config, or of None: the whole clip, the centre."""
        if isinstance(protocol, cls):
            return protocol
        return cls(**(protocol or {}))

    def windows(self, frames: int) -> list[tuple[int, int]]:
        """List the windows of a clip.

        Args:
            frames: number of frames of the clip.

        Returns:
            First frame, and the one after the last, of each window. The last window ends with the
            clip; a clip shorter than a window is one window.
        """
        length = self.clip_length or frames
        if frames <= length:
            return [(0, frames)] if frames else []
        starts = [*range(0, frames - length, self.stride or length), frames - length]
        return [(start, start + length) for start in starts]

    def crop(self, frames, size: int, mirror: Callable) -> list:
        """Crop frames in all ways.

        Args:
            frames: (..., H, W, C), an array or a tensor.
            size: height and width of a crop in pixels.
            mirror: function that mirrors frames left to right.

        Returns:
            Frames (..., size, size, C) a crop: first the unmirrored ones, the centre, upright, last
            of them.
        """
        height, width = frames.shape[-3] - size, frames.shape[-2] - size
        corners = [(height // 2, width // 2)]
        if self.crops == 10:
            corners = [(0, 0), (0, width), (height, 0), (height, width), *corners]
        crops = [frames[..., y : y + size, x : x + size, :] for y, x in corners]
        if self.crops == 8:
            crops = [*_turned(crops[0]), *crops]
        if self.crops > 1:
            crops += [mirror(crop) for crop in crops]
        return crops

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        return asdict(self)


def _turned(frames) -> list:
    """Frames (..., S, S, C) turned left by one, two and three quarters."""
    flipped = ops.swapaxes(frames, -3, -2)
    return [flipped[..., ::-1, :, :], frames[..., ::-1, ::-1, :], flipped[..., ::-1, :]]
