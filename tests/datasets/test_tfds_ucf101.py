import numpy as np
import pytest

from lrcn_keras.datasets import get, tfds_ucf101

tfds = pytest.importorskip("tensorflow_datasets")
pytest.importorskip("av")

SHADES = [[0, 60, 120], [200, 100]]  # of each frame of the two clips


@pytest.fixture
def prepared(tmp_path):
    """Two clips laid out as TensorFlow Datasets lays out ucf101."""
    rows = [
        {"video": [np.full((24, 32, 3), shade, np.uint8) for shade in shades], "label": label}
        for shades, label in zip(SHADES, (100, 0), strict=True)
    ]
    tfds.dataset_builders.store_as_tfds_dataset(
        name="ucf101",
        version="2.0.0",
        config="ucf101_2",
        features=tfds.features.FeaturesDict(
            {
                "video": tfds.features.Video((None, None, None, 3), encoding_format="jpeg"),
                "label": tfds.features.ClassLabel(num_classes=101),
            }
        ),
        split_datasets={"test": list(enumerate(rows))},
        data_dir=tmp_path,
        disable_shuffling=True,
    )
    return tmp_path


def test_records_become_clips(prepared, monkeypatch):
    dataset = tfds_ucf101(prepared, "test2")
    assert dataset.name == "tfds_ucf101:test2"
    assert (len(dataset.classes), dataset.classes[0]) == (101, "ApplyEyeMakeup")
    assert dataset.labels.tolist() == [100, 0]
    for index, shades in enumerate(SHADES):
        clip = dataset.read(index)
        assert clip.shape == (len(shades), 24, 32, 3)
        np.testing.assert_allclose(clip.mean(axis=(1, 2, 3)), shades, atol=2)
    monkeypatch.setattr(tfds, "load", None)  # the second time it finds what it unpacked
    assert get("tfds_ucf101:test2", prepared).clips == dataset.clips


def test_an_unknown_split_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="splits train1, .*, test3, got 'test'"):
        tfds_ucf101(tmp_path, "test")
