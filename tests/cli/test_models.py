import json

import pytest

import lrcn_keras
from lrcn_keras.cli.models import _best, _line


def test_all_models_are_listed_with_their_sizes(run, zoo):
    words = run("models").stdout.split()
    for name in ("coco-captioner", "other-captioner"):
        assert name in words
        size = lrcn_keras.card(zoo / name)["size"]
        assert f"{size / 1e6:.1f}" in words


def test_a_pattern_chooses(run):
    text = run("models", "other-*").stdout
    assert "other-captioner" in text
    assert "coco-captioner" not in text


def test_json_is_the_cards(run, zoo):
    (line,) = run("models", "other-captioner", "--json").stdout.splitlines()
    card = json.loads((zoo / "other-captioner" / "card.json").read_text(encoding="utf-8"))
    assert json.loads(line) == card


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_pattern_without_models_is_an_error(run, options):
    result = run("models", "nothing-*", *options, status=1)
    assert "No model matches 'nothing-*'" in result.stderr
    assert result.stdout == ""


def test_the_best_result_on_each_data_set_is_shown():
    def result(split, decoding, **values):
        return {"dataset": "birds", "split": split, "decoding": decoding, "values": values}

    best = _best(
        [
            result("dev", "beam", **{"CIDEr-D": 0.9}),
            result("test", "greedy", **{"CIDEr-D": 0.5, "BLEU-4": 0.3}),
            result("test", "beam", **{"CIDEr-D": 0.61, "BLEU-4": 0.2}),
        ]
    )
    assert list(map(_line, best)) == [
        "birds dev: CIDEr-D 0.900",
        "birds test: CIDEr-D 0.610, BLEU-4 0.200",
    ]


def test_of_a_recognizer_the_fused_result_is_shown():
    def result(accuracy, **fields):
        values = {"video accuracy": accuracy}
        return {"dataset": "fights", "split": "fold=5", "protocol": "", "values": values} | fields

    results = [
        result(0.7, model="rgb"),
        result(0.9, model="flow"),
        result(0.8, model="fused 1/2, 1/2"),
        result(0.85, model="fused 1/3, 2/3"),
        result(0.95, model="single_frame, fused 1/3, 2/3"),
        result(0.1, model="model minus single_frame, fused", values={"gain": 0.1}),
    ]
    assert list(map(_line, _best(results))) == ["fights fold=5: video accuracy 0.850"]
    alone = [result(0.75, split="x"), result(0.9, split="x", model="single_frame")]
    assert list(map(_line, _best(alone))) == ["fights x: video accuracy 0.750"]
