import json

import pytest

from lrcn_keras.datasets import clip_folder, folder, get

NAMES = ["été am See.jpg", "b.jpg"]


@pytest.fixture(params=["", "photos"])
def home(request, tmp_path, write_photo):
    for name in NAMES:
        write_photo(tmp_path / request.param / name)
    return tmp_path


def test_captions_in_json(home):
    (home / "captions.json").write_text(
        json.dumps({NAMES[0]: ["A lake.", "Water"], "b.jpg": "One"})
    )
    dataset = folder(home)
    assert dataset.references == {NAMES[0]: ["A lake.", "Water"], "b.jpg": ["One"]}
    assert dataset.name == f"folder:{home.name}"


@pytest.mark.parametrize("column", ["file", "Image"])
def test_captions_in_a_table(home, column):
    rows = [f"{column},score,caption", f'{NAMES[0]},1,"A lake, blue"', "b.jpg,2,One"]
    rows += [f"{NAMES[0]},3,Water", "b.jpg,,", ""]
    (home / "captions.csv").write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    assert folder(home).references == {NAMES[0]: ["A lake, blue", "Water"], "b.jpg": ["One"]}


def test_a_text_file_beside_each_photo(home, write_photo):
    photos = home / "photos" if (home / "photos").is_dir() else home
    (photos / "été am See.txt").write_text("A lake.\n\n Water \n", encoding="utf-8")
    (photos / "b.txt").write_text("\n")
    (photos / "readme.txt").write_text("No photo")
    write_photo(photos / "without.JPG")
    write_photo(photos / "UPPER.JPG")
    (photos / "UPPER.txt").write_text("loud")
    assert folder(home).references == {"UPPER.JPG": ["loud"], NAMES[0]: ["A lake.", "Water"]}


def test_missing_photos_are_skipped_with_a_warning(home):
    (home / "captions.json").write_text(json.dumps({"b.jpg": ["x"], "gone.jpg": ["y"]}))
    with pytest.warns(UserWarning, match="skipped 1 of 2 photos.*gone.jpg"):
        assert folder(home).names == ["b.jpg"]


def test_errors_say_what_is_wrong(home, tmp_path):
    with pytest.raises(ValueError, match="nowhere is not a folder"):
        folder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="looked for captions.json, captions.csv or photos"):
        folder(home)
    (home / "captions.csv").write_text("name,text\nb.jpg,x\n")
    with pytest.raises(ValueError, match=r"columns 'file' and 'caption', has \['name', 'text'\]"):
        folder(home)
    (home / "captions.json").write_text(json.dumps({"b.jpg": [1]}))
    with pytest.raises(ValueError, match=r"captions.json must hold \{file: \[captions\]\}"):
        folder(home)


def test_get_finds_folders_by_name(tmp_path, write_photo):
    write_photo(tmp_path / "birds" / "a.jpg")
    (tmp_path / "birds" / "a.txt").write_text("A bird.")
    assert get("folder:birds", tmp_path).names == ["a.jpg"]
    assert get("folder", tmp_path / "birds").names == ["a.jpg"]


@pytest.mark.parametrize("place", ["", "clips"])
def test_clips_are_read_like_photos(tmp_path, place):
    clips = tmp_path / "films" / place
    clips.mkdir(parents=True)
    for clip in ("a.mp4", "b.MOV"):
        (clips / clip).touch()
        (clips / clip).with_suffix(".txt").write_text("A man.\nHe walks.\n")
    dataset = get("described:films", tmp_path)
    assert dataset.name == "described:films"
    assert dataset.references == {
        "a.mp4": ["A man.", "He walks."],
        "b.MOV": ["A man.", "He walks."],
    }
    assert dataset.clips == [str(clips / "a.mp4"), str(clips / "b.MOV")]
    (tmp_path / "films" / "captions.csv").write_text("video,caption\nb.MOV,One\ngone.mp4,Two\n")
    with pytest.warns(UserWarning, match="skipped 1 of 2 clips.*gone.mp4"):
        assert clip_folder(tmp_path / "films").references == {"b.MOV": ["One"]}
    (tmp_path / "films" / "captions.json").write_text('{"gone.mp4": "Two"}')
    with pytest.raises(ValueError, match="none of 1 clips is in"):
        clip_folder(tmp_path / "films")
