import gzip

import pytest

from lrcn_keras.datasets import charades, get

HEADER = "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length"
ROWS = [
    'AAA1,P1,Office / Study (A room),6,7,Yes,"x, y",bed;cup;lamp;pen,"A man sits.; He ""reads"".",'
    "c001 5.00 9.00;c000 1.50 3.00;c001 0.50 1.00,9.0",
    "BBB2,P2,Kitchen,6,7,Yes,x,,A woman cooks.;{},,9.0",
    "CCC3,P2,Kitchen,6,7,Yes,x,cup,{},c000 0 1,9.0",
]


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "charades"
    folder.mkdir()
    (folder / "Charades_v1_classes.txt").write_text(
        "c000 Holding some clothes\nc001 Sitting down\n"
    )
    (folder / "Charades_v1_test.csv").write_text("\n".join([HEADER, *ROWS]) + "\n")
    many = [f"T{number:03},P,Hall,6,7,Yes,x,cup,A man.,,9.0" for number in range(200)]
    with gzip.open(folder / "Charades_v1_train.csv.gz", "wt") as file:
        file.write("\n".join([HEADER, *many]))
    return tmp_path


def test_roles_are_scene_first_actions_and_first_objects(home):
    dataset = get("charades:test", home)
    assert dataset.references == {
        "AAA1": ["A man sits.", 'He "reads".'],
        "BBB2": ["A woman cooks."],
    }
    assert dataset.roles[0] == {
        "scene": "Office / Study",
        # Sitting down comes first, at 0.5 s, and once only.
        "action1": "Sitting down",
        "action2": "Holding some clothes",
        "action3": "none",
        "object1": "bed",
        "object2": "cup",
        "object3": "lamp",
    }
    assert list(dataset.roles[1].values()) == ["Kitchen", *["none"] * 6]
    assert dataset.clips == [None, None]
    assert get("charades:test:scene=Kitchen", home).names == ["BBB2"]
    assert get("charades:test:subject=P1", home).names == ["AAA1"]


def test_dev_is_a_part_of_train_and_fit_the_rest(home):
    parts = {split: set(charades(home, split).names) for split in ("train", "fit", "dev")}
    assert parts["fit"] | parts["dev"] == parts["train"]
    assert not parts["fit"] & parts["dev"]
    assert len(parts["train"]) == 200
    assert 8 < len(parts["dev"]) < 40


def test_videos_that_are_there_are_the_clips(home):
    videos = home / "charades" / "Charades_v1_480"
    videos.mkdir()
    (videos / "BBB2.mp4").touch()
    with pytest.warns(UserWarning, match="skipped 1 of 2 clips.*AAA1.mp4"):
        dataset = charades(home, "test")
    assert (dataset.names, dataset.clips) == (["BBB2"], [str(videos / "BBB2.mp4")])
    assert dataset.roles[0]["scene"] == "Kitchen"


def test_damage_is_named(home):
    folder = home / "charades"
    table = folder / "Charades_v1_test.csv"
    table.write_text("\n".join([HEADER, ROWS[0].replace("c001 5.00", "c002 5.00")]))
    with pytest.raises(ValueError, match=r"AAA1: no 'class start end' in 'c002 5.00 9.00'"):
        charades(home, "test")
    table.write_text("id,scene\nAAA1,Kitchen\n")
    with pytest.raises(ValueError, match="test.csv needs rows with the columns id, scene, objects"):
        charades(home, "test")
    table.write_text("\n".join([HEADER, ROWS[0] + ",too,many"]))
    with pytest.raises(ValueError, match="line 2: more values than columns"):
        charades(home, "test")
    table.write_text("\n".join([HEADER, *ROWS])[:-20])
    with pytest.raises(ValueError, match="test.csv has incomplete rows: CCC3"):
        charades(home, "test")
    packed = folder / "Charades_v1_train.csv.gz"
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(ValueError, match="train.csv.gz is not UTF-8 text"):
        charades(home, "train")
    (folder / "Charades_v1_classes.txt").write_text("c000\n")
    with pytest.raises(ValueError, match="a line 'c000 Holding some clothes'"):
        charades(home, "test")
    with pytest.raises(ValueError, match="splits train, fit, dev, test, got 'val'"):
        charades(home, "val")
