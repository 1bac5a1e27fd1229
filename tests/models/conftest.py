import keras
import pytest

from lrcn_keras.models import ImageCaptioner


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
