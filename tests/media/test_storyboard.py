import numpy as np
import pytest
from PIL import Image

from lrcn_keras.media import storyboard

BLUE, GREY = (171, 214, 240), (231, 233, 236)


def shades(values, size=(30, 40), channels=3):
    return np.stack([np.full((*size, channels), value, np.uint8) for value in values])


def spans(board, colour):
    """First and last column of each run of rows that has the colour."""
    there = (np.asarray(board).astype(int) == colour).all(-1)
    rows = np.flatnonzero(there.any(1))
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
    return [np.flatnonzero(there[run].any(0))[[0, -1]] for run in runs]


def test_frames_stand_side_by_side_in_the_order_of_time():
    board = np.asarray(storyboard(shades(range(10, 130, 10)), "A man.", count=3, height=90))
    # Of twelve frames the middles of the thirds; each 90 x 120 with 5 pixels between.
    assert [int(board[50, 5 + 125 * place + 60, 0]) for place in range(3)] == [30, 70, 110]
    assert (board[50, 5 + 120 : 5 + 125] == 255).all()


@pytest.mark.parametrize("frames", [shades([50]), shades([50, 60], channels=1), list(shades([9]))])
def test_few_frames_of_any_kind_make_a_board(frames):
    board = storyboard(frames, "")
    assert board.mode == "RGB" and board.width >= 640


def test_a_longer_sentence_makes_room_for_itself():
    short, long = (storyboard(shades([0]), text) for text in ("A man.", "A man runs. " * 20))
    assert long.height > short.height and long.width == short.width
    assert (np.asarray(long)[180:-15] < 128).all(-1)[-25:].any()


def test_bars_are_as_long_as_probabilities_and_the_chosen_one_is_blue():
    roles = {"who": {"": 0.5, " ": 0.25, "  ": 0.125, "   ": 0.1}}
    board = storyboard(shades([0]), "", roles)
    (blue,) = spans(board, BLUE)
    greys = spans(board, GREY)
    assert blue[1] - blue[0] == pytest.approx(640 / 2, abs=2)
    assert [last - first for first, last in greys] == pytest.approx([160, 80], abs=2)
    chosen = storyboard(shades([0]), "", roles, {"who": "   "})  # the fourth replaces the third
    (blue,) = spans(chosen, BLUE)
    assert blue[1] - blue[0] == pytest.approx(64, abs=2)
    assert [last - first for first, last in spans(chosen, GREY)] == pytest.approx([320, 160], abs=2)


def test_many_roles_take_several_rows():
    few, many = (
        storyboard(shades([0]), "", {f"role{n}": {"label " * 20: 1.0} for n in range(count)})
        for count in (2, 9)
    )
    assert many.width == few.width and many.height > few.height
    assert len(spans(many, BLUE)) > 1


def test_it_is_saved_where_asked(tmp_path):
    path = tmp_path / "new" / "board.png"
    board = storyboard(shades([10, 200]), "Größe", path=path)
    with Image.open(path) as saved:
        np.testing.assert_array_equal(np.asarray(saved), np.asarray(board))


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ([], {}, "needs frames"),
        (shades([0])[0], {}, "uint8 of shape"),
        (shades([0]).astype(float), {}, "uint8 of shape"),
        (shades([0]), {"count": 0}, "got 0 and 160"),
        (shades([0]), {"height": 5}, "got 6 and 5"),
    ],
)
def test_wrong_arguments(frames, options, message):
    with pytest.raises(ValueError, match=message):
        storyboard(frames, "", **options)
