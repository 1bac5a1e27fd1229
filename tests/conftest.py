"""What tests of several rooms share."""

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

from lrcn_keras.text import Vocabulary

_COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 70, 200)}
_GROUNDS = {"white": (240, 240, 240), "black": (20, 20, 20)}
_SHAPES = ("circle", "square")


@pytest.fixture(autouse=True)
def same_start_for_every_test(monkeypatch: pytest.MonkeyPatch) -> None:
    keras.utils.set_random_seed(0)
    monkeypatch.delenv("LRCN_ZOO", raising=False)


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `photos/` (12 small JPEGs of one shape each) and `captions.json`; read only."""
    folder = tmp_path_factory.mktemp("photo_folder")
    (folder / "photos").mkdir()
    rng = np.random.default_rng(0)
    captions = {}
    for colour, rgb in _COLOURS.items():
        for shape in _SHAPES:
            for ground, ground_rgb in _GROUNDS.items():
                name = f"{colour}-{shape}-{ground}.jpg"
                photo = _photo(shape, rgb, ground_rgb, rng)
                photo.save(folder / "photos" / name, quality=90)
                captions[name] = [
                    f"A {colour} {shape} on a {ground} ground.",
                    f"There is a {shape}, and it is {colour}.",
                ]
    (folder / "captions.json").write_text(json.dumps(captions), encoding="utf-8")
    return folder


def _photo(shape: str, rgb: tuple, ground: tuple, rng: np.random.Generator) -> Image.Image:
    noise = rng.integers(-10, 11, (48, 64, 3))
    photo = Image.fromarray(np.clip(np.array(ground) + noise, 0, 255).astype(np.uint8))
    left, top = rng.integers(4, 30), rng.integers(4, 20)
    box = (left, top, left + 24, top + 24)
    draw = ImageDraw.Draw(photo)
    (draw.ellipse if shape == "circle" else draw.rectangle)(box, fill=rgb)
    return photo


@pytest.fixture
def write_tfds_coco() -> Callable:
    """Writes a data set laid out as TensorFlow Datasets lays out coco_captions.

    Arguments: its data folder, and {split: {file: (encoded photo, captions)}}.
    """
    tfds = pytest.importorskip("tensorflow_datasets")
    import tensorflow as tf

    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "image/filename": tfds.features.Text(),
            "image/id": np.int64,
            "captions": tfds.features.Sequence({"id": np.int64, "text": tfds.features.Text()}),
            "objects": tfds.features.Sequence(
                {"area": np.int64, "bbox": tfds.features.BBoxFeature()}
            ),
        }
    )

    def row(index: int, file: str, photo: bytes, captions: list[str]) -> dict:
        return {
            "image": tf.io.decode_jpeg(photo, channels=3).numpy(),
            "image/filename": file,
            "image/id": index,
            "captions": [{"id": 0, "text": caption} for caption in captions],
            "objects": [],
        }

    def write(data_dir: Path, splits: dict[str, dict[str, tuple[bytes, list[str]]]]) -> None:
        tfds.dataset_builders.store_as_tfds_dataset(
            name="coco_captions",
            version="1.1.0",
            features=features,
            split_datasets={
                split: [
                    (index, row(index, file, *photo))
                    for index, (file, photo) in enumerate(photos.items())
                ]
                for split, photos in splits.items()
            },
            data_dir=data_dir,
            config="2014",
            disable_shuffling=True,
        )

    return write


@pytest.fixture(scope="session")
def tiny_vocabulary(photo_folder: Path) -> Vocabulary:
    """The vocabulary of `photo_folder`'s captions, every word of them."""
    captions = json.loads((photo_folder / "captions.json").read_text(encoding="utf-8"))
    return Vocabulary.from_captions(
        (caption for group in captions.values() for caption in group), min_count=1
    )
