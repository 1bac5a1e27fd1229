import io
import threading
import time

import numpy as np
import pytest

pytest.importorskip("av")
pytest.importorskip("cv2")

from rich.console import Console  # noqa: E402

import lrcn_keras  # noqa: E402
from lrcn_keras.cli import live  # noqa: E402
from lrcn_keras.cli.bars import Bars  # noqa: E402
from lrcn_keras.cli.read_ahead import read_ahead  # noqa: E402


@pytest.mark.parametrize(
    "name", ["fight-recognizer", "flow-recognizer", "fused-recognizer", "grey-recognizer"]
)
def test_the_stream_says_what_the_whole_clips_timeline_says(recognizers, clip_folder, name):
    model = recognizers[name]
    path = clip_folder / "data" / "right" / "3.mp4"
    streamed = [scores for _, scores in live.stream(model, path)]
    expected = model.recognize(path).timeline
    np.testing.assert_allclose(streamed, expected, atol=1e-5)


def test_stopped_by_the_user_it_says_what_it_has_seen(recognizers, clip_folder, monkeypatch):
    model = recognizers["fight-recognizer"]
    path = clip_folder / "data" / "right" / "3.mp4"
    timeline = model.recognize(path).timeline

    def stream(*arguments):
        yield from ((None, None) for _ in ())
        for index, pair in enumerate(streamed(*arguments)):
            if index == 4:
                raise KeyboardInterrupt
            yield pair

    streamed = live.stream
    monkeypatch.setattr(live, "stream", stream)
    watched = live.watch(model, path)
    assert watched.stopped and watched.error is None
    np.testing.assert_allclose(watched.result.timeline, timeline[:4], atol=1e-5)
    expected = timeline[:4].mean(axis=0)
    np.testing.assert_allclose(list(watched.result.probabilities.values()), expected, atol=1e-5)


def test_bars_show_the_likeliest_classes_as_long_as_their_probability():
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=80, color_system=None)
    classes = [f"class{number}" for number in range(10)]
    scores = np.array([0.05, 0.5, 0.2, 0.01, 0.02, 0.04, 0.06, 0.03, 0.04, 0.05])
    with Bars("camera:0", classes, console) as bars:
        bars.update(scores, 0.0)
        bars.update(scores, 12.3)
        assert bars.shown
        console.print(bars)
    text = output.getvalue()
    assert "camera:0, 12.3 s" in text and "frames/s" in text
    assert "class1 " in text and " 50 %" in text
    assert "class3" not in text and "class4" not in text  # the two least likely of ten
    line = next(line for line in text.splitlines() if "class1 " in line)
    assert line.count("\u2501") == 15  # half of 30


def test_without_a_terminal_there_are_no_bars():
    with Bars("clip.mp4", ["a", "b"]) as bars:
        bars.update(np.array([0.5, 0.5]), 0.0)
        assert not bars.shown


def test_reading_ahead_gives_everything_in_order_and_then_the_error():
    def numbers():
        yield from range(50)
        raise lrcn_keras.MediaError("clip", "broke off")

    seen = []
    with pytest.raises(lrcn_keras.MediaError, match="broke off"):
        for number in read_ahead(numbers()):
            seen.append(number)
    assert seen == list(range(50))


def test_a_slow_reader_of_a_live_source_gets_the_newest():
    def ticks():
        start = time.monotonic()
        for number in range(40):
            yield number, start
            time.sleep(0.01)

    seen = []
    for number, _ in read_ahead(ticks(), newest=True):
        seen.append(number)
        time.sleep(0.08)
    assert seen == sorted(seen) and seen[-1] == 39
    assert len(seen) < 20


def test_left_early_the_source_is_closed_and_the_thread_ends():
    closed = threading.Event()

    def numbers():
        try:
            yield from iter(int, 1)
        finally:
            closed.set()

    before = threading.active_count()
    items = read_ahead(numbers())
    next(items)
    items.close()
    assert closed.wait(2)
    assert threading.active_count() == before
