import hashlib
import json
import shutil

import pytest

import lrcn_keras
from lrcn_keras.zoo.readme import render


def test_a_folder_holds_model_card_recipe_and_readme(saved):
    assert sorted(path.name for path in saved.iterdir()) == [
        "README.md",
        "card.json",
        "model",
        "recipe.toml",
    ]
    assert (saved / "recipe.toml").read_text() == 'name = "tiny-captioner"\n'


def test_the_card_says_what_was_said_and_what_was_measured(saved, captioner, said):
    card = lrcn_keras.card(saved)
    assert {key: card[key] for key in said} == said
    assert card["name"] == "tiny-captioner"
    assert card["task"] == "image-captioning"
    assert card["class"] == "ImageCaptioner"
    assert card["backbone"] == "own_cnn" and card["image_size"] == 32
    assert card["vocabulary_size"] == len(captioner.vocabulary)
    assert card["parameters"] == captioner.count_params()
    assert card["decoder"]["name"] == "beam"
    files = {path for path in (saved / "model").rglob("*") if path.is_file()}
    assert card["size"] == sum(path.stat().st_size for path in files)
    assert card["sha256"] == {
        path.relative_to(saved).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_flops_are_two_for_each_multiply_add(saved, captioner):
    words = len(captioner.vocabulary)
    first, second = 15 * 15 * 3 * 3 * 3 * 6, 7 * 7 * 3 * 3 * 6 * 8
    image_rows = 8 * 4 * 8  # the image enters the second LSTM
    lstms = (8 + 8) * 4 * 8 + (8 + 8) * 4 * 8
    assert lrcn_keras.card(saved)["flops"] == {
        "image": 2 * (first + second + image_rows),
        "word": 2 * (lstms + 8 * words),
    }


def test_the_readme_says_it_in_words(saved, captioner):
    text = (saved / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# tiny-captioner\n\nNames a coloured shape.\n")
    assert f"| parameters | {captioner.count_params():,} |" in text
    assert "| data | decoding | BLEU-4 | images |" in text
    assert "| shapes test | beam | 0.250 [0.200, 0.312] | 1,200 |" in text
    assert "- shapes, CC0-1.0, 12 photos" in text
    assert '```toml\nname = "tiny-captioner"\n```' in text


def test_saving_again_replaces_the_model_and_keeps_other_files(saved, tmp_path, photos):
    folder = shutil.copytree(saved, tmp_path / "renamed")
    (folder / "LICENSE").write_text("mine")
    (folder / "model" / "stale").touch()
    model = lrcn_keras.load(saved)
    model.word_decoder.logits.bias.assign(model.word_decoder.logits.bias + 0.5)
    lrcn_keras.save(model, folder, card={**lrcn_keras.card(saved), "name": "renamed"})
    assert (folder / "LICENSE").read_text() == "mine"
    assert "renamed" in (folder / "README.md").read_text()
    assert (folder / "recipe.toml").is_file()
    assert not (folder / "model" / "stale").exists()
    assert lrcn_keras.load(folder).caption(photos[0]) == model.caption(photos[0])
    assert [path.name for path in tmp_path.iterdir()] == ["renamed"]


def test_a_failure_leaves_what_was_there(saved, captioner, tmp_path):
    folder = shutil.copytree(saved, tmp_path / "tiny-captioner")
    before = lrcn_keras.card(folder)
    with pytest.raises(ValueError, match=r"no field \['colour'\], allowed are .*licence"):
        lrcn_keras.save(captioner, folder, card={"colour": "red"})
    with pytest.raises(ValueError, match=r"needs \['split', 'decoding or protocol'\]"):
        lrcn_keras.save(captioner, folder, card={"metrics": [{"dataset": "d", "values": {}}]})
    assert lrcn_keras.card(folder) == before
    lrcn_keras.load(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-captioner"]


def test_the_card_is_plain_json(saved):
    text = (saved / "card.json").read_text(encoding="utf-8")
    assert json.loads(text)["metrics"][0]["values"] == {"BLEU-4": 0.25, "images": 1200}


def test_a_readme_leaves_out_what_says_nothing(saved):
    beam = {"name": "beam", "max_length": 20, "beams": 3, "length_penalty": 0.5, "forbidden": [1]}
    common = {"dataset": "shapes", "split": "test"}
    metrics = [
        {**common, "decoding": beam, "stage": "last", "values": {"CIDEr-D": 1.0, "METEOR": None}},
        {**common, "decoding": "greedy", "values": {"CIDEr-D": None}},
    ]
    text = render({**lrcn_keras.card(saved), "metrics": metrics, "limits": "", "licence": "MIT"})
    assert "| data | stage | decoding | CIDEr-D |" in text
    assert "| shapes test | last | beam, beams 3, length_penalty 0.5 | 1.000 |" in text
    assert "| shapes test |  | greedy | - |" in text
    assert "bootstrap" not in text and "## Limits" not in text and "## Recipe" not in text
    assert "## Results\n\nNone were measured." in render({**lrcn_keras.card(saved), "metrics": []})
