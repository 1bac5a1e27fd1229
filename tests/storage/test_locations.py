import functools
import json
import shutil

import keras
import pytest

from lrcn_keras import storage
from lrcn_keras.storage import locations


def make_model(folder):
    (folder / "model").mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    return folder


def test_a_path_is_found_before_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRCN_ZOO", str(tmp_path / "zoo"))
    inside = make_model(tmp_path / "zoo" / "mine")
    assert storage.find_model("mine") == inside
    here = make_model(tmp_path / "mine")
    assert storage.find_model("mine").resolve() == here
    assert storage.find_model(here) == here


def test_lrcn_zoo_holds_several_folders_searched_in_order(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.setenv("LRCN_ZOO", f"{first}:{tmp_path / 'absent'}:{second}")
    make_model(first / "one")
    make_model(second / "one")
    two = make_model(second / "two")
    (second / "notes").mkdir()
    assert storage.find_model("one") == first / "one"
    assert storage.find_model("two") == two
    names = storage.model_names()
    assert {"one", "two"} <= set(names) and "notes" not in names
    assert names == sorted(set(names))


def test_an_unknown_name_lists_near_and_available_names(tmp_path, monkeypatch):
    monkeypatch.setenv("LRCN_ZOO", str(tmp_path))
    make_model(tmp_path / "harbour-captioner")
    with pytest.raises(ValueError, match="Did you mean harbour-captioner") as error:
        storage.find_model("harbor-captioner")
    assert "Available: " in str(error.value)
    with pytest.raises(ValueError) as error:
        storage.find_model("zzzzzz")
    assert "Did you mean" not in str(error.value)


def test_a_folder_that_is_no_model_says_what_is_missing(tmp_path):
    with pytest.raises(ValueError, match=r"card\.json and model/"):
        storage.find_model(tmp_path)


def test_the_zoo_in_the_wheel_comes_before_a_folder_beside_the_package(tmp_path, monkeypatch):
    monkeypatch.delenv("LRCN_ZOO", raising=False)
    package = tmp_path / "lrcn_keras"
    make_model(tmp_path / "zoo" / "beside")
    monkeypatch.setattr(locations, "_PACKAGE", package)
    assert "beside" not in storage.model_names()  # installed: "zoo" is somebody else's
    (tmp_path / "pyproject.toml").touch()
    assert "beside" in storage.model_names()
    make_model(package / "_zoo" / "inside")
    assert "inside" in storage.model_names()
    assert "beside" not in storage.model_names()


@pytest.mark.parametrize("depth", ["flat", "folder"])
def test_a_model_in_the_index_is_downloaded_once_and_checked(depth, tmp_path, monkeypatch):
    (tmp_path / "cache").mkdir()
    get_file = functools.partial(keras.utils.get_file, cache_dir=str(tmp_path / "cache"))
    monkeypatch.setattr(keras.utils, "get_file", get_file)
    packed = make_model(tmp_path / "far" / "remote")
    root = packed if depth == "flat" else packed.parent
    archive = shutil.make_archive(str(tmp_path / "remote.v1"), "gztar", root)
    digest = storage.file_hashes(tmp_path)["remote.v1.tar.gz"]
    index = tmp_path / "index.json"
    entry = {"url": f"file://{archive}", "sha256": digest}
    index.write_text(json.dumps({"remote": entry, "bad": {**entry, "sha256": "0" * 64}}))
    monkeypatch.setattr(locations, "_INDEX", index)
    assert "remote" in storage.model_names()
    folder = storage.find_model("remote")
    assert (folder / "card.json").is_file() and tmp_path / "cache" in folder.parents
    (tmp_path / "remote.v1.tar.gz").unlink()
    assert storage.find_model("remote") == folder
    with pytest.raises(ValueError, match="'bad' could not be downloaded"):
        storage.find_model("bad")
