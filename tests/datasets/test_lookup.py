import json

import pytest

from lrcn_keras.datasets import get


def test_a_plus_joins_data_sets(tmp_path, write_photo):
    write_photo(tmp_path / "coco" / "photos" / "1.jpg")
    (tmp_path / "coco" / "captions_train.json").write_text(json.dumps({"1.jpg": ["x"]}))
    write_photo(tmp_path / "mine" / "2.jpg")
    (tmp_path / "mine" / "captions.json").write_text(json.dumps({"2.jpg": ["y"]}))
    joined = get("coco:train + folder:mine", tmp_path)
    assert joined.name == "coco:train+folder:mine"
    assert joined.references == {"1.jpg": ["x"], "2.jpg": ["y"]}


@pytest.fixture
def clips(tmp_path):
    """A folder `mine` of clips with a table, and one `other` with a folder a class."""
    for file in ("mine/1.mp4", "mine/2.mp4", "other/run/3.avi", "other/walk/4.avi"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    (tmp_path / "mine" / "clips.csv").write_text("file,label,day\n1.mp4,run,1\n2.mp4,walk,2\n")
    return tmp_path


def test_conditions_stand_behind_a_folder_of_clips(clips):
    assert get("clips:mine", clips).names == ["1.mp4", "2.mp4"]
    assert get("clips:mine:day=2", clips).names == ["2.mp4"]
    assert get("clips:mine:day!=2:label=run", clips).names == ["1.mp4"]
    joined = get("clips:mine:day=1+clips:other", clips)
    assert joined.names == ["1.mp4", "run/3.avi", "walk/4.avi"]


def test_photos_and_clips_do_not_mix(clips, write_photo):
    write_photo(clips / "photos" / "1.jpg")
    (clips / "captions.json").write_text(json.dumps({"1.jpg": ["x"]}))
    with pytest.raises(ValueError, match="joins photos and clips"):
        get("folder+clips:mine", clips)
    with pytest.raises(ValueError, match="folder has none, got 'folder:fold=1'"):
        get("folder:fold=1", clips)
    (clips / "mine" / "captions.json").write_text('{"1.mp4": "A man runs."}')
    with pytest.raises(ValueError, match="joins photos and clips, or captions and classes"):
        get("described:mine+clips:mine", clips)


@pytest.mark.parametrize(
    "name", ["flickr", "flickr8k", "imagenet:train", "", "coco:train+", "fights:train"]
)
def test_an_unknown_name_is_an_error_that_lists_the_names(tmp_path, write_photo, name):
    write_photo(tmp_path / "photos" / "1.jpg")
    (tmp_path / "captions_train.json").write_text(json.dumps({"1.jpg": ["x"]}))
    with pytest.raises(
        ValueError, match="Data sets are charades:SPLIT, coco:SPLIT, .*, folder:NAME, .*, got"
    ):
        get(name, tmp_path)
