import json
from pathlib import Path

import pytest

from lrcn_keras.datasets import get, grid

WORDS = [[17.25, 22.5, "bin"], [22.5, 26.5, "blue"]]


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "grid_s1" / "clips").mkdir(parents=True)
    for clip in ("a.mp4", "b.mp4"):
        (tmp_path / "grid_s1" / "clips" / clip).touch()
    content = {each: {"sentence": "bin blue", "words": WORDS, "frames": 75} for each in "ab"}
    content = {f"{each}.mp4": entry for each, entry in content.items()}
    (tmp_path / "grid_s1" / "test.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.parametrize("below", ["", "grid_s1"])
def test_tables_give_sentences_and_times(tables, below):
    dataset = grid(tables / below, "test")
    assert dataset.name == "grid:test"
    assert dataset.references == {"a.mp4": ["bin blue"], "b.mp4": ["bin blue"]}
    assert dataset.times == [[tuple(word) for word in WORDS]] * 2
    assert dataset.clips[1] == str(tables / "grid_s1" / "clips" / "b.mp4")
    assert get("grid:test", tables).names == ["a.mp4", "b.mp4"]


def test_missing_clips_are_skipped_with_a_warning(tables):
    (tables / "grid_s1" / "clips" / "a.mp4").unlink()
    with pytest.warns(UserWarning, match="skipped 1 of 2 clips.*a.mp4"):
        assert grid(tables, "test").names == ["b.mp4"]


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"a.mp4": {}}',
        '{"a.mp4": {"words": [[1, 2]]}}',
        '{"a.mp4": {"words": [["x", 2, 3]]}}',
    ],
)
def test_a_table_of_another_kind_is_an_error(tables, content):
    (tables / "grid_s1" / "test.json").write_text(content)
    with pytest.raises(ValueError, match="test.json must hold {file: {'words'"):
        grid(tables, "test")
    (tables / "grid_s1" / "test.json").write_text(content[:-1])
    with pytest.raises(ValueError, match="test.json is not JSON"):
        grid(tables, "test")


def test_a_clip_in_which_nobody_speaks_is_an_error(tables):
    (tables / "grid_s1" / "test.json").write_text('{"a.mp4": {"words": []}}')
    with pytest.raises(ValueError, match="grid:test has clips without captions: a.mp4"):
        grid(tables, "test")


@pytest.mark.parametrize(
    ("clips", "alignments"),
    [("{}", "align/{}"), ("{}/video/mpg_6000", "align/{}"), ("{}", "{}/align")],
)
def test_the_original_is_split_by_name_alone(tmp_path, clips, alignments):
    sentences = [f"{speaker}/{number:04}" for speaker in ("s1", "s2") for number in range(100)]
    for sentence in sentences:
        speaker, stem = sentence.split("/")
        for folder, file in ((clips, f"{stem}.mpg"), (alignments, f"{stem}.align")):
            path = Path(tmp_path, folder.format(speaker), file)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("0 17250 sil\n17250 22500 bin\n22500 26500 blue\n26500 74500 sil\n")
    parts = {split: grid(tmp_path, split) for split in ("train", "dev", "test")}
    assert sorted(name for part in parts.values() for name in part.names) == sentences
    assert 10 < len(parts["test"]) < 35
    assert 10 < len(parts["dev"]) < 35
    test = parts["test"]
    assert set(test.captions[0]) == {"bin blue"}
    assert test.times[0] == [tuple(word) for word in WORDS]
    assert test.where("speaker=s2").groups["speaker"][0] == "s2"
    alone = Path(tmp_path, alignments.format("s2"))
    for file in list(alone.iterdir()):
        file.unlink()
    assert grid(tmp_path, "test").names == test.where("speaker=s1").names
    bad = Path(tmp_path, alignments.format("s1"), f"{Path(test.names[0]).stem}.align")
    bad.write_text("0 1 sil\nx y bin\n")
    with pytest.raises(ValueError, match=r"line 2: no 'first last word' in 'x y bin'"):
        grid(tmp_path, "test")


def test_nothing_there_says_where_was_looked(tmp_path):
    with pytest.raises(ValueError, match="grid: looked for test.json or .* or s1/align in"):
        grid(tmp_path, "test")
    with pytest.raises(ValueError, match="splits train, dev, test, got 'val'"):
        grid(tmp_path, "val")
