import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras.datasets import get, tfds_coco_captions

tfds = pytest.importorskip("tensorflow_datasets")

CAPTIONS = {"COCO_val2014_1.jpg": ["A dog.", "Ein Mädchen"], "COCO_val2014_2.jpg": ["x", "y"]}


@pytest.fixture
def prepared(tmp_path, jpeg):
    """A data set laid out as TensorFlow Datasets lays out coco_captions."""
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "image/filename": tfds.features.Text(),
            "image/id": np.int64,
            "captions": tfds.features.Sequence({"id": np.int64, "text": tfds.features.Text()}),
            "objects": tfds.features.Sequence(
                {"area": np.int64, "bbox": tfds.features.BBoxFeature()}
            ),
        }
    )

    def rows():
        for index, (file, captions) in enumerate(CAPTIONS.items()):
            row = {
                "image": tf.io.decode_jpeg(jpeg(index)).numpy(),
                "image/filename": file,
                "image/id": index,
                "captions": [{"id": 0, "text": caption} for caption in captions],
                "objects": [],
            }
            yield index, row

    tfds.dataset_builders.store_as_tfds_dataset(
        name="coco_captions",
        version="1.1.0",
        features=features,
        split_datasets={"val": list(rows())},
        data_dir=tmp_path,
        config="2014",
        disable_shuffling=True,
    )
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
