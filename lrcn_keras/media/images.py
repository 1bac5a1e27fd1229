"""Photos to pixels, by TensorFlow operations alone: Python and a served model see the same."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from lrcn_keras.errors import MediaError
from lrcn_keras.media.binary import number
from lrcn_keras.media.exif import jpeg_orientation, names_exif, turn
from lrcn_keras.media.find import find_photos
from lrcn_keras.media.webp import first_frame

__all__ = ["decode_photo", "decode_photos", "find_photos", "read_photo"]

MAX_PIXELS = 178_956_970  # Pillow's limit against decompression bombs
_KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WebP"}


def decode_photo(data: tf.Tensor, image_size: int | None) -> tf.Tensor:
    """Decodes a photo and stretches it to a square.

    JPEG (also grey, CMYK), PNG (8 and 16 bit), GIF and WebP (first frame) and BMP. What is
    transparent becomes white. A JPEG is turned as its EXIF orientation says; a large one is decoded
    at 1/2, 1/4 or 1/8 of its size, in bounded memory.

    Args:
        data: encoded bytes, scalar string tensor.
        image_size: height and width of the result, in pixels; None keeps the photo's own.

    Returns:
        RGB float32 of shape (image_size, image_size, 3) in [0, 255].

    Raises:
        tf.errors.InvalidArgumentError: when it is no photo, is damaged or has over 178 megapixels.
    """
    return _decoder("any", image_size)(data)


def decode_photos(data: tf.Tensor, image_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Decodes a batch of photos in parallel; a bad one costs none of the others.

    Args:
        data: encoded bytes, string tensor of shape (N,).
        image_size: height and width of the result, in pixels.

    Returns:
        RGB float32 of shape (N, image_size, image_size, 3) in [0, 255], zeros where a photo is bad,
        and a bool tensor of shape (N,) that is False there.
    """
    data = tf.convert_to_tensor(data, tf.string)
    count = tf.size(data)
    # The sentinel keeps the batch from being empty when no photo is good.
    sentinel = tf.data.Dataset.from_tensors((count, tf.zeros([image_size, image_size, 3])))
    indices, images = (
        tf.data.Dataset.from_tensor_slices((tf.range(count), data))
        .map(
            lambda index, each: (index, decode_photo(each, image_size)),
            num_parallel_calls=tf.data.AUTOTUNE,
        )
        .ignore_errors()
        .concatenate(sentinel)
        .batch(tf.cast(count, tf.int64) + 1)
        .get_single_element()
    )
    # Every photo's row in `images`; the sentinel's, the last, for those that are not there.
    rows = tf.tensor_scatter_nd_update(
        tf.fill([count + 1], tf.size(indices) - 1), indices[:, None], tf.range(tf.size(indices))
    )[:-1]
    return tf.gather(images, rows), rows < tf.size(indices) - 1


def read_photo(
    photo: str | Path | bytes | Image.Image | np.ndarray, image_size: int | None
) -> np.ndarray:
    """Reads a photo as `decode_photo` does, from wherever it is.

    Args:
        photo: a path, encoded bytes, a Pillow image, or a uint8 array of shape (H, W, 3).
        image_size: height and width of the result, in pixels; None keeps the photo's own.

    Returns:
        RGB float32 array of shape (image_size, image_size, 3) in [0, 255].

    Raises:
        MediaError: names the file and says what is wrong with it.
        ValueError: for an array of another shape or type.
    """
    with tf.device("CPU"):
        if isinstance(photo, Image.Image):
            return _fit(_pillow_pixels(photo), image_size).numpy()
        if isinstance(photo, np.ndarray):
            if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3 or not photo.size:
                raise ValueError(
                    f"A photo must be uint8 of shape (H, W, 3), got {photo.dtype} {photo.shape}"
                )
            return _fit(photo, image_size).numpy()
        name = "photo" if isinstance(photo, bytes) else str(photo)
        data = photo if isinstance(photo, bytes) else _read_file(Path(photo))
        kind = _kind(data)
        if kind is None:
            raise MediaError(
                name, "not a JPEG, PNG, GIF, BMP or WebP image" if data else "empty file"
            )
        graph = "upright JPEG" if kind == "JPEG" and not names_exif(data) else kind
        try:
            # A concrete function: TensorFlow takes several kinds in a row for needless retracing.
            decode = _decoder(graph, image_size).get_concrete_function()
            return decode(tf.constant(data)).numpy()
        except tf.errors.InvalidArgumentError as error:
            reason = "over 178 megapixels"
            if reason not in str(error):
                reason = f"truncated or damaged {kind}"
            raise MediaError(name, reason) from error


@cache  # tracing takes a second, a tenth of that for most kinds alone
def _decoder(kind: str, image_size: int | None) -> tf.types.experimental.PolymorphicFunction:
    @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    def decode(data: tf.Tensor) -> tf.Tensor:
        if kind in _PIXELS:
            image = _fit(_PIXELS[kind](data), image_size)
        else:
            image = _DECODE[kind](data, image_size)
        return tf.ensure_shape(image, [image_size, image_size, 3])

    return decode


def _decode_any(data: tf.Tensor, image_size: int | None) -> tf.Tensor:
    def begins(magic: bytes) -> tf.Tensor:
        return tf.strings.substr(data, 0, len(magic)) == magic

    def other() -> tf.Tensor:
        cases = [
            (begins(magic), partial(_PIXELS[kind], data))
            for magic, kind in _KINDS.items()
            if kind in _PIXELS
        ]
        # `_still` says that it is no image.
        return _fit(tf.case(cases, default=partial(_still, data)), image_size)

    return tf.cond(begins(b"\xff\xd8\xff"), lambda: _decode_jpeg(data, image_size), other)


def _decode_jpeg(data: tf.Tensor, image_size: int | None) -> tf.Tensor:
    # A square of the final size is cheaper to turn.
    return turn(_decode_upright_jpeg(data, image_size), jpeg_orientation(data))


def _decode_upright_jpeg(data: tf.Tensor, image_size: int | None) -> tf.Tensor:
    """A JPEG as it is stored, whatever EXIF says."""
    shape = tf.io.extract_jpeg_shape(data)
    data = _within_limit(data, shape[0], shape[1])
    # The accurate method gives Pillow's very pixels; TensorFlow's default is one or two levels off.
    decode = partial(tf.io.decode_jpeg, data, channels=3, dct_method="INTEGER_ACCURATE")
    if image_size is None:
        image = decode()
    else:
        # `ratio` is an attribute, not a tensor. Twice the size is left, for resizing.
        spare = tf.minimum(shape[0], shape[1]) // (2 * image_size)
        branch = tf.reduce_sum(tf.cast(spare >= tf.constant([2, 4, 8]), tf.int32))
        image = tf.switch_case(branch, [partial(decode, ratio=each) for each in (1, 2, 4, 8)])
    return _fit(image, image_size)


def _png(data: tf.Tensor) -> tf.Tensor:
    head = _head(data)
    return _still(_within_limit(data, number(head, 20, 4, True), number(head, 16, 4, True)))


def _gif(data: tf.Tensor) -> tf.Tensor:
    head = _head(data)
    return _still(_within_limit(data, number(head, 8, 2), number(head, 6, 2)))


def _webp(data: tf.Tensor) -> tf.Tensor:
    return _still(first_frame(data))


def _bmp(data: tf.Tensor) -> tf.Tensor:
    """TensorFlow takes a palette's indices for grey, and an unused fourth byte for transparency."""
    image = tf.io.decode_bmp(data)

    def coloured() -> tf.Tensor:
        start = 14 + number(_head(data), 14, 2)  # the palette follows the two headers
        palette = tf.io.decode_raw(tf.strings.substr(data, start, 1024), tf.uint8)
        palette = tf.reshape(palette[: tf.size(palette) // 4 * 4], [-1, 4])
        return tf.gather(palette[:, 2::-1], tf.cast(image[..., 0], tf.int32))

    return tf.cond(tf.shape(image)[-1] == 1, coloured, lambda: image[..., :3])


_PIXELS = {"PNG": _png, "GIF": _gif, "BMP": _bmp, "WebP": _webp}
_DECODE = {"any": _decode_any, "JPEG": _decode_jpeg, "upright JPEG": _decode_upright_jpeg}


def _head(data: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_raw(tf.strings.substr(data, 0, 30), tf.uint8)


def _still(data: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_image(data, channels=0, expand_animations=False)


def _within_limit(data: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """The data again: what decodes it waits for the check."""
    sides = tf.bitcast(tf.stack([height, width]), tf.uint32)  # 4 bytes may look negative
    pixels = tf.reduce_prod(tf.cast(sides, tf.float64))
    check = tf.debugging.Assert(pixels <= MAX_PIXELS, ["over 178 megapixels:", pixels])
    with tf.control_dependencies([check]):
        return tf.identity(data)


def _fit(image: tf.Tensor, image_size: int | None) -> tf.Tensor:
    """uint8 pixels with 1 to 4 channels to RGB on white, stretched to the size asked for."""
    image = tf.ensure_shape(image, [None, None, None])
    channels = tf.shape(image)[-1]
    image = tf.cond((channels == 2) | (channels == 4), lambda: _on_white(image), lambda: image)
    if image_size is None:
        image = tf.cast(image, tf.float32)
    else:
        image = tf.image.resize(image, [image_size, image_size], antialias=True)
    image = tf.clip_by_value(image, 0.0, 255.0)
    return tf.broadcast_to(image, tf.concat([tf.shape(image)[:2], [3]], 0))  # grey becomes RGB


def _on_white(image: tf.Tensor) -> tf.Tensor:
    """Integers keep a large photo small: colour * alpha + 255 * (255 - alpha) fits into 16 bits."""
    image = tf.cast(image, tf.uint16)
    alpha = image[..., -1:]
    return tf.cast((image[..., :-1] * alpha + 255 * (255 - alpha) + 127) // 255, tf.uint8)


def _pillow_pixels(image: Image.Image) -> np.ndarray:
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bit
        return (np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8)[..., None]
    return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MediaError(path, "no such file") from error
    except IsADirectoryError as error:
        raise MediaError(path, "is a folder") from error
    except OSError as error:
        raise MediaError(path, f"cannot be read ({error.strerror})") from error


def _kind(data: bytes) -> str | None:
    kind = next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), None)
    is_other_riff = kind == "WebP" and data[8:12] != b"WEBP"
    return None if is_other_riff else kind
