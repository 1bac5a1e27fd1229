import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def pixels():
    """A smooth picture of 60x90 with a bright corner, so that no two orientations look alike."""
    y, x = np.mgrid[:60, :90]
    picture = np.stack([2 * x + y, 3 * y + 20, 250 - 2 * x], -1).clip(0, 255).astype(np.uint8)
    picture[:20, :30] = (250, 240, 10)
    return picture


@pytest.fixture
def encode():
    """Encodes an array or a Pillow image."""

    def write(image, kind, **options):
        image = image if isinstance(image, Image.Image) else Image.fromarray(image)
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    return write


@pytest.fixture
def encode_png16():
    """Encodes a uint16 array of 1 to 4 channels, which Pillow cannot write."""

    def chunk(kind, data):
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    def write(array):
        height, width, channels = array.shape
        colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
        header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
        parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    return write
