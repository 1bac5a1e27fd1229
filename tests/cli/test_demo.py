import sys

import pytest
from PIL import Image


def test_the_demo_captions_photographs_without_network_or_files(run, tmp_path, monkeypatch):
    pytest.importorskip("skimage")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pooch", None)  # with which scikit-image downloads
    lines = run("demo").stdout.splitlines()
    names = ["astronaut", "camera", "cat", "coffee", "motorcycle", "rocket"]
    assert [line.partition(": ")[0] for line in lines[:-1]] == names
    assert all(line.partition(": ")[2] for line in lines[:-1])
    assert lines[-1] == "Wrote lrcn-demo.png."
    with Image.open("lrcn-demo.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > sheet.height > 500  # three columns, two rows


def test_without_scikit_image_the_demo_says_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    result = run("demo", "--output", tmp_path / "demo.png", status=1)
    assert "pip install 'lrcn-keras[demo]'" in result.stderr
    assert not (tmp_path / "demo.png").exists()
