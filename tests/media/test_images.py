import io
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageOps

from lrcn_keras import MediaError
from lrcn_keras.media import decode_photo, decode_photos, read_photo

LOSSLESS = {"PNG": {}, "BMP": {}, "WEBP": {"lossless": True}}


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_give_the_very_pixels(pixels, encode, kind):
    data = encode(pixels, kind, **LOSSLESS[kind])
    np.testing.assert_array_equal(read_photo(data, None), pixels)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "WEBP"])
def test_lossy_formats_look_as_pillow_shows_them(pixels, encode, kind):
    data = encode(pixels, kind)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(read_photo(data, None), expected)


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_jpegs_of_other_colours_become_rgb(pixels, encode, mode):
    """Pillow writes CMYK as Adobe does, inverted."""
    data = encode(Image.fromarray(pixels).convert(mode), "JPEG", quality=95)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)
    assert np.abs(read_photo(data, None) - expected).mean() < 1.5


def test_cmyk_jpegs_without_adobes_marker_become_rgb(pixels, encode):
    inverted = Image.fromarray(255 - np.asarray(Image.fromarray(pixels).convert("CMYK")), "CMYK")
    cmyk = encode(inverted, "JPEG", quality=95)
    start = cmyk.index(b"\xff\xee")
    plain = cmyk[:start] + cmyk[start + 2 + int.from_bytes(cmyk[start + 2 : start + 4], "big") :]
    assert b"Adobe" not in plain
    assert np.abs(read_photo(plain, None) - pixels).mean() < 3


@pytest.mark.parametrize("mode", ["L", "P", "1"])
@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_grey_and_palettes_become_rgb(pixels, encode, kind, mode):
    if (kind, mode) == ("BMP", "1"):
        pytest.skip("reported as damaged: see the test of bad files")
    image = Image.fromarray(pixels).convert(mode)
    np.testing.assert_array_equal(
        read_photo(encode(image, kind), None), np.asarray(image.convert("RGB"))
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_parts_become_white(pixels, encode, kind, mode):
    image = Image.fromarray(pixels).convert(mode)
    image.putalpha(
        Image.fromarray(np.arange(60 * 90, dtype=np.uint32).reshape(60, 90) % 256).convert("L")
    )
    alpha = np.asarray(image.convert("RGBA"), float)[..., 3:] / 255
    expected = np.asarray(image.convert("RGB"), float) * alpha + 255 * (1 - alpha)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    data = encode(image.convert("RGBA") if kind == "WEBP" else image, kind, **options)
    for photo in (data, image):
        np.testing.assert_allclose(read_photo(photo, None), expected, atol=0.51)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_pngs_are_scaled_to_8(encode_png16, channels):
    deep = np.random.default_rng(0).integers(0, 65536, (20, 30, channels), np.uint16)
    expected = deep / 257.0
    if channels in (2, 4):
        alpha = expected[..., -1:] / 255
        expected = expected[..., :-1] * alpha + 255 * (1 - alpha)
    expected = np.broadcast_to(expected, (20, 30, 3))
    assert np.abs(read_photo(encode_png16(deep), None) - expected).max() < 2


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_animations_give_their_first_frame(pixels, encode, kind):
    frames = [Image.fromarray(255 - pixels), Image.fromarray(pixels // 2)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(pixels, kind, save_all=True, append_images=frames, **options)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float)
    np.testing.assert_array_equal(read_photo(data, None), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_size", [None, 30])
def test_exif_orientation_is_honoured(pixels, encode, orientation, image_size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(pixels, "JPEG", exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    expected = read_photo(encode(upright, "PNG"), image_size)
    for photo in (data, Image.open(io.BytesIO(data))):
        np.testing.assert_allclose(read_photo(photo, image_size), expected, atol=1e-3)


@pytest.mark.parametrize("size", [16, 224])
def test_photos_are_stretched_as_pillow_does_bilinear(pixels, encode, size):
    expected = Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR)
    got = read_photo(encode(pixels, "PNG"), size)
    assert got.shape == (size, size, 3)
    assert got.dtype == np.float32
    assert np.abs(got - np.asarray(expected, float)).max() <= 1.01  # Pillow rounds twice


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_one_pixel_fills_the_square(encode, kind):
    photo = read_photo(encode(Image.new("RGB", (1, 1), (200, 40, 90)), kind), 7)
    assert photo.shape == (7, 7, 3)
    assert np.abs(photo - [200, 40, 90]).max() < 4


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_large_jpegs_are_decoded_small_and_look_the_same(encode, factor):
    y, x = np.mgrid[: 32 * factor, : 40 * factor] / (8.0 * factor)
    waves = 127 + 60 * np.stack([np.sin(x * 3), np.cos(y * 2), np.sin(x + y)], -1)
    data = encode(waves.astype(np.uint8), "JPEG", quality=95)
    full = tf.image.resize(tf.io.decode_jpeg(data), (16, 16), antialias=True)
    assert np.abs(read_photo(data, 16) - full.numpy()).max() < 4


def test_a_jpeg_of_100_megapixels_takes_little_memory(tmp_path):
    path = tmp_path / "huge.jpg"
    Image.new("RGB", (10000, 10000), (10, 200, 30)).save(path)
    code = (
        "import resource, sys, numpy\n"
        "from lrcn_keras.media import read_photo\n"
        "read_photo(numpy.zeros((9, 9, 3), 'uint8'), 224)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "photo = read_photo(sys.argv[1], 224)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, *photo.mean((0, 1)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    kilobytes, *mean = map(float, done.stdout.split())
    np.testing.assert_allclose(mean, [10, 200, 30], atol=2)
    assert kilobytes < 100_000  # all its pixels are 300 MB


def test_a_png_of_100_megapixels_is_read(encode):
    data = encode(Image.new("L", (10000, 10000), 77), "PNG", compress_level=1)
    np.testing.assert_allclose(read_photo(data, 8), np.full((8, 8, 3), 77), atol=1e-3)


def too_large(kind, encode):
    """A small file that promises 60,000 x 60,000 pixels, or more."""
    data = bytearray(encode(Image.new("RGB", (8, 8)), kind))
    if kind == "PNG":
        data[16:24] = struct.pack(">II", 2**32 - 1, 60000)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", 60000, 60000)
    else:
        start = data.index(b"\xff\xc0") + 5
        data[start : start + 4] = struct.pack(">HH", 60000, 60000)
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
@pytest.mark.parametrize("image_size", [None, 224])
def test_more_than_178_megapixels_are_refused_before_decoding(encode, kind, image_size):
    with pytest.raises(MediaError, match="photo: over 178 megapixels"):
        read_photo(too_large(kind, encode), image_size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_a_truncated_file_is_named(tmp_path, pixels, encode, kind):
    path = tmp_path / f"été am See.{kind.lower()}"
    data = encode(pixels, kind)
    label = {"WEBP": "WebP"}.get(kind, kind)
    for kept in (len(data) // 2, 20):
        path.write_bytes(data[:kept])
        with pytest.raises(MediaError, match=f"{path}: truncated or damaged {label}") as error:
            read_photo(path, 32)
        assert error.value.file == str(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"\0", "not a JPEG, PNG, GIF, BMP or WebP image"),
        (b"not a photo\n" * 99, "not a JPEG, PNG, GIF, BMP or WebP image"),
        (b"RIFF\x10\0\0\0WAVEfmt " + b"\0" * 99, "not a JPEG, PNG, GIF, BMP or WebP image"),
        (b"II*\0" + b"\0" * 99, "not a JPEG, PNG, GIF, BMP or WebP image"),
    ],
)
def test_what_is_no_photo_is_named(tmp_path, content, reason):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=f"photo.jpg: {reason}"):
        read_photo(path, 32)
    with pytest.raises(MediaError, match=f"^photo: {reason}"):
        read_photo(content, 32)


def test_reading_says_nothing_about_files_that_are_no_photos_nor_about_many_kinds(
    tmp_path, pixels, encode
):
    """In a process of its own, where TensorFlow's warnings are on."""
    kinds = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
    for kind in kinds:
        (tmp_path / kind).write_bytes(encode(pixels, kind))
    exif = Image.Exif()
    exif[0x0112] = 3
    (tmp_path / "turned").write_bytes(encode(pixels, "JPEG", exif=exif))
    (tmp_path / "text").write_bytes(b"not a photo")
    code = """
import pathlib, sys
from lrcn_keras import MediaError
from lrcn_keras.media import read_photo
for path in map(pathlib.Path, sys.argv[1:]):
    for size in (None, 32):
        try:
            read_photo(path, size)
        except MediaError as error:
            print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "1"},
    )
    assert done.stderr == ""
    (message,) = set(done.stdout.splitlines())
    assert message == f"{tmp_path / 'text'}: not a JPEG, PNG, GIF, BMP or WebP image"


def test_files_that_cannot_be_opened_are_named(tmp_path):
    with pytest.raises(MediaError, match="gone.jpg: no such file"):
        read_photo(tmp_path / "gone.jpg", 32)
    with pytest.raises(MediaError, match="is a folder"):
        read_photo(str(tmp_path), 32)


def test_a_bitmap_of_one_bit_is_refused(encode):
    with pytest.raises(MediaError, match="damaged BMP"):
        read_photo(encode(Image.new("1", (16, 16)), "BMP"), 8)


def test_a_bitmaps_unused_fourth_byte_is_not_transparency(pixels, encode):
    transparent = Image.fromarray(pixels).convert("RGBA")
    transparent.putalpha(0)
    np.testing.assert_array_equal(read_photo(encode(transparent, "BMP"), None), pixels)


def test_arrays_and_pillow_images_give_what_their_files_give(pixels, encode):
    expected = read_photo(encode(pixels, "PNG"), 24)
    np.testing.assert_array_equal(read_photo(pixels, 24), expected)
    np.testing.assert_array_equal(read_photo(Image.fromarray(pixels), 24), expected)
    deep = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
    np.testing.assert_array_equal(read_photo(deep, 9), read_photo(encode(deep, "PNG"), 9))
    palette = Image.fromarray(pixels).convert("P")
    np.testing.assert_array_equal(read_photo(palette, 9), read_photo(encode(palette, "PNG"), 9))


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)]
)
def test_arrays_of_another_kind_are_refused(array):
    with pytest.raises(ValueError, match=r"uint8 of shape \(H, W, 3\), got"):
        read_photo(array, 8)


def test_a_batch_equals_photos_one_by_one_and_keeps_bad_ones_apart(pixels, encode):
    good = [encode(pixels, kind) for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP")]
    exif = Image.Exif()
    exif[0x0112] = 6
    good.append(encode(pixels, "JPEG", exif=exif))
    data = [b"", good[0], good[1][:99], *good[1:], b"text"]
    images, ok = decode_photos(tf.constant(data), 32)
    assert ok.numpy().tolist() == [False, True, False, True, True, True, True, True, False]
    assert images.shape == (9, 32, 32, 3)
    expected = [read_photo(each, 32) for each in good]
    np.testing.assert_array_equal(images.numpy()[ok], expected)
    assert not images.numpy()[~ok.numpy()].any()


class Decoder(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, data):
        images, ok = decode_photos(data, 16)
        return {"images": images, "ok": ok}


def test_a_saved_model_decodes_alike(tmp_path, pixels, encode):
    tf.saved_model.save(Decoder(), str(tmp_path / "saved"))
    loaded = tf.saved_model.load(str(tmp_path / "saved"))
    exif = Image.Exif()
    exif[0x0112] = 6
    good = [encode(pixels, "JPEG", exif=exif), encode(pixels, "WEBP")]
    result = loaded(tf.constant([good[0], b"bad", good[1]]))
    assert result["ok"].numpy().tolist() == [True, False, True]
    expected = [read_photo(each, 16) for each in good]
    np.testing.assert_array_equal(result["images"].numpy()[[0, 2]], expected)
    for batch in ([], [b""], [b"", b"bad", b"\xff\xd8\xff"]):
        result = loaded(tf.constant(batch, tf.string, [len(batch)]))
        assert result["images"].shape == (len(batch), 16, 16, 3)
        assert result["ok"].numpy().tolist() == [False] * len(batch)


def test_photos_decode_inside_tf_data(pixels, encode):
    data = encode(pixels, "PNG")
    dataset = tf.data.Dataset.from_tensors(data).map(lambda each: decode_photo(each, 12))
    assert dataset.element_spec.shape == (12, 12, 3)
    np.testing.assert_array_equal(next(iter(dataset)), read_photo(data, 12))
