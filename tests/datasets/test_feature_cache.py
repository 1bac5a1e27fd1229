import os
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from lrcn_keras.datasets import CaptionDataset, cached_features

SIZE = 8


def backbone(scale=1.0, seed=0, size=SIZE):
    """A frozen network that tells left from right."""
    image = keras.Input((size, size, 3))
    nested = keras.Sequential([keras.Input((size, size, 3)), keras.layers.Rescaling(scale / 255)])
    features = keras.layers.Dense(
        4, kernel_initializer=keras.initializers.RandomNormal(0, 0.1, seed=seed)
    )(keras.layers.Flatten()(nested(image)))
    return keras.Model(image, features)


@pytest.fixture
def photos(tmp_path):
    """Five photos without loss, already of the backbone's size."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)
    paths = []
    for index, each in enumerate(pixels):
        paths.append(tmp_path / f"{index}.png")
        Image.fromarray(each).save(paths[-1])
    return pixels, CaptionDataset("mine", list("abcde"), paths, [["x"]] * 5)


class CountingBackbone:
    """Stands in for a backbone and counts the photos it sees."""

    def __init__(self, model):
        self.model, self.seen = model, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def predict_on_batch(self, images):
        self.seen += len(images)
        return self.model.predict_on_batch(images)


def test_features_are_the_backbones_in_the_order_of_the_photos(photos, tmp_path):
    pixels, dataset = photos
    model = backbone()
    features = cached_features(model, dataset, tmp_path / "cache", batch_size=2)
    assert features.shape == (5, 1, 4)
    assert features.dtype == np.float16
    kernel, bias = model.get_weights()
    expected = (pixels / 255).reshape(5, -1) @ kernel + bias
    np.testing.assert_allclose(features[:, 0], expected, atol=2e-3)


def test_mirrored_photos_are_a_second_view(photos, tmp_path):
    pixels, dataset = photos
    model = backbone()
    features = cached_features(model, dataset, tmp_path, mirrored=True)
    assert features.shape == (5, 2, 4)
    for view, seen in enumerate([pixels, pixels[:, :, ::-1]]):
        expected = model.predict_on_batch(seen.astype(np.float32))
        np.testing.assert_allclose(features[:, view], expected, atol=2e-3)


def test_the_second_time_they_come_from_the_disk(photos, tmp_path):
    _, dataset = photos
    first, second = CountingBackbone(backbone()), CountingBackbone(backbone())  # other layer names
    features = cached_features(first, dataset, tmp_path / "cache")
    assert first.seen == 5
    np.testing.assert_array_equal(cached_features(second, dataset, tmp_path / "cache"), features)
    assert second.seen == 0
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".npy"]


def changed_weights(dataset):
    return backbone(seed=1), dataset


def changed_preprocessing(dataset):
    return backbone(scale=2.0), dataset


def changed_size(dataset):
    return backbone(size=4), dataset


def changed_names(dataset):
    return backbone(), CaptionDataset("mine", list("abcdf"), dataset.photos, dataset.captions)


def changed_file(dataset):
    os.utime(dataset.photos[0], ns=(1, 1))
    return backbone(), dataset


def test_any_change_computes_them_again(photos, tmp_path):
    _, dataset = photos
    cached_features(backbone(), dataset, tmp_path)
    changes = [changed_weights, changed_preprocessing, changed_size, changed_names, changed_file]
    for change in changes:
        model, changed = change(dataset)
        counting = CountingBackbone(model)
        cached_features(counting, changed, tmp_path)
        assert counting.seen == 5, change


def test_a_damaged_cache_is_computed_again(photos, tmp_path):
    _, dataset = photos
    features = cached_features(backbone(), dataset, tmp_path / "cache")
    (path,) = (tmp_path / "cache").iterdir()
    for content in (path.read_bytes()[:-3], b"", b"no array"):
        path.write_bytes(content)
        np.testing.assert_array_equal(
            cached_features(backbone(), dataset, tmp_path / "cache"), features
        )


def test_values_beyond_float16_stay_float32(photos, tmp_path):
    _, dataset = photos
    features = cached_features(backbone(scale=1e6), dataset, tmp_path)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_bad_photos_are_named_and_get_nan(photos, tmp_path):
    _, dataset = photos
    with open(dataset.photos[1], "r+b") as file:
        file.truncate(50)
    os.unlink(dataset.photos[3])
    for _ in range(2):  # also when they come from the disk
        with pytest.warns(UserWarning, match="mine: 2 of 5 photos cannot be decoded: b, d"):
            features = cached_features(backbone(), dataset, tmp_path)
        assert np.isnan(features).any(axis=(1, 2)).tolist() == [False, True, False, True, False]


def test_it_is_an_error_when_every_photo_is_bad(tmp_path):
    dataset = CaptionDataset("mine", ["a", "b"], [b"", b"text"], [["x"], ["y"]])
    with pytest.raises(ValueError, match="2 of 2 photos cannot be decoded: a, b"):
        cached_features(backbone(), dataset, tmp_path)


def test_photos_in_memory_are_cached_too(photos, tmp_path):
    _, dataset = photos
    data = [Path(path).read_bytes() for path in dataset.photos]
    held = CaptionDataset("held", dataset.names, data, dataset.captions)
    expected = cached_features(backbone(), dataset, tmp_path)
    np.testing.assert_array_equal(cached_features(backbone(), held, tmp_path), expected)
    again = CountingBackbone(backbone())
    cached_features(again, held, tmp_path)
    assert again.seen == 0


def test_a_backbone_must_take_square_photos(photos, tmp_path):
    _, dataset = photos
    image = keras.Input((4, 6, 3))
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))
    with pytest.raises(ValueError, match=r"\(B, S, S, 3\), it takes \(None, 4, 6, 3\)"):
        cached_features(model, dataset, tmp_path)
