import json
import subprocess
import sys

import pytest

import lrcn_keras


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    for name in ("red-captioner", "blue-captioner", "clip-recognizer"):
        (tmp_path / name / "model").mkdir(parents=True)
        card = {"name": name, "class": "ImageCaptioner"}
        (tmp_path / name / "card.json").write_text(json.dumps(card))
    (tmp_path / "some-weights" / "model").mkdir(parents=True)
    (tmp_path / "some-weights" / "card.json").write_text("{}")
    monkeypatch.setenv("LRCN_ZOO", str(tmp_path))
    return tmp_path


def test_wildcards_choose_among_the_models(zoo):
    assert lrcn_keras.list_models("*-captioner")[-1] == "red-captioner"
    assert {"blue-captioner", "red-captioner"} <= set(lrcn_keras.list_models("*-captioner"))
    assert lrcn_keras.list_models("clip-?ecognizer") == ["clip-recognizer"]
    assert lrcn_keras.list_models("[rb]*e*-captioner") == ["blue-captioner", "red-captioner"]
    assert lrcn_keras.list_models("nothing*") == []
    assert set(lrcn_keras.list_models("*-captioner")) < set(lrcn_keras.list_models())


def test_weights_of_a_cnn_alone_are_not_listed_but_have_a_card(zoo):
    assert "some-weights" not in lrcn_keras.list_models()
    assert "efficientnet-lite0-imagenet" not in lrcn_keras.list_models()
    assert lrcn_keras.card("efficientnet-lite0-imagenet")["backbone"] == "efficientnet_lite0"


def test_an_unknown_name_lists_near_ones(zoo):
    with pytest.raises(ValueError, match="Did you mean red-captioner"):
        lrcn_keras.card("red-captoner")


def test_cards_and_lists_import_no_tensorflow():
    code = """
import sys, lrcn_keras
lrcn_keras.list_models()
lrcn_keras.card("efficientnet-lite0-imagenet")
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout == "[]\n", done.stderr
