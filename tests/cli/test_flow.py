import numpy as np
import pytest

from lrcn_keras.media import cached_flow, flow_images, read_clip

pytest.importorskip("av")
pytest.importorskip("cv2")


@pytest.fixture
def clips(make_clip, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    for name, step in (("a.mp4", 1), ("sub/b.avi", 2)):
        frames = np.stack([np.roll(noise, step * k, axis=1) for k in range(4)])
        make_clip(tmp_path / "clips" / name, frames)
    return tmp_path / "clips"


def test_flow_of_a_folder_is_computed_once_and_counted(run, clips, tmp_path):
    output = tmp_path / "flow"
    first = run("flow", clips, "--output", output)
    assert first.stdout == f"Wrote the flow of 2 clips to {output}; 0 were there, 0 failed.\n"
    assert "2/2" in first.stderr
    second = run("flow", clips, "--output", output)
    assert second.stdout == f"Wrote the flow of 0 clips to {output}; 2 were there, 0 failed.\n"


def test_what_it_wrote_is_what_the_cache_reads(run, clips, tmp_path, monkeypatch):
    output, clip = tmp_path / "flow", clips / "a.mp4"
    options = ("--algorithm", "farneback", "--scale", 8, "--size", 24, 32, "--rate", 12.5)
    run("flow", clip, "--output", output, *options, "--workers", 1)
    (file,) = output.iterdir()
    written = file.stat().st_mtime_ns
    images = cached_flow(clip, output, algorithm="farneback", scale=8, size=(24, 32), rate=12.5)
    assert list(output.iterdir()) == [file] and file.stat().st_mtime_ns == written
    expected = flow_images(read_clip(clip, size=(24, 32), rate=12.5), "farneback", 8)
    np.testing.assert_array_equal(images, expected)


def test_bad_clips_are_named_and_the_others_go_on(run, clips, tmp_path):
    (clips / "empty.mp4").touch()
    result = run("flow", clips, tmp_path / "none.mp4", "--output", tmp_path / "flow", status=1)
    assert f"Error: {tmp_path / 'none.mp4'}: no such file or folder" in result.stderr
    assert "empty.mp4: empty file" in result.stderr.replace("\n", "")
    assert "of 2 clips" in result.stdout and "2 failed" in result.stdout
    assert len(list((tmp_path / "flow").iterdir())) == 2


def test_a_wrong_setting_is_refused(run, clips, tmp_path):
    for options, words in (
        (("--scale", 0), "Error: scale must be positive"),
        (("--rate", -1), "Error: rate must be positive"),
    ):
        assert words in run("flow", clips, "--output", tmp_path / "flow", *options, status=1).stderr
    assert "brox" in run("flow", clips, "--output", "x", "--algorithm", "brox", status=2).stderr
