import keras
import numpy as np
import pytest

from lrcn_keras.datasets import ClipDataset
from lrcn_keras.models import ActivityRecognizer, ImageCaptioner


@pytest.fixture
def tiny_cnn() -> keras.Model:
    """A user's own CNN: 32x32 photos to 6 numbers, batch norm included."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 5, strides=4),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )


@pytest.fixture
def tiny_captioner(tiny_cnn, tiny_vocabulary) -> ImageCaptioner:
    return ImageCaptioner(
        tiny_vocabulary, tiny_cnn, units=8, embedding_size=8, dropout=0.0, trainable_backbone=True
    )


@pytest.fixture(scope="session")
def clips() -> list[np.ndarray]:
    """RGB clips of noise, 36x40, of different lengths."""
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (n, 36, 40, 3), dtype=np.uint8) for n in (3, 9, 20, 14, 7)]


@pytest.fixture
def data(clips) -> ClipDataset:
    names = [f"clip {number}" for number in range(len(clips))]
    return ClipDataset("noise", names, clips, [0, 1, 0, 1, 1], ["left", "right"])


@pytest.fixture(scope="session")
def recognizer() -> ActivityRecognizer:
    """With weights that make it say something; read only."""
    keras.utils.set_random_seed(0)
    model = ActivityRecognizer(
        ["left", "right"], "small_cnn", weights=None, image_size=32, frame_size=(36, 40), units=8,
        num_layers=2, clip_length=6, input_dropout=0.0, dropout=0.0,
    )  # fmt: skip
    for weight in model.head.weights:
        weight.assign(weight * 4)
    return model


@pytest.fixture(scope="session")
def motion() -> ClipDataset:
    """A bar that moves to the left or to the right, from anywhere, across 16x16 pixels."""
    rng = np.random.default_rng(0)
    clips, labels = [], rng.permutation([0, 1] * 24)
    for label in labels:
        frames = np.zeros((8, 16, 16, 1), np.uint8)
        start = rng.integers(16)
        for t, frame in enumerate(frames):
            frame[:, (start + (2 * label - 1) * 2 * t) % 16] = 255
        clips.append(frames)
    names = [str(number) for number in range(len(clips))]
    return ClipDataset("motion", names, clips, labels, ["left", "right"], modality="grey")
