"""A zoo of tiny captioners, and `lrcn` run in this process."""

from collections.abc import Callable
from pathlib import Path

import keras
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
