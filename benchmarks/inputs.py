"""What the benchmarks work on: photographs and clips that need no download, and a captioner."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

import lrcn_keras
from lrcn_keras import storage

_SIZE = (500, 375)  # a typical photo of Flickr8k and COCO
_PHOTOGRAPHS = ("astronaut", "cat", "coffee", "rocket", "stereo_motorcycle", "camera")


def photos(count):
    """Encoded JPEGs of 500 x 375 pixels: scikit-image's photographs, and parts of them."""
    originals = [getattr(data, name)() for name in _PHOTOGRAPHS]
    originals = [photo[0] if isinstance(photo, tuple) else photo for photo in originals]
    encoded = []
    for i in range(count):
        pixels = originals[i % len(originals)]
        margin = [6 * (i // len(originals)) * n // 100 for n in pixels.shape[:2]]
        part = pixels[margin[0] :, margin[1] :]
        buffer = io.BytesIO()
        Image.fromarray(part).convert("RGB").resize(_SIZE).save(buffer, "JPEG", quality=90)
        encoded.append(buffer.getvalue())
    return encoded


def moving_frames(count, size):
    """A clip (count, size, size, 3) uint8: the camera pans across a photograph, back and forth."""
    photograph = data.astronaut()
    spare = len(photograph) - size
    places = [spare - abs(spare - 3 * i % (2 * spare)) for i in range(count)]
    return np.stack([photograph[x // 2 : x // 2 + size, x : x + size] for x in places])


def captioner(name, directory):
    """The zoo's captioner of that name, or one with random LSTMs where there is none.

    Args:
        name: a model's name or the path of its folder.
        directory: folder for the random one's SavedModel.

    Returns:
        The captioner, the path of its SavedModel, and what to call it.
    """
    try:
        saved_model, label = storage.find_model(name) / "model", name
    except ValueError:
        saved_model, label = Path(directory) / "model", f"random captioner (no {name} here)"
        _random_captioner().export(saved_model)
    return lrcn_keras.load(saved_model), saved_model, label


def _random_captioner():
    """As large as the zoo's; its words are as clear a choice as a trained one's."""
    model = lrcn_keras.ImageCaptioner(lrcn_keras.Vocabulary(f"w{i}" for i in range(2, 2917)))
    rng = np.random.default_rng(0)
    model.word_decoder.set_weights(
        [
            rng.normal(scale=2 / np.sqrt(w.shape[0]), size=w.shape) if len(w.shape) == 2 else w
            for w in model.word_decoder.get_weights()
        ]
    )
    return model
