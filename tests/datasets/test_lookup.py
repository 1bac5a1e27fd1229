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


@pytest.mark.parametrize("name", ["flickr", "flickr8k", "imagenet:train", "", "coco:train+"])
def test_an_unknown_name_is_an_error_that_lists_the_names(tmp_path, write_photo, name):
    write_photo(tmp_path / "photos" / "1.jpg")
    (tmp_path / "captions_train.json").write_text(json.dumps({"1.jpg": ["x"]}))
    with pytest.raises(
        ValueError, match="Data sets are coco:SPLIT, flickr8k:SPLIT, .*, folder:NAME, got"
    ):
        get(name, tmp_path)
