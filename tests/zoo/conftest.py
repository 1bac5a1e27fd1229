"""A captioner small enough to be saved in every run, and with something to say."""

import keras
import numpy as np
import pytest

import lrcn_keras
from lrcn_keras.models import ImageCaptioner

CARD = {
    "description": "Names a coloured shape.",
    "licence": "CC0-1.0",
    "datasets": [{"name": "shapes", "licence": "CC0-1.0", "photos": 12}],
    "intended_use": "Tests.",
    "limits": "Anything else.",
    "metrics": [
        {
            "dataset": "shapes",
            "split": "test",
            "decoding": "beam",
            "values": {"BLEU-4": 0.25, "images": 1200},
            "interval": {"BLEU-4": [0.2, 0.3125]},
        }
    ],
}


def make_captioner(vocabulary, seed=0, **arguments):
    """On a user's own Sequential, with weights large enough for captions that differ."""
    cnn = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 127.5, -1),
            keras.layers.Conv2D(6, 3, strides=2, name="first"),
            keras.layers.BatchNormalization(),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu", name="second"),
            keras.layers.GlobalAveragePooling2D(),
        ],
        name="own_cnn",
    )
    sizes = {"units": 8, "embedding_size": 8, "max_length": 6, "dropout": 0.0}
    model = ImageCaptioner(vocabulary, cnn, **{**sizes, **arguments})
    rng = np.random.default_rng(seed)
    weights = [
        rng.normal(0, 1.5, weight.shape) if weight.path.startswith("word_decoder") else array
        for weight, array in zip(model.weights, model.get_weights(), strict=True)
    ]
    model.set_weights([array.astype("float16").astype("float32") for array in weights])
    return model


@pytest.fixture(scope="session")
def said():
    """What a person says on the card of `saved`."""
    return CARD


@pytest.fixture(scope="session")
def captioner(tiny_vocabulary):
    """Its weights are float16 numbers, so that saving changes nothing."""
    return make_captioner(tiny_vocabulary)


@pytest.fixture(scope="session")
def saved(captioner, tmp_path_factory):
    """The folder of `captioner`; read only."""
    folder = tmp_path_factory.mktemp("zoo") / "tiny-captioner"
    recipe = 'name = "tiny-captioner"\n'
    lrcn_keras.save(captioner, folder, card=CARD, recipe=recipe)
    return folder


@pytest.fixture(scope="session")
def photos(photo_folder):
    """Twelve encoded photos."""
    return [path.read_bytes() for path in sorted((photo_folder / "photos").iterdir())]
