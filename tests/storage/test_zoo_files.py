import json

from lrcn_keras import storage


def test_every_file_of_the_shipped_models_is_what_its_card_says():
    names = storage.model_names()
    assert "efficientnet-lite0-imagenet" in names
    for name in names:
        folder = storage.find_model(name)
        hashes = json.loads((folder / "card.json").read_text(encoding="utf-8"))["sha256"]
        storage.check_hashes(folder, hashes)
        assert {f"model/{file}" for file in storage.file_hashes(folder / "model")} <= set(hashes)
