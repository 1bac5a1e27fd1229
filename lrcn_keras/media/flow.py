"""Optical flow between frames, and the images that networks see it as."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lrcn_keras.media.extras import import_video

_Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]

ALGORITHMS = ("dis", "farneback", "tvl1")
SCALE = 16.0  # Donahue et al. 2017, section 4: 8 pixels fill the range of a byte
_REST = 128
_SMALLEST = 32  # pixels a side: OpenCV's DIS refuses smaller frames, or crashes


def optical_flow(previous: np.ndarray, current: np.ndarray, algorithm: str = "dis") -> np.ndarray:
    """Finds how far everything has moved from one frame to the next.

    Args:
        previous: uint8 of shape (H, W, 3), RGB, or (H, W, 1), grey.
        current: the next frame, of the same shape.
        algorithm: "dis" (dense inverse search, Kroeger et al. 2016), "farneback" (2003) or "tvl1"
            (Zach et al. 2007; in OpenCV's contrib build only).

    Returns:
        float32 of shape (H, W, 2), pixels to the right and downwards.

    Raises:
        ValueError: for an unknown algorithm, or frames of other shapes or types.
        ImportError: when OpenCV is missing, or has not that algorithm.
    """
    return _flow(_estimator(algorithm), _grey(previous), _grey(current))


def flow_images(frames: np.ndarray, algorithm: str = "dis", scale: float = SCALE) -> np.ndarray:
    """Draws a clip's optical flow as images: Donahue et al. 2017, section 4.

    Their channels are `128 + scale * x`, rounded and clipped to a byte, for x the flow to the
    right, the flow downwards, and its length, in pixels.

    Args:
        frames: uint8 of shape (T, H, W, 3), RGB, or (T, H, W, 1), grey.
        algorithm: as for `optical_flow`.
        scale: levels a pixel of motion.

    Returns:
        uint8 of shape (T - 1, H, W, 3): image k shows the motion from frame k to k + 1.

    Raises:
        ValueError: for an unknown algorithm, a scale that is not positive, or other frames.
        ImportError: when OpenCV is missing, or has not that algorithm.
    """
    if frames.ndim != 4 or not len(frames):
        raise ValueError(f"A clip must be uint8 of shape (T, H, W, C), got {frames.shape}")
    stream = FlowStream(algorithm, scale)
    stream(frames[0])
    images = np.empty((len(frames) - 1, *frames.shape[1:3], 3), np.uint8)
    for place, frame in enumerate(frames[1:]):
        images[place] = stream(frame)
    return images


def mirror_flow(images: np.ndarray) -> np.ndarray:
    """Gives the flow images of the mirrored clip: what moved right moves left.

    Args:
        images: uint8 or float of shape (..., H, W, 3), as `flow_images` gives them.

    Returns:
        An array of the same shape and type. Level 0, whose mirror is 256, becomes 255.
    """
    mirrored = images[..., ::-1, :].copy()
    across = mirrored[..., 0]
    if images.dtype == np.uint8:
        # 256 - x in bytes: 0 stays 0 there, and is the one level to put right.
        mirrored[..., 0] = np.where(across == 0, 255, -across)
    else:
        mirrored[..., 0] = np.minimum(2 * _REST - across, 255)
    return mirrored


class FlowStream:
    """Flow images of a live video: a frame in, its flow from the frame before out.

    Args:
        algorithm: as for `optical_flow`.
        scale: levels a pixel of motion.

    Raises:
        ValueError: for an unknown algorithm or a scale that is not positive.
        ImportError: when OpenCV is missing, or has not that algorithm.
    """

    def __init__(self, algorithm: str = "dis", scale: float = SCALE):
        check_scale(scale)
        self.algorithm = algorithm
        self.scale = scale
        self._estimate = _estimator(algorithm)
        self._previous: np.ndarray | None = None

    def __call__(self, frame: np.ndarray) -> np.ndarray | None:
        """Takes the next frame.

        Args:
            frame: uint8 of shape (H, W, 3), RGB, or (H, W, 1), grey.

        Returns:
            uint8 flow image of shape (H, W, 3); None for the first frame.

        Raises:
            ValueError: for a frame of another shape or type.
        """
        current = _grey(frame)
        previous, self._previous = self._previous, current
        if previous is None:
            return None
        return _image(_flow(self._estimate, previous, current), self.scale)

    def reset(self) -> None:
        """Forgets the last frame: the next one is the first of another video."""
        self._previous = None


def check_scale(scale: float) -> None:
    """Refuses a scale that is not a positive number.

    Raises:
        ValueError: says what was given.
    """
    if not 0 < scale < np.inf:
        raise ValueError(f"scale must be positive, in levels a pixel, got {scale}")


def _image(flow: np.ndarray, scale: float) -> np.ndarray:
    levels = np.empty((*flow.shape[:2], 3), np.float32)
    levels[..., :2] = flow
    levels[..., 2] = np.hypot(flow[..., 0], flow[..., 1])
    levels *= scale
    levels += _REST
    return np.rint(levels).clip(0, 255).astype(np.uint8)


def _flow(estimate: _Estimator, previous: np.ndarray, current: np.ndarray) -> np.ndarray:
    if previous.shape != current.shape:
        raise ValueError(
            f"Both frames must have one size, got {previous.shape} and {current.shape}"
        )
    height, width = current.shape
    if min(height, width) < _SMALLEST:
        spare = [(0, max(0, _SMALLEST - side)) for side in (height, width)]
        previous, current = (np.pad(each, spare, "edge") for each in (previous, current))
    return estimate(previous, current)[:height, :width]


def _grey(frame: np.ndarray) -> np.ndarray:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] not in (1, 3):
        raise ValueError(
            f"A frame must be uint8 of shape (H, W, 3) or (H, W, 1), "
            f"got {frame.dtype} {frame.shape}"
        )
    if frame.shape[2] == 1:
        return np.ascontiguousarray(frame[..., 0])
    cv2 = import_video("cv2")
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def _estimator(algorithm: str) -> _Estimator:
    if algorithm not in ALGORITHMS:
        raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {algorithm!r}")
    cv2 = import_video("cv2")
    if algorithm == "farneback":
        return lambda previous, current: cv2.calcOpticalFlowFarneback(
            previous, current, None, 0.5, 3, 15, 3, 5, 1.2, 0
        )
    if algorithm == "dis":
        # On a moving texture the faster presets are wrong by 0.1 pixel, this one by 0.01.
        method = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    elif hasattr(cv2, "optflow"):
        method = cv2.optflow.DualTVL1OpticalFlow_create()
    else:
        raise ImportError(
            "This OpenCV has no TV-L1: pip install opencv-contrib-python-headless in its place, "
            "or take dis or farneback"
        )
    return lambda previous, current: method.calc(previous, current, None)
