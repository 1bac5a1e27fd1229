import os
import subprocess
import sys

import pytest

import lrcn_keras
from lrcn_keras.cli.main import lrcn

CALL = "import sys; from lrcn_keras.cli.main import main; sys.argv = ['lrcn', {}]; main()"


def _children_seconds() -> float:
    """CPU time of finished child processes, which other work on the machine leaves alone."""
    times = os.times()
    return times.children_user + times.children_system


def test_help_is_quick_and_imports_no_tensorflow():
    code = "import atexit; atexit.register(lambda: print(*sys.modules)); " + CALL.format("'--help'")
    seconds = []
    for _ in range(3):
        start = _children_seconds()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        seconds.append(_children_seconds() - start)
        *text, modules = done.stdout.splitlines()
        assert done.returncode == 0, done.stderr
        assert "Photo to sentence" in "".join(text)
        assert not {"tensorflow", "keras", "numpy", "PIL", "rich"} & set(modules.split())
    assert min(seconds) < 0.3


@pytest.mark.parametrize("first", ["keras", "tensorflow"])
def test_keras_and_tensorflow_import_no_package_that_no_command_needs(first):
    code = f"""
import atexit, sys
def look():
    import {first}, keras, tensorflow
    print({{"jax", "matplotlib"}} & sys.modules.keys() or "neither")
    import matplotlib.pyplot
    print(matplotlib.pyplot.__name__)
atexit.register(look)
""" + CALL.format("'--version'")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[1:] == ["neither", "matplotlib.pyplot"], done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("command", sorted(lrcn.commands))
def test_every_command_explains_itself(run, command):
    text = run(command, "--help").stdout
    assert text.startswith("Usage")
    assert lrcn.commands[command].short_help in run("--help").stdout


def test_the_version_is_the_packages(run):
    assert run("--version").stdout.strip() == f"lrcn, version {lrcn_keras.__version__}"


def test_an_unknown_model_is_one_line_with_near_names(run, photo_folder):
    result = run("caption", "--model", "koko-captioner", photo_folder, status=1)
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: Unknown model 'koko-captioner'")
    assert "coco-captioner" in line


def test_a_model_that_is_no_captioner_is_one_line(run, photo_folder):
    result = run("caption", "--model", "efficientnet-lite0-imagenet", photo_folder, status=1)
    (line,) = result.stderr.splitlines()
    assert "efficientnet-lite0-imagenet" in line


def test_wrong_usage_has_status_2(run):
    assert "Missing argument" in run("caption", status=2).stderr
    assert "No such command" in run("narrate", status=2).stderr


def test_a_file_that_cannot_be_written_is_one_line(run, photo_folder, tmp_path):
    (tmp_path / "file").write_text("")
    sheet = tmp_path / "file" / "sheet.png"
    result = run("caption", photo_folder, "--sheet", sheet, status=1)
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ") and "file" in line
