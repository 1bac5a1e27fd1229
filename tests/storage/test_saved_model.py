import pytest

from lrcn_keras import storage


def test_a_folder_appears_only_when_it_is_filled(tmp_path):
    folder = tmp_path / "deep" / "folder"
    with storage.replaced(folder, ["mark"]) as new:
        assert new.is_dir() and new.parent == folder.parent
        (new / "mark").write_text("1")
        assert not folder.exists()
    assert (folder / "mark").read_text() == "1"
    with storage.replaced(folder, ["mark"]) as new:
        (new / "mark").write_text("2")
        assert (folder / "mark").read_text() == "1"
    assert (folder / "mark").read_text() == "2"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_failure_leaves_the_old_folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mark").write_text("1")
    with pytest.raises(KeyError), storage.replaced(folder, ["mark"]) as new:
        (new / "mark").write_text("2")
        raise KeyError
    assert (folder / "mark").read_text() == "1"
    assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_without_a_mark_and_a_file_are_left_alone(tmp_path):
    (tmp_path / "folder").mkdir()
    with storage.replaced(tmp_path / "folder", ["mark"]) as new:  # empty: nothing can be lost
        (new / "other").touch()
    for path in (tmp_path / "folder", tmp_path / "folder" / "other"):
        with pytest.raises(ValueError, match="has no mark or sign"):
            with storage.replaced(path, ["mark", "sign"]):
                pass
        assert path.exists()


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    with storage.replaced(tmp_path / "link", ["mark"]) as new:
        (new / "mark").touch()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "mark").is_file()


@pytest.mark.parametrize("text", ["{", "[]", '{"class": "X"}'])
def test_a_damaged_config_is_named(tmp_path, text):
    (tmp_path / "assets.extra").mkdir()
    (tmp_path / "assets.extra" / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config\.json is damaged"):
        storage.read_config(tmp_path)
