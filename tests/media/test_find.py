import pytest

from lrcn_keras import MediaError
from lrcn_keras.media import find_photos


@pytest.fixture
def folder(tmp_path):
    for name in (
        "b.JPG",
        "a.png",
        "sub/été am See.webp",
        "sub/note.txt",
        ".hidden/c.jpg",
        "._a.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def names(photos, folder):
    return [photo.relative_to(folder).as_posix() for photo in photos]


def test_a_folder_gives_the_photos_below_it_sorted(folder):
    assert names(find_photos([folder]), folder) == ["a.png", "b.JPG", "sub/été am See.webp"]
    assert names(find_photos(str(folder / "sub")), folder) == ["sub/été am See.webp"]


def test_a_file_may_have_any_name_and_order_is_kept(folder):
    given = [folder / "sub" / "note.txt", str(folder / "a.png"), folder / "sub"]
    assert names(find_photos(given), folder) == ["sub/note.txt", "a.png", "sub/été am See.webp"]


def test_globs(folder):
    assert names(find_photos([str(folder / "*.png")]), folder) == ["a.png"]
    assert names(find_photos([f"{folder}/**/*é*"]), folder) == ["sub/été am See.webp"]
    (folder / "odd[1].jpg").touch()
    assert names(find_photos([folder / "odd[1].jpg"]), folder) == ["odd[1].jpg"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.jpg", "no such file or folder"),
        ("*.gif", "no file matches"),
        ("empty", "no photos in this folder"),
    ],
)
def test_what_matches_nothing_is_named(folder, name, reason):
    (folder / "empty").mkdir()
    (folder / "empty" / "note.txt").touch()
    with pytest.raises(MediaError, match=reason) as error:
        find_photos([folder / "a.png", folder / name])
    assert error.value.file == str(folder / name)


def test_no_paths_give_no_photos():
    assert find_photos([]) == []
