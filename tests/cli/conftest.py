"""Zoos of tiny models, clips, and `lrcn` run in this process."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner, Result

import lrcn_keras
from lrcn_keras import backbones
from lrcn_keras.cli.main import lrcn
from lrcn_keras.text import Vocabulary


def tiny_cnn() -> keras.Sequential:
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 127.5, -1),
            keras.layers.Conv2D(8, 4, 4, activation="relu"),
            keras.layers.Flatten(),
        ]
    )


def _tiny_captioner(vocabulary: Vocabulary, seed: int) -> lrcn_keras.ImageCaptioner:
    keras.utils.set_random_seed(seed)
    sizes = {"units": 16, "embedding_size": 16, "max_length": 8}
    model = lrcn_keras.ImageCaptioner(vocabulary, tiny_cnn(), **sizes)
    # Larger weights than those of a fresh model, so that captions depend on the photo.
    model.word_decoder.set_weights([4 * weight for weight in model.word_decoder.get_weights()])
    return model


@pytest.fixture
def tiny_backbones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every backbone asked for by name is a tiny one."""
    get = backbones.get

    def get_tiny(backbone, *, trainable=False, **_):
        named = isinstance(backbone, str)
        return get(tiny_cnn() if named else backbone, weights=None, trainable=trainable)

    monkeypatch.setattr(backbones, "get", get_tiny)


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory, tiny_vocabulary: Vocabulary) -> Path:
    """A folder with two models, one called as the commands' default is."""
    folder = tmp_path_factory.mktemp("zoo")
    for seed, name in enumerate(["coco-captioner", "other-captioner"]):
        model = _tiny_captioner(tiny_vocabulary, seed)
        lrcn_keras.save(model, folder / name, card={"name": name, "description": "Tiny."})
    return folder


@pytest.fixture
def run(zoo: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `lrcn` with arguments, with that zoo."""
    monkeypatch.setenv("LRCN_ZOO", str(zoo))

    def run(*arguments: object, status: int = 0, **kwargs) -> Result:
        result = CliRunner().invoke(lrcn, [str(each) for each in arguments], **kwargs)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    return run


def tiny_recognizer(seed: int = 0, **kwargs) -> lrcn_keras.ActivityRecognizer:
    keras.utils.set_random_seed(seed)
    sizes = {"weights": None, "image_size": 32, "units": 8}
    model = lrcn_keras.ActivityRecognizer(["left", "right"], "small_cnn", **(sizes | kwargs))
    for weight in model.head.weights:  # so that what is recognized depends on the clip
        weight.assign(weight * 8)
    return model


@pytest.fixture(scope="session")
def recognizers() -> dict[str, keras.Model]:
    """Recognizers by name, one called as the commands' default is; read only."""
    pytest.importorskip("av")
    pytest.importorskip("cv2")
    flow = tiny_recognizer(1, modality="flow", rate=10)
    return {
        "fight-recognizer": tiny_recognizer(0, frame_size=(32, 40)),
        "flow-recognizer": flow,
        "fused-recognizer": lrcn_keras.TwoStreamRecognizer(tiny_recognizer(2, rate=10), flow),
        "grey-recognizer": tiny_recognizer(3, modality="grey"),
        "thermal-recognizer": tiny_recognizer(4, modality="thermal", image_size=16),
    }


@pytest.fixture
def with_recognizers(run, recognizers, monkeypatch) -> Callable[..., Result]:
    """Run `lrcn` with the recognizers, which need no loading, beside the zoo's captioners."""
    load = lrcn_keras.load
    monkeypatch.setattr(
        lrcn_keras, "load", lambda name: recognizers.get(name) or load(name), raising=False
    )
    return run


@pytest.fixture(scope="session")
def saved_recognizer(recognizers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of "fight-recognizer", saved."""
    folder = tmp_path_factory.mktemp("recognizers") / "fight-recognizer"
    lrcn_keras.save(recognizers["fight-recognizer"], folder)
    return folder


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory: pytest.TempPathFactory, make_clip) -> Path:
    """`data/clips.csv` of 8 clips of 12 to 19 frames at 20 frames/s, by 4 cameras; read only."""
    folder = tmp_path_factory.mktemp("clips")
    rng = np.random.default_rng(0)
    rows = ["file,label,camera"]
    for number in range(8):
        label = ("left", "right")[number % 2]
        noise = rng.integers(0, 256, (48, 64, 3)).astype(np.uint8)
        noise = noise // (number + 1)  # clips of different brightness
        moves = np.arange(12 + number) * (1 if label == "right" else -1)
        frames = np.stack([np.roll(noise, move, axis=1) for move in moves])
        make_clip(folder / "data" / label / f"{number}.mp4", frames, 20)
        rows.append(f"{label}/{number}.mp4,{label},cam{number // 2}")
    (folder / "data" / "clips.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder
