import pytest

from lrcn_keras.datasets import get, ucf101

TRAIN = ["Archery/v_Archery_g08_c01.avi", "HandstandPushups/v_HandStandPushups_g25_c02.avi"]
TEST = ["Archery/v_Archery_g01_c01.avi", "Archery/v_Archery_g01_c02.avi", TRAIN[1]]


@pytest.fixture
def data_dir(tmp_path):
    """The original's layout, with empty clips."""
    for clip in {*TRAIN, *TEST}:
        path = tmp_path / "ucf101" / "UCF-101" / clip
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lists = tmp_path / "ucf101" / "ucfTrainTestlist"
    lists.mkdir()
    (lists / "classInd.txt").write_text("1 Archery\r\n2 HandstandPushups\r\n\r\n")
    (lists / "trainlist01.txt").write_text(f"{TRAIN[0]} 1\n{TRAIN[1]} 2\n")
    (lists / "testlist03.txt").write_text("\r\n".join(TEST) + "\r\n")
    return tmp_path


def test_a_split_is_that_of_the_official_list(data_dir):
    dataset = ucf101(data_dir, "train1")
    assert dataset.name == "ucf101:train1"
    assert dataset.names == TRAIN
    assert dataset.clips[0] == str(data_dir / "ucf101" / "UCF-101" / TRAIN[0])
    assert dataset.classes == ("Archery", "HandstandPushups")
    assert dataset.labels.tolist() == [0, 1]
    test = get("ucf101:test3", data_dir)
    assert test.names == TEST
    assert test.labels.tolist() == [0, 0, 1]


def test_clips_of_one_video_stay_together(data_dir):
    dataset = ucf101(data_dir, "test3")
    assert dataset.groups == {"group": ["1", "1", "25"]}
    assert get("ucf101:test3:group!=25", data_dir).names == TEST[:2]


def test_clips_may_lie_in_one_folder_and_be_spelt_otherwise(data_dir):
    folder = data_dir / "ucf101" / "UCF-101"
    for clip in {*TRAIN, *TEST}:
        file = clip.split("/")[1].replace("HandStand", "Handstand")
        (folder / clip).rename(folder / file)
    for label in ("Archery", "HandstandPushups"):
        (folder / label).rmdir()
    dataset = ucf101(data_dir, "train1")
    assert dataset.names == TRAIN
    assert dataset.clips[1] == str(folder / "v_HandstandPushups_g25_c02.avi")


def test_classes_are_in_the_order_of_their_numbers(data_dir):
    path = data_dir / "ucf101" / "ucfTrainTestlist" / "classInd.txt"
    path.write_text("2 Archery\n1 HandstandPushups\n")
    assert ucf101(data_dir, "train1").classes == ("HandstandPushups", "Archery")
    assert ucf101(data_dir, "train1").labels.tolist() == [1, 0]
    path.write_text("1 Archery\nHandstandPushups\n")
    with pytest.raises(ValueError, match="classInd.txt must number the classes from 1"):
        ucf101(data_dir, "train1")


def test_missing_clips_are_counted_named_and_skipped(data_dir):
    (data_dir / "ucf101" / "UCF-101" / TEST[1]).unlink()
    with pytest.warns(UserWarning, match="ucf101:test3: skipped 1 of 3 clips.*v_Archery_g01_c02"):
        assert ucf101(data_dir, "test3").names == [TEST[0], TEST[2]]


def test_what_is_not_there_is_an_error(data_dir):
    with pytest.raises(ValueError, match="splits train1, .*, test3, got 'train'"):
        ucf101(data_dir, "train")
    with pytest.raises(ValueError, match=r"looked for ucfTrainTestlist/trainlist02.txt or"):
        ucf101(data_dir, "train2")
    (data_dir / "ucf101" / "ucfTrainTestlist" / "trainlist02.txt").write_text("Bowling/x.avi 3\n")
    with pytest.raises(ValueError, match=r"trainlist02.txt: no 'Class/clip.avi'"):
        ucf101(data_dir, "train2")
