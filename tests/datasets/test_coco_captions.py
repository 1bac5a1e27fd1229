import json

import pytest

from lrcn_keras.datasets import coco_captions


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def original(*entries):
    return {
        "images": [{"id": index, "file_name": file} for index, (file, _) in enumerate(entries)],
        "annotations": [
            {"image_id": index, "id": 7, "caption": caption}
            for index, (_, captions) in enumerate(entries)
            for caption in captions
        ],
    }


@pytest.mark.parametrize("inside", ["", "coco"])
def test_captions_by_file(tmp_path, write_photo, inside):
    write_photo(tmp_path / inside / "photos" / "7.jpg")
    write_json(tmp_path / inside / "captions_dev.json", {"7.jpg": ["A dog.", "Dog"]})
    for split in ("dev", "val"):
        dataset = coco_captions(tmp_path, split)
        assert dataset.name == "coco:dev"
        assert dataset.references == {"7.jpg": ["A dog.", "Dog"]}


@pytest.mark.parametrize("year", ["2014", "2017"])
def test_the_originals_layout(tmp_path, write_photo, year):
    for part, file in (("train", "1.jpg"), ("val", "2.jpg")):
        write_photo(tmp_path / f"{part}{year}" / file)
        content = original((file, ["x", "y"]), ("no_captions.jpg", []))
        write_json(tmp_path / "annotations" / f"captions_{part}{year}.json", content)
    assert coco_captions(tmp_path, "train").references == {"1.jpg": ["x", "y"]}
    assert coco_captions(tmp_path, "dev").references == {"2.jpg": ["x", "y"]}
    assert coco_captions(tmp_path, f"val{year}").photos == [str(tmp_path / f"val{year}" / "2.jpg")]


def test_the_year_chooses_where_there_are_both(tmp_path, write_photo):
    for year in ("2014", "2017"):
        write_photo(tmp_path / f"train{year}" / f"{year}.jpg")
        content = original((f"{year}.jpg", ["x"]))
        write_json(tmp_path / "annotations" / f"captions_train{year}.json", content)
    assert coco_captions(tmp_path, "train").names == ["2014.jpg"]
    assert coco_captions(tmp_path, "train2017").names == ["2017.jpg"]


def test_the_karpathy_split(tmp_path, write_photo):
    rows = [("train2014", "1.jpg", "train"), ("val2014", "2.jpg", "restval")]
    rows += [("val2014", "3.jpg", "val"), ("val2014", "4.jpg", "test")]
    images = [
        {
            "filepath": folder,
            "filename": file,
            "split": split,
            "sentences": [{"raw": f"In {split}."}],
        }
        for folder, file, split in rows
    ]
    for folder, file, _ in rows:
        write_photo(tmp_path / folder / file)
    write_json(tmp_path / "dataset_coco.json", {"images": images})
    for folder, file, split in rows:
        expected = {f"{folder}/{file}": [f"In {split}."]}
        assert coco_captions(tmp_path, split).references == expected
    assert coco_captions(tmp_path, "dev").names == ["val2014/3.jpg"]


def test_errors_say_what_is_wrong(tmp_path, write_photo):
    with pytest.raises(ValueError, match="has the splits train, restval, dev, .*got 'tset'"):
        coco_captions(tmp_path, "tset")
    with pytest.raises(ValueError, match="captions_train2014.json or .*captions_train.json"):
        coco_captions(tmp_path, "train")
    (tmp_path / "captions_train.json").write_text("{")
    with pytest.raises(ValueError, match="looked for photos in"):
        coco_captions(tmp_path, "train")
    write_photo(tmp_path / "photos" / "7.jpg")
    with pytest.raises(ValueError, match="captions_train.json is not JSON"):
        coco_captions(tmp_path, "train")
    write_json(tmp_path / "captions_train.json", ["7.jpg"])
    with pytest.raises(ValueError, match=r"must hold \{file: \[captions\]\}"):
        coco_captions(tmp_path, "train")


@pytest.mark.parametrize("file", ["dataset_coco.json", "annotations/captions_train2014.json"])
def test_another_layout_inside_the_file_is_an_error(tmp_path, write_photo, file):
    write_photo(tmp_path / "train2014" / "1.jpg")
    write_json(tmp_path / file, {"pictures": []})
    with pytest.raises(ValueError, match="is not laid out like .*'images'"):
        coco_captions(tmp_path, "train")
