import json

import numpy as np
import pytest

from lrcn_keras.datasets import ClipPart, get, tacos

LINES = [
    "252\t452\ttake out\thand\tcutting board\tcounter,drawer\tHe takes out a board.\t\tA board.",
    "460\t470\twash\t\tcarrot\t\t\t\t",
    "460\t480\twash\t\tcarrot\t\tHe washes it.\t\t",
    "252\t452\ttake out\thand\tcutting board\tcounter,drawer\t\tHe gets it.\t",
]


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "tacos" / "alignments-text"
    folder.mkdir(parents=True)
    for number in range(60):
        (folder / f"s{number}-d21.aligned.tsv").write_text("\n".join(LINES) + "\n")
    return tmp_path


def test_moments_have_roles_and_the_sentences_of_all_annotators(corpus):
    parts = {split: tacos(corpus, split) for split in ("train", "dev", "test")}
    videos = [set(part.groups["video"]) for part in parts.values()]
    assert len(set().union(*videos)) == sum(map(len, videos)) == 60
    assert min(map(len, videos)) > 1
    test = parts["test"]
    video = test.groups["video"][0]
    assert test.names[:2] == [f"{video}_252_452", f"{video}_460_480"]
    assert test.captions[0] == ["He takes out a board.", "A board.", "He gets it."]
    assert test.roles[1] == {
        "activity": "wash",
        "tool": "none",
        "object": "carrot",
        "location": "none",
    }
    assert test.roles[0]["location"] == "counter,drawer"
    assert set(test.clips) == {None}
    assert set(get("tacos:test:activity=wash", corpus).captions[0]) == {"He washes it."}


def test_videos_that_are_there_are_cut(corpus, make_clip):
    video = tacos(corpus, "test").groups["video"][0]
    tsv = corpus / "tacos" / "alignments-text" / f"{video}.aligned.tsv"
    tsv.write_text(LINES[0].replace("252\t452", "3\t6") + "\n")
    shades = np.arange(10, 250, 20, dtype=np.uint8)
    frames = np.broadcast_to(shades[:, None, None, None], (12, 32, 48, 3))
    path = make_clip(corpus / "tacos" / "videos" / f"{video}.mp4", np.array(frames), 30)
    with pytest.warns(UserWarning, match=r"tacos:test: skipped \d+ of \d+ clips.*-d21\.avi"):
        dataset = tacos(corpus, "test")
    assert dataset.clips[0] == ClipPart(str(path), 3, 6)
    np.testing.assert_allclose(dataset.read(0)[:, 0, 0, 0], shades[3:7], atol=3)
    assert (dataset.names, dataset.groups) == ([f"{video}_3_6"], {"video": [video]})
    assert [each["activity"] for each in dataset.roles] == ["take out"]
    path.unlink()
    with pytest.raises(ValueError, match=r"tacos:test: none of \d+ clips is in"):
        tacos(corpus, "test")


def test_the_splits_of_moment_search_are_read(tmp_path):
    content = {
        "s1-d21.avi": {
            "timestamps": [[1, 5], [7, 9], [1, 5]],
            "sentences": ["One.", "Two.", "Three."],
            "fps": 29.4,
        }
    }
    (tmp_path / "val.json").write_text(json.dumps(content))
    dataset = tacos(tmp_path, "dev")
    assert dataset.references == {"s1-d21_1_5": ["One.", "Three."], "s1-d21_7_9": ["Two."]}
    assert dataset.roles is None
    content["s1-d21.avi"]["sentences"] = ["One."]
    (tmp_path / "val.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match="val.json must hold {video: {'timestamps', 'sentences'}}"):
        tacos(tmp_path, "dev")
    (tmp_path / "val.json").write_text("{}")
    with pytest.raises(ValueError, match="tacos:dev: no sentence in"):
        tacos(tmp_path, "dev")


def test_damage_is_named(corpus, tmp_path):
    for path in (corpus / "tacos" / "alignments-text").iterdir():
        path.write_text(LINES[0] + "\n12\tx\ta\tb\tc\td\te\n")
    with pytest.raises(ValueError, match="aligned.tsv, line 2: no first frame, last frame, act"):
        tacos(corpus, "test")
    for path in (corpus / "tacos" / "alignments-text").iterdir():
        path.write_text(LINES[0].replace("452", "251"))
    with pytest.raises(ValueError, match="aligned.tsv: a moment of .* from frame 252 to 251"):
        tacos(corpus, "test")
    for first, last in ((9, 7), (-1, 7)):
        content = {"s1-d21.avi": {"timestamps": [[first, last]], "sentences": ["One."]}}
        (corpus / "test.json").write_text(json.dumps(content))
        with pytest.raises(ValueError, match=f"test.json: a moment of s1-d21 .* {first} to {last}"):
            tacos(corpus, "test")
    with pytest.raises(ValueError, match="looked for alignments-text or test.json"):
        tacos(tmp_path / "nowhere", "test")
