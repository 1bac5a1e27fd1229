import numpy as np
import pytest

from lrcn_keras.datasets import get, weizmann

scipy_io = pytest.importorskip("scipy.io")

NAMES = ["daria_bend", "daria_wave2", "lena_run1", "lena_run2", "lena_wave1"]


@pytest.fixture
def data_dir(tmp_path):
    """A file laid out as the original: two 1x1 structures, a field (H, W, T) a sequence."""
    original, aligned = {}, {}
    for number, name in enumerate(NAMES):
        original[name] = np.zeros((144, 180, 3 + number), np.uint8)
        original[name][10, 20, number] = 1
        size = (101 + 2 * number, 61 - 2 * number, 3 + number)
        aligned[name] = np.zeros(size, np.uint8)
        aligned[name][size[0] // 2, size[1] // 2] = 1
    scipy_io.savemat(
        tmp_path / "classification_masks.mat",
        {"original_masks": original, "aligned_masks": aligned},
    )
    return tmp_path


def test_sequences_become_clips_of_0_and_255(data_dir):
    dataset = weizmann(data_dir)
    assert dataset.names == NAMES
    assert dataset.classes == ("bend", "run", "wave1", "wave2")
    assert dataset.labels.tolist() == [0, 3, 1, 1, 2]
    assert dataset.modality == "grey"
    for number in range(len(NAMES)):
        clip = dataset.read(number)
        assert clip.shape == (3 + number, 144, 180, 1)
        assert clip.dtype == np.uint8
        assert np.argwhere(clip).tolist() == [[number, 10, 20, 0]]  # time comes first
        assert clip.max() == 255


def test_aligned_sequences_share_a_size_and_a_centre(data_dir):
    dataset = get("weizmann-aligned", data_dir)
    for number in range(len(NAMES)):
        clip = dataset.read(number)
        assert clip.shape == (3 + number, 109, 61, 1)
        np.testing.assert_array_equal(clip[:, 54, 30, 0], 255)
        assert np.count_nonzero(clip) == 3 + number


def test_a_performer_is_left_out_with_all_their_clips(data_dir):
    (first, _, _), (_, _, lena) = weizmann(data_dir).folds()
    assert first == "performer=daria"
    assert lena.names == NAMES[2:]
    assert get("weizmann:performer=lena", data_dir).names == NAMES[2:]


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "classification_masks.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file" + bytes(10))
    with pytest.raises(ValueError, match="classification_masks.mat is damaged"):
        weizmann(tmp_path)
    scipy_io.savemat(path, {"something": np.zeros(2)})
    with pytest.raises(ValueError, match="classification_masks.mat is damaged or laid out"):
        weizmann(tmp_path)
