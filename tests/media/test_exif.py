import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from lrcn_keras.media.exif import jpeg_orientation, turn


def tiff(orientation, order, entries_before=0, offset=8):
    """EXIF's TIFF data: a directory with the orientation behind other entries."""
    entries = [
        struct.pack(order + "HHII", 0x0100 + i, 4, 1, 0x01120001) for i in range(entries_before)
    ]
    entries.append(struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0))
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, offset)
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries) + b"\0\0\0\0"
    return head + b"\0" * (offset - 8) + directory


def segment(marker, content):
    return struct.pack(">HH", marker, len(content) + 2) + content


def jpeg(*segments):
    """The beginning of a JPEG: only its segments are looked at."""
    return b"\xff\xd8" + b"".join(segments) + segment(0xFFDB, b"\0" * 65) + b"picture"


@tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
def in_a_graph(data):
    return jpeg_orientation(data)


JFIF = segment(0xFFE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
XMP = segment(0xFFE1, b"http://ns.adobe.com/xap/1.0/\0" + tiff(3, "<"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_photos_are_turned_as_pillow_turns_them(pixels, encode, orientation, order):
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F] = "A camera"
    exif[0x0112] = orientation
    data = encode(pixels, "JPEG", exif=exif, quality=95)
    assert jpeg_orientation(data) == orientation
    decoded = tf.io.decode_jpeg(data, dct_method="INTEGER_ACCURATE")
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(turn(decoded, tf.constant(orientation)), np.asarray(expected))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("before", [(), (JFIF,), (JFIF, XMP), (segment(0xFFFE, b"x" * 15000), XMP)])
def test_the_exif_segment_may_follow_others(order, before):
    exif = segment(0xFFE1, b"Exif\0\0" + tiff(6, order, entries_before=5, offset=20))
    assert jpeg_orientation(jpeg(*before, exif)) == 6


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1",
        b"\xff\xd8\xff\xe1\0\0" * 20,
        jpeg(JFIF),
        jpeg(XMP),  # a tag outside an EXIF segment
        jpeg(segment(0xFFDB, b"\0" * 65), segment(0xFFE1, b"Exif\0\0" + tiff(6, "<"))),
        jpeg(segment(0xFFE1, b"Exif\0\0")),
        jpeg(segment(0xFFE1, b"Exif\0\0" + tiff(6, "<")[:15])),
        jpeg(segment(0xFFE1, b"Exif\0\0" + tiff(0, "<"))),
        jpeg(segment(0xFFE1, b"Exif\0\0" + tiff(9, ">"))),
        jpeg(segment(0xFFE1, b"Exif\0\0II\x2a\0\xff\xff\xff\xff")),
        jpeg(segment(0xFFE1, b"Exif\0\0II\x2a\0\x08\0\0\0\xff\xff" + b"\x12\x01")),
    ],
)
def test_without_a_valid_tag_a_photo_stays_as_it_is(data):
    assert jpeg_orientation(data) == 1
    assert in_a_graph(data) == 1
