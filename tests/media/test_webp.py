import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from lrcn_keras import MediaError
from lrcn_keras.media import read_photo
from lrcn_keras.media.webp import first_frame


@pytest.fixture
def animation(pixels, encode):
    """Encodes an animated WebP of two frames."""

    def write(mode="RGB", **options):
        first = Image.fromarray(pixels)
        if mode == "RGBA":
            first.putalpha(Image.fromarray(np.arange(5400).reshape(60, 90).astype(np.uint8)))
        second = Image.fromarray(255 - pixels).convert(mode)
        return encode(first, "WEBP", save_all=True, append_images=[second], **options)

    return write


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize(
    "options", [{"lossless": True, "exact": True}, {"quality": 80}, {"icc_profile": b"x" * 999}]
)
def test_the_first_frame_becomes_a_still_of_its_own(animation, mode, options):
    data = animation(mode, **options)
    still = Image.open(io.BytesIO(first_frame(data).numpy()))
    moving = Image.open(io.BytesIO(data))
    assert moving.n_frames == 2
    assert getattr(still, "n_frames", 1) == 1
    np.testing.assert_array_equal(still.convert("RGBA"), moving.convert("RGBA"))
    assert read_photo(data, None).shape == (60, 90, 3)


def test_a_still_stays_as_it_is(pixels, encode):
    for options in ({}, {"lossless": True}, {"icc_profile": b"x" * 99}):
        data = encode(pixels, "WEBP", **options)
        assert first_frame(tf.constant(data)).numpy() == data


@pytest.mark.parametrize("kept", [30, 44, 60, 70, 200])
def test_a_truncated_animation_is_an_error(animation, kept):
    data = animation(lossless=True)[:kept]
    with pytest.raises(tf.errors.InvalidArgumentError, match="without a whole frame"):
        first_frame(data)
    with pytest.raises(MediaError, match="truncated or damaged WebP"):
        read_photo(data, 8)
