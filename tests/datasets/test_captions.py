import pytest
import tensorflow as tf

from lrcn_keras.datasets import CaptionDataset


def test_examples_hold_the_bytes_of_the_files_in_order(tmp_path, write_photo):
    paths = [
        write_photo(tmp_path / name, (shade, 0, 0))
        for name, shade in [("b.jpg", 9), ("ä c.jpg", 200)]
    ]
    dataset = CaptionDataset("mine", ["b", "c"], paths, [["one", "two two"], ["three"]])
    first, second = dataset.examples()
    assert first["name"] == b"b"
    assert first["image"].numpy() == paths[0].read_bytes()
    assert second["image"].numpy() == paths[1].read_bytes()
    assert first["captions"].numpy().tolist() == [b"one", b"two two"]
    assert second["captions"].numpy().tolist() == [b"three"]
    assert dataset.references == {"b": ["one", "two two"], "c": ["three"]}
    assert repr(dataset) == "CaptionDataset('mine', 2 photos, 3 captions)"


def test_photos_may_be_bytes_and_paths_mixed(tmp_path, write_photo, jpeg):
    path = write_photo(tmp_path / "a.jpg")
    dataset = CaptionDataset("mixed", ["a", "b"], [path, jpeg()], [["x"], ["y"]])
    read = [(int(index), image.numpy()) for index, image in dataset.encoded_photos()]
    assert read == [(0, path.read_bytes()), (1, jpeg())]
    assert next(iter(dataset.examples()))["image"].numpy() == path.read_bytes()


def test_a_file_that_vanished_can_be_skipped(tmp_path, write_photo):
    paths = [write_photo(tmp_path / f"{index}.jpg") for index in range(3)]
    dataset = CaptionDataset("mine", "abc", paths, [["x"]] * 3)
    paths[1].unlink()
    with pytest.raises(tf.errors.NotFoundError):
        list(dataset.encoded_photos())
    assert [int(index) for index, _ in dataset.encoded_photos().ignore_errors()] == [0, 2]


def test_missing_photos_are_counted_named_and_skipped(tmp_path, write_photo):
    write_photo(tmp_path / "sub" / "a.jpg")
    captions = {"gone 1.jpg": ["x"], "sub/a.jpg": ["y"], "gone 2.jpg": ["z"]}
    with pytest.warns(UserWarning, match="skipped 2 of 3 photos.*gone 1.jpg, gone 2.jpg"):
        dataset = CaptionDataset.from_folder("mine", tmp_path, captions)
    assert dataset.names == ["sub/a.jpg"]
    assert dataset.captions == [["y"]]


def test_it_is_an_error_when_no_photo_is_left(tmp_path):
    with pytest.raises(ValueError, match=r"none of 7 photos is in .*, 0.jpg.* and 2 more"):
        CaptionDataset.from_folder("mine", tmp_path, {f"{index}.jpg": ["x"] for index in range(7)})


@pytest.mark.parametrize(
    ("names", "captions", "message"),
    [
        (["a", "b"], [["x"]], "got \\(2, 2, 1\\)"),
        ([], [], "at least one"),
        (["a", "a"], [["x"], ["y"]], "twice: a"),
        (["a", "b"], [["x"], []], "without captions: b"),
    ],
)
def test_inconsistent_lists_are_an_error(names, captions, message):
    with pytest.raises(ValueError, match=message):
        CaptionDataset("mine", names, [b""] * len(names), captions)


def test_joined_data_sets_keep_names_unique():
    one = CaptionDataset("one", ["a", "b"], [b"1", b"2"], [["x"], ["y"]])
    two = CaptionDataset("two", ["b", "c"], [b"3", b"4"], [["z"], ["w", "v"]])
    both = one + two
    assert both.name == "one+two"
    assert both.names == ["a", "one/b", "two/b", "c"]
    assert both.photos == [b"1", b"2", b"3", b"4"]
    assert both.references["two/b"] == ["z"]
    assert len(both) == 4
    with pytest.raises(ValueError, match="twice: one/a, one/b"):
        one + one
