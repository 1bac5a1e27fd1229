"""What tests of several rooms share."""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction
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


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., Path]:
    """Writes a clip.

    Arguments: path, whose ending chooses the container; frames, (T, H, W, 3) or (T, H, W, 1) uint8;
    rate in frames/s; times of the frames in seconds, instead; codec; and encoder options. The
    default is nearly lossless, and keeps odd sizes.
    """
    av = pytest.importorskip("av")

    def make(
        path: Path,
        frames: np.ndarray,
        rate: int | Fraction = 25,
        *,
        times: Sequence[float] | None = None,
        codec: str = "libx264",
        pixel_format: str = "yuv444p",
        options: dict[str, str] | None = None,
        container_options: dict[str, str] | None = None,
        rotation: int = 0,
    ) -> Path:
        if options is None:
            options = {"qp": "1", "preset": "ultrafast"} if codec == "libx264" else {}
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", options=container_options or {}) as container:
            stream = container.add_stream(codec, rate=rate, options=options)
            stream.height, stream.width = frames.shape[1:3]
            stream.pix_fmt = pixel_format
            if times is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            if rotation:
                stream.set_display_rotation(rotation)
            for index, image in enumerate(frames):
                rgb = np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))
                frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
                if times is not None:
                    frame.pts, frame.time_base = round(1000 * times[index]), Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return Path(path)

    return make


@pytest.fixture(scope="session")
def motion_clips(make_clip: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder laid out like UCF101, whose two classes differ only in motion; read only.

    A textured square is anywhere in the first of 8 frames and moves to the left or to the right;
    what leaves the frame comes in at the other side, so that no single frame tells the class.
    """
    folder = tmp_path_factory.mktemp("motion_clips")
    lists = folder / "ucf101" / "ucfTrainTestlist"
    lists.mkdir(parents=True)
    (lists / "classInd.txt").write_text("1 MoveLeft\n2 MoveRight\n")
    rng = np.random.default_rng(0)
    sharp = {"qmax": "2"}
    listed = {"trainlist01.txt": [], "testlist01.txt": []}
    for group in range(1, 26):  # as there, the first seven of 25 groups are for the test
        for number, label in enumerate(("MoveLeft", "MoveRight")):
            for clip in (1, 2, 3):
                file = f"{label}/v_{label}_g{group:02d}_c{clip:02d}.avi"
                frames = _moving_square(3 * (2 * number - 1), rng)
                path = folder / "ucf101" / "UCF-101" / file
                make_clip(path, frames, codec="mpeg4", pixel_format="yuv420p", options=sharp)
                listed["testlist01.txt" if group < 8 else "trainlist01.txt"].append(file)
    for name, files in listed.items():
        text = "".join(f"{file} {1 + ('Right' in file)}\n" for file in files)
        (lists / name).write_text(text)
    return folder


def _moving_square(speed: int, rng: np.random.Generator) -> np.ndarray:
    first = rng.integers(90, 120, (32, 32, 3), dtype=np.uint8)
    first[10:22, :12] = rng.integers(150, 256, (12, 12, 3), dtype=np.uint8)
    first = np.roll(first, rng.integers(32), axis=1)
    return np.stack([np.roll(first, speed * step, axis=1) for step in range(8)])


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
