import numpy as np
import pytest

from lrcn_keras import MediaError
from lrcn_keras.media import VideoWriter, annotate, annotate_sentence, clip_info, read_clip
from lrcn_keras.media.annotate import COLOURS

FRAME = np.full((180, 240, 3), 100, np.uint8)


def has(image, colour):
    return (np.abs(image.astype(int) - colour).max(-1) <= 2).any()


def columns_of(image, colour):
    return np.flatnonzero((np.abs(image.astype(int) - colour).max(-1) <= 2).any(0))


@pytest.mark.parametrize("size", [(180, 240), (1080, 1920), (33, 47), (16, 16), (400, 100)])
def test_frames_of_any_size_keep_their_shape_and_are_drawn_on(size):
    frame = np.full((*size, 3), 100, np.uint8)
    timeline = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    image = annotate(frame, "walking the dog", 0.8, timeline, ("a", "b", "c"))
    assert image.shape == frame.shape and image.dtype == np.uint8
    assert (image != frame).any() and (frame == 100).all()


def test_the_middle_of_the_picture_stays_as_it_was():
    image = annotate(FRAME, "a", 0.5, np.full((5, 2), 0.5), ("a", "b"))
    np.testing.assert_array_equal(image[60:110], FRAME[60:110])
    only_label = annotate(FRAME, "a", 0.5)
    np.testing.assert_array_equal(only_label[60:], FRAME[60:])


@pytest.mark.parametrize("probability", [0.0, 0.25, 1.0])
def test_the_bar_is_as_long_as_the_probability(probability):
    columns = columns_of(annotate(FRAME, "", probability)[:40], COLOURS[0])
    assert len(columns) == pytest.approx(240 * probability, abs=2)


def test_curves_are_of_the_likeliest_classes_and_follow_them():
    timeline = np.zeros((11, 6))
    timeline[:, 4] = np.linspace(0, 1, 11)
    timeline[:, 1] = 0.5
    image = annotate(FRAME, "", 0.0, timeline)
    strip = image[-60:]
    heights = [
        np.flatnonzero(np.abs(strip[:, x].astype(int) - COLOURS[4]).max(-1) <= 2).mean()
        for x in (40, 120, 200)
    ]
    assert heights[0] > heights[1] > heights[2]  # rows count downwards
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=2)
    assert has(strip, COLOURS[1])


def test_classes_keep_their_colours_whichever_is_likelier():
    for timeline in ([[0.9, 0.1]] * 5, [[0.1, 0.9]] * 5):
        strip = annotate(FRAME, "", 0.0, timeline)[-60:]
        rows = [
            np.flatnonzero(np.abs(strip[:, 50].astype(int) - each).max(-1) <= 2).mean()
            for each in COLOURS[:2]
        ]
        assert (rows[0] < rows[1]) == (timeline[0][0] > timeline[0][1])
    strip = annotate(FRAME, "", 0.0, np.eye(14)[[0, 7, 1]])[-60:]
    assert all(has(strip, colour) for colour in COLOURS[:3])


def test_what_comes_later_is_dimmed():
    timeline = np.full((10, 1), 0.9)
    columns = columns_of(annotate(FRAME, "", 0.0, timeline, position=0.5), COLOURS[0])
    assert columns.min() <= 1 and columns.max() == pytest.approx(120, abs=2)


def test_a_long_label_is_cut_and_grey_frames_and_names_of_any_script_are_taken():
    cut = annotate(FRAME, "w" * 500, 0.5)
    assert (cut[5:20, -50:] != annotate(FRAME, "", 0.5)[5:20, -50:]).mean() < 0.05
    assert annotate(FRAME[..., :1], "日本語 é", 0.5).shape == FRAME.shape
    assert annotate(FRAME, "a", 1.0, np.zeros((0, 3)), ("a", "b", "c")).shape == FRAME.shape
    assert annotate(FRAME, "a", 1.0, np.ones((1, 1)), ("a",)).shape == FRAME.shape


@pytest.mark.parametrize("size", [(180, 240), (720, 1280), (33, 47), (16, 16), (400, 100)])
@pytest.mark.parametrize("sentence", ["a", "A man runs over the grass.", "w" * 99, "go on " * 50])
def test_a_sentence_is_written_at_the_bottom_of_any_frame(size, sentence):
    frame = np.full((*size, 3), 100, np.uint8)
    image = annotate_sentence(frame, sentence)
    assert image.shape == frame.shape and image.dtype == np.uint8
    assert (image[-size[0] // 10 :] != 100).any()
    if min(size) > 100:
        np.testing.assert_array_equal(image[: size[0] // 2], frame[: size[0] // 2])
        ink = (image > 200).all(-1)
        assert ink.any() and not ink[:, [0, 1, -2, -1]].any()


def test_a_sentence_may_be_empty_and_a_frame_grey():
    np.testing.assert_array_equal(annotate_sentence(FRAME, "  "), FRAME)
    assert annotate_sentence(FRAME[..., :1], "é 日本語").shape == FRAME.shape
    with pytest.raises(ValueError, match="uint8 of shape"):
        annotate_sentence(FRAME.astype(float), "a")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((FRAME[0], "a", 0.5), "shape"),
        ((FRAME.astype(float), "a", 0.5), "uint8"),
        ((FRAME, "a", 1.5), "probability"),
        ((FRAME, "a", float("nan")), "probability"),
        ((FRAME, "a", 0.5, np.ones(3)), "timeline"),
        ((FRAME, "a", 0.5, np.ones((3, 2)), ("a",)), "timeline"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        annotate(*arguments)


@pytest.mark.parametrize("size", [(48, 64), (49, 65), (2, 3)])
@pytest.mark.parametrize("rate", [15, 12.5, 30000 / 1001])
def test_written_frames_are_read_again(tmp_path, size, rate):
    pytest.importorskip("av")
    path = tmp_path / "new" / "out.mp4"
    levels = [20, 120, 220] * 5
    with VideoWriter(path, rate, size) as writer:
        for level in levels:
            writer.write(np.full((*size, 3), level, np.uint8))
    clip = read_clip(path)
    assert clip.shape == (15, size[0] // 2 * 2, size[1] // 2 * 2, 3)
    np.testing.assert_allclose(clip.mean((1, 2, 3)), levels, atol=4)
    assert clip_info(path).rate == pytest.approx(rate, rel=1e-3)


def test_what_cannot_be_written_is_said(tmp_path):
    pytest.importorskip("av")
    (tmp_path / "file").touch()
    for path, error in (
        (tmp_path / "clip.unknown", MediaError),
        (tmp_path / "file" / "clip.mp4", OSError),
    ):
        with pytest.raises(error, match="clip|file"):
            VideoWriter(path, 25, (48, 64))
    (tmp_path / "folder.mp4").mkdir()  # FFmpeg opens a file at the first frame
    with pytest.raises(MediaError, match=r"folder\.mp4: cannot be written \("):
        with VideoWriter(tmp_path / "folder.mp4", 25, (48, 64)) as writer:
            for _ in range(100):
                writer.write(np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(ValueError, match="rate must be"):
        VideoWriter(tmp_path / "a.mp4", 0, (48, 64))
    with VideoWriter(tmp_path / "a.mp4", 25, (48, 64)) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
        with pytest.raises(ValueError, match="shape"):
            writer.write(np.zeros((48, 65, 3), np.uint8))
