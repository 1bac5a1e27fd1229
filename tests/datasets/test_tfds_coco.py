import pytest
import tensorflow as tf

from lrcn_keras.datasets import get, tfds_coco_captions

tfds = pytest.importorskip("tensorflow_datasets")

CAPTIONS = {"COCO_val2014_1.jpg": ["A dog.", "Ein Mädchen"], "COCO_val2014_2.jpg": ["x", "y"]}


@pytest.fixture
def prepared(tmp_path, jpeg, write_tfds_coco):
    photos = {file: (jpeg(i), captions) for i, (file, captions) in enumerate(CAPTIONS.items())}
    write_tfds_coco(tmp_path, {"val": photos})
    return tmp_path


def test_records_become_photos_and_captions(prepared, monkeypatch):
    dataset = tfds_coco_captions(prepared, "dev")
    assert dataset.name == "tfds_coco:dev"
    assert dataset.references == CAPTIONS
    images = [image.numpy() for _, image in dataset.encoded_photos()]
    assert [tf.io.decode_jpeg(image).shape for image in images] == [(30, 40, 3)] * 2
    monkeypatch.setattr(tfds, "load", None)  # the second time it finds what it unpacked
    assert get("tfds_coco:val", prepared).photos == dataset.photos


def test_an_unknown_split_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="train, restval, dev, val, test, got 'all'"):
        tfds_coco_captions(tmp_path, "all")
