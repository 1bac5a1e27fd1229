import json

import numpy as np
import pytest
from PIL import Image

from lrcn_keras.media import clip_info, read_clip

av = pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")

KINDS = ["fight-recognizer", "flow-recognizer", "fused-recognizer", "grey-recognizer"]


@pytest.fixture
def recognize(with_recognizers):
    def run(*arguments, **kwargs):
        return with_recognizers("recognize", *arguments, **kwargs)

    return run


@pytest.fixture
def paths(clip_folder):
    return sorted((clip_folder / "data").rglob("*.mp4"))


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clip_gets_the_models_label_with_its_probability(recognize, recognizers, paths):
    expected = recognizers["fight-recognizer"].recognize(paths[0])
    line = f"{paths[0]}: {expected.label} ({100 * expected.probability:.0f} %)\n"
    assert recognize(paths[0]).stdout == line


@pytest.mark.parametrize("live", [(), ("--live",)])
@pytest.mark.parametrize("name", KINDS)
def test_json_is_one_object_a_clip_in_the_order_of_the_input(
    recognize, recognizers, paths, name, live
):
    given = [paths[5], paths[0], paths[3]]
    found = objects(recognize("--model", name, "--json", *live, *given))
    expected = recognizers[name].recognize(given)
    assert len({each.probability for each in expected}) == 3  # or the order could not be seen
    for each, path, answer in zip(found, given, expected, strict=True):
        assert list(each) == ["file", "label", "probability", "probabilities"]
        assert each["file"] == str(path)
        # Live, two streams are fused frame by frame: the first frame has no flow.
        close = 0.05 if live and name == "fused-recognizer" else 1e-4
        assert each["probabilities"] == pytest.approx(answer.probabilities, abs=close)
        assert each["probability"] == max(each["probabilities"].values())
        assert each["probabilities"][each["label"]] == each["probability"]


def test_a_folder_is_its_clips_and_bad_ones_are_named(recognize, clip_folder, paths, tmp_path):
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no clip")
    given = [tmp_path / "empty.mp4", clip_folder, tmp_path / "none.mp4", tmp_path / "text.mp4"]
    result = recognize("--json", *given, status=1)
    assert [each["file"] for each in objects(result)] == list(map(str, paths))
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    for name, reason in (("none", "no such file"), ("empty", "empty file"), ("text", "not a")):
        (line,) = [line for line in lines if line.startswith(f"Error: {tmp_path / name}.mp4: ")]
        assert reason in line
    assert recognize(tmp_path / "none.mp4", status=1).stdout == ""


def test_thermal_clips_come_as_arrays(recognize, recognizers, tmp_path):
    clip = np.random.default_rng(0).normal(25, 3, (9, 16, 16)).astype("float32")
    np.save(tmp_path / "a.npy", clip)
    (tmp_path / "b.npy").write_bytes(b"no array")
    name = "thermal-recognizer"
    result = recognize(tmp_path / "a.npy", tmp_path / "b.npy", "--model", name, "--json", status=1)
    expected = recognizers[name].recognize(clip[..., None])
    (found,) = objects(result)
    assert found["probabilities"] == pytest.approx(expected.probabilities, abs=1e-4)
    assert "b.npy: not an array" in result.stderr


@pytest.mark.parametrize("live", [(), ("--live",)])
@pytest.mark.parametrize("name", KINDS)
def test_an_overlay_is_the_video_with_something_drawn_on_it(recognize, paths, tmp_path, name, live):
    video = tmp_path / "new" / "out.mp4"
    recognize("--model", name, "--overlay", video, *live, paths[0])
    before, after = clip_info(paths[0]), clip_info(video)
    assert (after.width, after.height) == (before.width, before.height)
    assert after.duration == pytest.approx(before.duration, abs=0.11)
    drawn, clip = (read_clip(path, grey=True)[..., 0].astype(float) for path in (video, paths[0]))
    assert drawn[:, :10].mean() < clip[:, :10].mean() - 30  # a dark bar across the top
    between = slice(17, 19)  # it and the timeline
    if not live:
        assert len(drawn) == len(clip)
        assert np.corrcoef(drawn[:, between].ravel(), clip[:, between].ravel())[0, 1] > 0.9


def test_drawings_of_several_clips_go_into_a_folder(recognize, paths, clip_folder, tmp_path):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "drawn"
    given = (paths[0], paths[0], paths[5])
    recognize("--overlay", folder, "--timeline", folder, *given)
    stems = [paths[0].stem, f"{paths[0].stem}-2", paths[5].stem]
    expected = {f"{stem}{ending}" for stem in stems for ending in (".mp4", ".png")}
    assert {path.name for path in folder.iterdir()} == expected
    with Image.open(folder / f"{stems[0]}.png") as picture:
        assert picture.width > picture.height > 100


def test_drawings_that_would_be_lost_are_refused_before_the_work(recognize, paths, tmp_path):
    result = recognize("--overlay", tmp_path / "one.mp4", *paths[:2], status=1)
    assert "one file for 2 clips" in result.stderr and result.stdout == ""
    for option in ("--overlay", "--timeline"):
        result = recognize(option, tmp_path / "one.gif", paths[0], status=2)
        assert "one.gif must end in ." in result.stderr and result.stdout == ""
    assert not list(tmp_path.iterdir())
    size = paths[0].stat().st_size
    for target in (paths[0], paths[0].parent):
        result = recognize("--overlay", target, paths[0], status=1)
        assert "would overwrite the clip" in result.stderr and result.stdout == ""
    assert paths[0].stat().st_size == size


class Camera:
    """Stands for cv2.VideoCapture: 10 pictures, dark and then bright, at 50 frames/s, then none."""

    def __init__(self, number):
        self.count = 0

    def isOpened(self):
        return True

    def set(self, *_):
        return True

    def read(self):
        import time

        time.sleep(0.02)
        self.count += 1
        return self.count <= 10, np.full((48, 64, 3), 25 * min(self.count, 10), np.uint8)

    def release(self):
        pass


@pytest.mark.parametrize("name", KINDS)
def test_a_camera_is_looked_at_until_it_ends(recognize, monkeypatch, tmp_path, name):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    options = ("--model", name, "--overlay", tmp_path / "live.mp4")
    result = recognize("camera:0", *options, status=1)
    assert "Error: camera:0: gives no pictures any more" in result.stderr
    *changes, last = result.stdout.splitlines()
    assert changes[0].startswith("camera:0, 0.") and changes[0].endswith(" %)")
    assert last.startswith("camera:0: ")
    assert clip_info(tmp_path / "live.mp4").duration > 0.1
    (found,) = objects(recognize("camera:0", "--json", "--model", name, status=1))
    assert found["file"] == "camera:0"
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_a_source_that_is_not_there_is_named(recognize, paths):
    result = recognize("rtsp://127.0.0.1:9/none", paths[0], "--json", status=1)
    assert [each["file"] for each in objects(result)] == [str(paths[0])]
    assert "Error: rtsp://127.0.0.1:9/none: cannot be opened" in result.stderr


def test_another_kind_of_model_is_one_line(recognize, paths):
    (line,) = recognize("--model", "coco-captioner", paths[0], status=1).stderr.splitlines()
    assert line == "Error: coco-captioner is no recognizer but an ImageCaptioner."
