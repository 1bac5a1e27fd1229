import pytest

from lrcn_keras.datasets import get, hmdb51

LISTS = {
    "brush_hair": {
        "April_09_brush_hair_u_nm_np1_ba_goo_0.avi": 1,
        "April_09_brush_hair_u_nm_np1_ba_goo_1.avi": 1,
        "a#b (c)!_brush_hair_h_nm_np1_le_goo_0.avi": 2,
    },
    "wave": {"Prelude_wave_u_cm_np1_fr_med_3.avi": 2, "unused_wave_f_cm_np1_fr_med_0.avi": 0},
}


@pytest.fixture
def data_dir(tmp_path):
    """The original's layout, with empty clips."""
    lists = tmp_path / "testTrainMulti_7030_splits"
    lists.mkdir()
    for label, clips in LISTS.items():
        (tmp_path / "hmdb51_org" / label).mkdir(parents=True)
        for clip in clips:
            (tmp_path / "hmdb51_org" / label / clip).touch()
        lines = [f"{clip} {mark} \n" for clip, mark in clips.items()]
        (lists / f"{label}_test_split1.txt").write_text("".join(lines))
    return tmp_path


def test_1_is_train_2_is_test_and_0_is_neither(data_dir):
    train, test = hmdb51(data_dir, "train1"), get("hmdb51:test1", data_dir)
    brush, wave = (list(clips) for clips in LISTS.values())
    assert train.names == [f"brush_hair/{clip}" for clip in brush[:2]]
    assert test.names == [f"brush_hair/{brush[2]}", f"wave/{wave[0]}"]
    assert test.clips[1] == str(data_dir / "hmdb51_org" / "wave" / wave[0])
    assert train.classes == test.classes == ("brush_hair", "wave")
    assert test.labels.tolist() == [0, 1]


def test_clips_of_one_film_stay_together(data_dir):
    assert hmdb51(data_dir, "train1").groups == {"source": ["April_09", "April_09"]}
    assert hmdb51(data_dir, "test1").groups == {"source": ["a#b (c)!", "Prelude"]}


def test_class_folders_may_lie_beside_the_lists(data_dir):
    for label in LISTS:
        (data_dir / "hmdb51_org" / label).rename(data_dir / label)
    assert len(hmdb51(data_dir, "train1")) == 2


def test_what_is_not_there_is_an_error(data_dir):
    with pytest.raises(ValueError, match="splits train1, .*, test3, got '1'"):
        hmdb51(data_dir, "1")
    with pytest.raises(ValueError, match="looked for <class>_test_split2.txt"):
        hmdb51(data_dir, "train2")
    (data_dir / "testTrainMulti_7030_splits" / "wave_test_split1.txt").write_text("x.avi\n")
    with pytest.raises(ValueError, match=r"wave_test_split1.txt: no 'clip.avi 1' in 'x.avi'"):
        hmdb51(data_dir, "train1")
