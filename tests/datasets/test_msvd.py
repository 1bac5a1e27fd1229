import json

import pytest

from lrcn_keras.datasets import get, msvd

# Their bytes are in another order than their numbers, and upper case comes before lower case.
NAMES = sorted((f"{'aB_-'[number % 4]}{number}_5_15" for number in range(1970)), key=str.encode)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "msvd"
    (folder / "YouTubeClips").mkdir(parents=True)
    for name in NAMES:
        (folder / "YouTubeClips" / f"{name}.avi").touch()
    captions = {f"{name}.avi": [f"Clip {name}."] for name in NAMES}
    (folder / "captions.json").write_text(json.dumps(captions))
    return folder.parent


def test_splits_are_the_first_1200_the_next_100_and_the_rest(home):
    parts = [msvd(home, split) for split in ("train", "dev", "test")]
    assert [len(part) for part in parts] == [1200, 100, 670]
    assert [name for part in parts for name in part.names] == [f"{name}.avi" for name in NAMES]
    assert parts[0].captions[0] == [f"Clip {NAMES[0]}."]
    assert get("msvd:val", home).name == "msvd:dev"


def test_a_mapping_says_the_order_whatever_is_there(tmp_path):
    mapping = tmp_path / "youtube_mapping.txt"
    mapping.write_text("".join(f"n{number} vid{number}\n" for number in reversed(range(1, 1971))))
    (tmp_path / "YouTubeClips").mkdir()
    for clip in ("n1250.avi", "n1201.mp4"):
        (tmp_path / "YouTubeClips" / clip).touch()
    lines = [f"n{number} A man {number}.\n" for number in range(1, 1971)]
    (tmp_path / "AllVideoDescriptions.txt").write_text("#A head\n\n" + "".join(lines))
    with pytest.warns(UserWarning, match="skipped 98 of 100 clips"):
        dataset = msvd(tmp_path, "dev")
    assert dataset.references == {"n1201.mp4": ["A man 1201."], "n1250.avi": ["A man 1250."]}
    mapping.write_text("n1 vid1\nn2\n")
    with pytest.raises(ValueError, match="no 'clip vid1' in 'n2'"):
        msvd(tmp_path, "dev")


def test_the_corpus_table_is_read_in_english(tmp_path):
    (tmp_path / "youtube_mapping.txt").write_text(
        "".join(f"n_{number}_9 vid{number}\n" for number in range(1, 1971))
    )
    (tmp_path / "YouTubeClips").mkdir()
    (tmp_path / "YouTubeClips" / "n_1300_9.avi").touch()
    rows = [
        f'n,{number},9,1,clean,60,{language},"A man, {number}."'
        for number in range(1, 1971)
        for language in ("English", "Dutch")
    ]
    table = tmp_path / "MSR Video Description Corpus.csv"
    header = "VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description"
    table.write_text("\n".join([header, *rows]))
    with pytest.warns(UserWarning, match="skipped 99 of 100"):
        assert msvd(tmp_path, "dev").references == {"n_1300_9.avi": ["A man, 1300."]}
    table.write_text("\n".join([header, *rows[:10]]))
    with pytest.raises(ValueError, match="has no sentence of 100 clips, such as n_1201_9"):
        msvd(tmp_path, "dev")
    table.write_text("VideoID,Start\n1,2\n")
    with pytest.raises(ValueError, match="columns videoid, start, end, language, description"):
        msvd(tmp_path, "dev")


def test_too_few_clips_do_not_tell_the_splits(tmp_path):
    (tmp_path / "YouTubeClips").mkdir()
    (tmp_path / "YouTubeClips" / "a.avi").touch()
    (tmp_path / "captions.json").write_text('{"a.avi": "One."}')
    with pytest.raises(ValueError, match="1970 clips, .* has 1; put youtube_mapping.txt beside"):
        msvd(tmp_path, "test")
    (tmp_path / "captions.json").write_text("{")
    with pytest.raises(ValueError, match="captions.json is not JSON"):
        msvd(tmp_path, "test")
    with pytest.raises(ValueError, match="splits train, dev, test, val, got 'all'"):
        msvd(tmp_path, "all")
