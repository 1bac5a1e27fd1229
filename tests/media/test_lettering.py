import pytest
from PIL import ImageFont

from lrcn_keras.media.lettering import cut, plain, wrap

FONT = ImageFont.load_default(size=12)
TEXTS = ("a black dog runs over the green grass", "word " + "endless" * 30, "", "i" * 500, "a")


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("text", TEXTS)
def test_lines_fit_and_lose_no_letter(text, balanced):
    lines = wrap(text, FONT, 100, balanced)
    assert all(FONT.getlength(line) <= 100 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_balanced_lines_are_as_many_and_the_longest_is_shorter():
    text = "a man is stirring meat in a pot with spices"
    width = int(FONT.getlength(text)) - 5  # the last word alone does not fit
    filled, balanced = wrap(text, FONT, width), wrap(text, FONT, width, balanced=True)
    assert filled == ["a man is stirring meat in a pot with", "spices"]
    assert len(balanced) == 2
    assert max(map(FONT.getlength, balanced)) < 0.7 * width


def test_what_is_cut_fits():
    assert cut("short", FONT, 100) == "short"
    long = cut("a very long label that does not fit", FONT, 100)
    assert long.endswith("...") and FONT.getlength(long) <= 100
    assert cut("long", FONT, 3) == ""


def test_letters_lose_their_accents():
    assert plain("été Größe") == "ete Große"
