"""A camera of this computer."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from lrcn_keras.errors import MediaError
from lrcn_keras.media.extras import import_video
from lrcn_keras.media.resize import resize


def camera_frames(
    source: str, size: tuple[int, int] | None, grey: bool
) -> Iterator[tuple[float, np.ndarray]]:
    """Gives a camera's pictures as they come, without end.

    Args:
        source: "camera:" and the camera's number.
        size: height and width to which pictures are stretched, in pixels; None keeps their own.
        grey: whether to give brightness instead of RGB.

    Yields:
        Seconds since the first picture, and the picture: uint8 of shape (H, W, 3) or (H, W, 1).

    Raises:
        MediaError: when there is no such camera, or it stops.
    """
    cv2 = import_video("cv2")
    number = source.removeprefix("camera:")
    if not number.isdecimal():
        raise MediaError(source, "a camera is given by its number, as in camera:0")
    camera = cv2.VideoCapture(int(number))
    try:
        if not camera.isOpened():
            raise MediaError(source, "no such camera, or it is in use")
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest picture, not one that has waited
        conversion = cv2.COLOR_BGR2GRAY if grey else cv2.COLOR_BGR2RGB
        start = None
        while True:
            ok, image = camera.read()
            if not ok:
                raise MediaError(source, "gives no pictures any more")
            now = time.monotonic()
            start = now if start is None else start
            image = cv2.cvtColor(image, conversion)
            image = image[..., None] if grey else image
            yield now - start, image if size is None else resize(image, size)
    finally:
        camera.release()
