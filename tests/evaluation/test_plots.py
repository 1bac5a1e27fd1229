import re
import sys

import numpy as np
import pytest
from PIL import Image

from lrcn_keras.evaluation import plot_class_gain, plot_confusion, plot_timeline

pytest.importorskip("matplotlib")

CLASSES = ["fall", "sit", "walk"]


def texts(path):
    """What is written in an SVG: matplotlib draws letters, and says in comments which."""
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))


def test_a_confusion_matrix_names_its_classes_and_counts(tmp_path):
    path = tmp_path / "confusion.svg"
    plot_confusion([[71, 2, 0], [3, 64, 0], [0, 0, 0]], CLASSES, path, title="Weizmann")
    written = texts(path)
    assert {"Weizmann", "predicted", "true", *CLASSES, "71", "64", "2", "3"} <= set(written)
    assert [written.count(name) for name in CLASSES] == [2, 2, 2]


def test_many_classes_are_drawn_without_counts(tmp_path):
    names = [f"class{number}" for number in range(101)]
    plot_confusion(np.full((101, 101), 77), names, tmp_path / "big.svg")
    written = texts(tmp_path / "big.svg")
    assert set(names) <= set(written)
    assert "77" not in written


def test_a_gain_is_in_points_and_in_the_order_given(tmp_path):
    path = tmp_path / "gain.svg"
    plot_class_gain({"walk": 0.4082, "sit": 0.0, "fall": -0.125}, path)
    written = texts(path)
    assert [text for text in written if text in CLASSES] == ["walk", "sit", "fall"]
    assert {"+40.8", "0", "-12.5"} <= set(written)


@pytest.mark.parametrize(
    ("rate", "axis", "last"), [(10.0, "seconds", "2.00"), (None, "frame", "20")]
)
def test_a_timeline_is_in_seconds_where_the_rate_is_known(tmp_path, rate, axis, last):
    rising = np.linspace(0, 1, 21)
    path = tmp_path / "timeline.svg"
    plot_timeline(np.stack([1 - rising, rising, 0 * rising], 1), CLASSES, rate, path, most=2)
    written = texts(path)
    assert {axis, last, "fall", "sit"} <= set(written)
    assert "walk" not in written


def test_files_are_pictures_whatever_there_is_to_see(tmp_path):
    plot_confusion([[0]], ["all"], tmp_path / "confusion.png")
    plot_class_gain({"all": 0.0}, tmp_path / "gain.png")
    plot_timeline([[1.0]], ["all"], 25.0, tmp_path / "timeline.png")
    for path in tmp_path.iterdir():
        with Image.open(path) as picture:
            picture.load()
            assert min(picture.size) > 100, path


def test_what_cannot_be_drawn_is_an_error(tmp_path):
    path = tmp_path / "x.png"
    with pytest.raises(ValueError, match=r"3 classes need a matrix \(3, 3\), got \(2, 2\)"):
        plot_confusion(np.eye(2), CLASSES, path)
    with pytest.raises(ValueError, match="At least one class"):
        plot_class_gain({}, path)
    with pytest.raises(ValueError, match=r"probabilities \(T, 3\), got \(5, 2\)"):
        plot_timeline(np.ones((5, 2)), CLASSES, 25.0, path)
    with pytest.raises(ValueError, match="rate must be positive"):
        plot_timeline(np.ones((5, 3)), CLASSES, 0.0, path)


def test_without_matplotlib_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'lrcn-keras\[plot\]'"):
        plot_class_gain({"all": 0.0}, tmp_path / "x.png")
