import pytest

from lrcn_keras.datasets import fights, get

ROWS = ["fight/1.mp4,fight,s0,1", "fight/2.mp4,fight,s1,2", "no_fight/1.mp4,no_fight,s1,2"]


@pytest.fixture
def write(tmp_path):
    """Writes folds.csv, and an empty file for each clip: they are not read."""

    def write(rows, header="file,label,source,fold"):
        for row in rows:
            path = tmp_path / "fights" / row.split(",")[0]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        (tmp_path / "fights" / "folds.csv").write_text("\n".join([header, *rows]) + "\n")
        return tmp_path

    return write


def test_clips_come_with_label_source_and_fold(write):
    data_dir = write(ROWS)
    dataset = fights(data_dir)
    assert dataset.name == "fights"
    assert dataset.names == ["fight/1.mp4", "fight/2.mp4", "no_fight/1.mp4"]
    assert dataset.clips[2] == str(data_dir / "fights" / "no_fight" / "1.mp4")
    assert dataset.classes == ("fight", "no_fight")
    assert dataset.labels.tolist() == [0, 0, 1]
    assert dataset.groups == {"source": ["s0", "s1", "s1"], "fold": ["1", "2", "2"]}
    assert [test.names for _, _, test in dataset.folds()] == [dataset.names[:1], dataset.names[1:]]
    assert get("fights:fold!=2", data_dir).names == ["fight/1.mp4"]


def test_a_source_in_two_folds_is_an_error(write):
    with pytest.raises(ValueError, match="source s1 is in the folds 2, 3"):
        fights(write([*ROWS, "fight/3.mp4,fight,s1,3"]))


def test_a_table_without_folds_is_an_error(write):
    with pytest.raises(ValueError, match="needs the columns file, label, source and fold"):
        fights(write(["fight/1.mp4,fight,s0"], "file,label,source"))


def test_packed_clips_are_said_to_be_packed(tmp_path):
    (tmp_path / "fights").mkdir()
    (tmp_path / "fights" / "clips.tar").touch()
    with pytest.raises(ValueError, match="Unpack first: .*clips.tar"):
        fights(tmp_path)
