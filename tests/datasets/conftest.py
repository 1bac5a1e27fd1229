import io

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def write_photo():
    """Writes a small JPEG of one colour."""

    def write(path, colour=(200, 30, 60)):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), colour).save(path, "JPEG")
        return path

    return write


@pytest.fixture
def jpeg():
    """Encodes a small JPEG of noise."""

    def encode(seed=0):
        pixels = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG")
        return buffer.getvalue()

    return encode
