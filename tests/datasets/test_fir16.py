import numpy as np
import pytest

from lrcn_keras.datasets import fir16, get

LABELS = ["walk", "lie", "falling", "stand", "sit", "standup", "sitdown"]
SUBJECTS = ["human1", "human2", "human1", "human2", "human9", "human9", "human1"]


@pytest.fixture
def write(tmp_path):
    """Writes clips of 1 to 7 frames; every pixel of clip k is at 20 + k degrees."""

    def write(**changed):
        lengths = np.arange(1, 8, dtype=np.int16)
        values = np.repeat(np.arange(7) * 100 + 2000, lengths).astype(np.int16)
        content = {
            "frames": np.broadcast_to(values[:, None, None], (28, 16, 16)),
            "length": lengths,
            "label": np.array(LABELS),
            "subject": np.array(SUBJECTS),
            "source": np.array([f"{number}.csv" for number in range(7)]),
        }
        content |= changed
        folder = tmp_path / "fir16"
        folder.mkdir(exist_ok=True)
        np.savez(folder / "fir16.npz", **{k: v for k, v in content.items() if v is not None})
        return tmp_path

    return write


def test_clips_are_parted_and_in_degrees(write):
    dataset = fir16(write())
    assert dataset.modality == "thermal"
    assert [dataset.classes[label] for label in dataset.labels] == LABELS
    for index in range(7):
        frames = dataset.read(index)
        assert frames.shape == (index + 1, 16, 16, 1)
        assert frames.dtype == np.float32
        np.testing.assert_array_equal(frames, 20 + index)
    assert dataset.groups["subject"] == ["1", "2", "1", "2", "9", "9", "1"]
    assert len(dataset.folds()) == 3


def test_five_classes_merge_those_without_an_action(write):
    data_dir = write()
    dataset = get("fir16-5", data_dir)
    assert dataset.name == "fir16-5"
    assert dataset.classes == ("falling", "no-action", "sitdown", "standup", "walk")
    assert dataset.labels.tolist() == [4, 1, 0, 1, 1, 3, 2]
    assert dataset.names == fir16(data_dir).names  # so that both can be compared


def test_a_selection_keeps_all_classes(write):
    left = get("fir16:subject!=9", write())
    assert (len(left), len(left.classes)) == (5, 7)


def test_another_number_of_classes_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="5 or 7 classes, got 6"):
        fir16(tmp_path, classes=6)


def test_a_damaged_file_is_named(write):
    with pytest.raises(ValueError, match="fir16.npz is damaged: 28 frames for 29"):
        fir16(write(length=np.array([2, 2, 3, 4, 5, 6, 7])))
    with pytest.raises(ValueError, match="fir16.npz is damaged or laid out in another way"):
        fir16(write(label=None))
    data_dir = write()
    path = data_dir / "fir16" / "fir16.npz"
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ValueError, match="fir16.npz is damaged"):
        fir16(data_dir)
