"""Frames to another size."""

from __future__ import annotations

import numpy as np

from lrcn_keras.media.extras import import_video


def check_size(size: tuple[int, int] | None) -> None:
    """Refuses what is no (height, width).

    Raises:
        ValueError: unless it is None or two positive integers.
    """
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise ValueError(f"size must be (height, width) in pixels, got {size}")


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Stretches an image: by area where it shrinks, bilinear where it grows.

    Args:
        image: uint8 of shape (H, W, C).
        size: height and width of the result, in pixels.

    Returns:
        uint8 of shape (*size, C); the image itself where it has that size.
    """
    height, width = image.shape[:2]
    if (height, width) == tuple(size):
        return image
    cv2 = import_video("cv2")
    shrinks = size[0] <= height and size[1] <= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, size[::-1], interpolation=method).reshape(*size, image.shape[2])
