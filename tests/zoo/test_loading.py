import json
import shutil
import sys

import keras
import numpy as np
import pytest

import lrcn_keras
from lrcn_keras.zoo import loading


@pytest.fixture
def copy(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "copy")


def change_config(folder, **changes):
    path = folder / "assets.extra" / "config.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    saved["config"] |= changes
    path.write_text(json.dumps(saved), encoding="utf-8")


def test_a_loaded_model_equals_the_saved_one(saved, captioner, photos):
    model = lrcn_keras.load(saved)
    assert type(model) is type(captioner)
    assert model.vocabulary == captioner.vocabulary
    for loaded, weight in zip(model.weights, captioner.weights, strict=True):
        assert loaded.dtype == "float32"
        np.testing.assert_array_equal(loaded, weight)
    assert model.caption(photos) == captioner.caption(photos)
    assert model.score(photos[0], "a red circle") == captioner.score(photos[0], "a red circle")


def test_an_exported_savedmodel_alone_is_enough(saved, captioner, photos):
    model = lrcn_keras.load(saved / "model")
    assert model.caption(photos[0]) == captioner.caption(photos[0])


def test_two_loaded_models_share_nothing(saved, photos):
    one, other = lrcn_keras.load(saved), lrcn_keras.load(saved)
    before = other.caption(photos)
    for weight in one.weights:
        weight.assign(keras.ops.zeros_like(weight))
    assert other.caption(photos) == before
    assert one.caption(photos) != before


def test_a_loaded_model_trains(saved, photo_folder):
    model = lrcn_keras.load(saved, trainable_backbone="second")
    before = [np.array(weight) for weight in model.weights]
    model.compile()
    batches = model.prepare(lrcn_keras.datasets.folder(photo_folder), 4, training=True)
    model.fit(batches, steps_per_epoch=1, verbose=0)
    changed = {
        weight.path
        for weight, old in zip(model.weights, before, strict=True)
        if not np.array_equal(weight, old)
    }
    assert {"second/kernel", "word_decoder/embedding/embeddings"} <= changed
    assert "first/kernel" not in changed


def test_names_are_found_in_lrcn_zoo(saved, captioner, photos, monkeypatch):
    monkeypatch.setenv("LRCN_ZOO", str(saved.parent))
    assert lrcn_keras.load("tiny-captioner").caption(photos[0]) == captioner.caption(photos[0])
    with pytest.raises(ValueError, match="Did you mean tiny-captioner"):
        lrcn_keras.load("tiny-captoiner")


@pytest.mark.parametrize(
    "name", ["variables/variables.data-00000-of-00001", "assets.extra/config.json"]
)
def test_a_damaged_file_is_named(copy, name):
    path = copy / "model" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"{path.name} is damaged"):
        lrcn_keras.load(copy)
    path.unlink()
    with pytest.raises(ValueError, match=f"{path.name} is missing"):
        lrcn_keras.load(copy)


def test_a_damaged_card_is_named(copy):
    (copy / "card.json").write_text("{")
    with pytest.raises(ValueError, match=r"card\.json is damaged"):
        lrcn_keras.load(copy)
    (copy / "card.json").write_text("[]")
    with pytest.raises(ValueError, match=r"card\.json is damaged"):
        lrcn_keras.card(copy)


def test_another_vocabulary_is_refused(copy, captioner):
    words = list(captioner.vocabulary.words[2:])
    path = copy / "model" / "assets.extra" / "vocabulary.txt"
    lrcn_keras.Vocabulary([*words[1:], words[0]]).save(path)
    with pytest.raises(ValueError, match=r"vocabulary\.txt is not the model's"):
        lrcn_keras.load(copy / "model")


def test_weights_that_do_not_fit_the_config_are_refused(copy):
    change_config(copy / "model", units=9)
    with pytest.raises(ValueError, match=r"weight 9 .*\[8, 32\].*\[8, 36\]"):
        lrcn_keras.load(copy / "model")
    change_config(copy / "model", units=8, variant="1u")
    with pytest.raises(ValueError, match="the model has"):
        lrcn_keras.load(copy / "model")


def test_a_config_that_cannot_be_used_is_refused(copy):
    change_config(copy / "model", unheard_of=1)
    with pytest.raises(ValueError, match="config cannot be used.*unheard_of"):
        lrcn_keras.load(copy / "model")


def test_code_in_a_config_is_refused_and_not_run(copy, tmp_path):
    trace = str(tmp_path / "trace")
    cnn = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Lambda(
                lambda x: (open(trace, "w").close(), x)[1], output_shape=(32, 32, 3)
            ),
        ]
    )
    (tmp_path / "trace").unlink(missing_ok=True)
    change_config(copy / "model", backbone=keras.saving.serialize_keras_object(cnn))
    with pytest.raises(ValueError, match="(?i)lambda"):
        lrcn_keras.load(copy / "model")
    assert not (tmp_path / "trace").exists()


def test_a_later_format_and_an_unknown_class_are_refused(copy):
    path = copy / "model" / "assets.extra" / "config.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**saved, "format": 2}), encoding="utf-8")
    with pytest.raises(ValueError, match="has format 2, .* reads format 1"):
        lrcn_keras.load(copy / "model")
    path.write_text(json.dumps({**saved, "class": "MindReader"}), encoding="utf-8")
    with pytest.raises(ValueError, match="holds a 'MindReader', .*ImageCaptioner"):
        lrcn_keras.load(copy / "model")


def test_a_savedmodel_of_another_program_is_refused(copy):
    shutil.rmtree(copy / "model" / "assets.extra")
    with pytest.raises(ValueError, match="was not saved by lrcn_keras"):
        lrcn_keras.load(copy / "model")


def test_weights_of_a_cnn_alone_are_no_model():
    with pytest.raises(ValueError, match="weights of a CNN alone"):
        lrcn_keras.load("efficientnet-lite0-imagenet")


def test_a_missing_package_names_the_extra(saved, tmp_path, monkeypatch):
    (tmp_path / "clips.py").write_text("import av\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "av", None)
    monkeypatch.setitem(loading._ROOM_OF, "ImageCaptioner", "clips")
    with pytest.raises(
        ImportError, match=r"needs the package av: pip install 'lrcn-keras\[video\]'"
    ):
        lrcn_keras.load(saved)
