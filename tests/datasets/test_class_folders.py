import pytest

from lrcn_keras.datasets import class_folders
from lrcn_keras.errors import MediaError


@pytest.fixture
def touch(tmp_path):
    """Makes empty files: clips are not read here."""

    def touch(*files):
        for file in files:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
        return tmp_path

    return touch


def test_folders_name_the_classes(touch):
    path = touch(
        "walk/b.MP4", "walk/day 2/a.avi", "run/ä.mkv", "run/notes.txt", ".cache/x.mp4", "stray.mp4"
    )
    dataset = class_folders(path)
    assert dataset.name == f"clips:{path.name}"
    assert dataset.names == ["run/ä.mkv", "walk/b.MP4", "walk/day 2/a.avi"]
    assert dataset.clips[2] == str(path / "walk" / "day 2" / "a.avi")
    assert dataset.classes == ("run", "walk")
    assert dataset.labels.tolist() == [0, 1, 1]
    assert dataset.groups == {}


def test_a_table_gives_labels_and_groups(touch):
    path = touch("a.mp4", "deep/b.mp4", "c.mp4")
    (path / "clips.csv").write_text(
        "Video, Label,subject,Fold\na.mp4,walk,x,2\ndeep/b.mp4, run ,y,1\nc.mp4,walk,y,1\n",
        encoding="utf-8-sig",
    )
    dataset = class_folders(path)
    assert dataset.names == ["a.mp4", "deep/b.mp4", "c.mp4"]
    assert [dataset.classes[label] for label in dataset.labels] == ["walk", "run", "walk"]
    assert dataset.groups == {"subject": ["x", "y", "y"], "fold": ["2", "1", "1"]}
    assert dataset.split_by == "fold"


def test_any_csv_file_will_do(touch):
    path = touch("a.mp4", "b.mp4")
    (path / "some.csv").write_text("file,label,camera\na.mp4,x,1\nb.mp4,y,2\n")
    dataset = class_folders(path / "some.csv")
    assert dataset.clips == [str(path / "a.mp4"), str(path / "b.mp4")]
    assert dataset.split_by == "camera"


def test_missing_clips_are_counted_named_and_skipped(touch):
    path = touch("a.mp4")
    (path / "clips.csv").write_text("file,label\na.mp4,x\nb.mp4,y\n")
    with pytest.warns(UserWarning, match="skipped 1 of 2 clips.*: b.mp4") as warned:
        assert class_folders(path).names == ["a.mp4"]
    assert warned[0].filename == __file__


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,label\n", "needs rows with the columns 'file' and 'label'"),
        ("file,class\na.mp4,x\n", r"has \['file', 'class'\]"),
        ("file,label\na.mp4,x,1\n", "line 2: more values than columns"),
        ("file,label\na.mp4,x\na.mp4,y\n", "2 rows for 1 clips"),
        ("file,label\na.mp4,\n", "clip 1: no file or no label"),
        ("file,label\nb.mp4,x\n", "none of 1 clips is in"),
    ],
)
def test_a_damaged_table_is_an_error(touch, table, message):
    path = touch("a.mp4")
    (path / "clips.csv").write_text(table)
    with pytest.raises(ValueError, match=message):
        class_folders(path)


def test_no_clips_is_an_error(touch):
    with pytest.raises(MediaError, match="no clips in this folder"):
        class_folders(touch("run/notes.txt"))
    with pytest.raises(ValueError, match="looked for clips.csv or a folder for each class"):
        class_folders(touch("stray.mp4"))
    with pytest.raises(ValueError, match="neither a folder nor a CSV file"):
        class_folders("nowhere")
