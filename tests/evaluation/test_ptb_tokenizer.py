import random
import shutil

import pytest

from lrcn_keras.evaluation import ptb_tokenize

# Right-hand sides: Stanford's PTBTokenizer (CoreNLP 3.4.1, -lowerCase -preserveLines), each
# caption followed by a line "x", pycocoevalcap's punctuation removed.
STANFORD = [
    (
        "A dog's ball isn't in the T-shirt, Mr. Smith!",
        "a dog 's ball is n't in the t-shirt mr. smith",
    ),
    ("I cannot, they're gonna; we've GOTTA.", "i can not they 're gon na we 've got ta"),
    (
        "A man (in red) [and blue] {too}.",
        "a man -lrb- in red -rrb- -lsb- and blue -rsb- -lcb- too -rcb-",
    ),
    ("Two dogs -- one black/white -- run...", "two dogs one black/white run"),
    ("He said \"hello\" and ``bye'' to 'them'.", "he said hello and bye to them"),
    (
        "The 1970s: 1 1/2 hot-dogs for $5.50 at 10:30pm!!",
        "the 1970s 1\xa01/2 hot-dogs for $ 5.50 at 10:30 pm !!",
    ),
    ("St. Louis, U.S.A. vs. the D.C. team etc.", "st. louis u.s.a. vs. the d.c. team etc."),
    ("On it.; then a can.;", "on it. then a can."),
    (
        "Texas A&amp;M at AT&T, M&Ms and r&b rock & roll",
        "texas a&m at at&t m&m s and r & b rock & roll",
    ),
    (
        "o'clock hors d'oeuvres jack-o'lantern Pe'e RAY'S",
        "o'clock hors d'oeuvres jack-o'lantern pe'e ray 's",
    ),
    (
        "slip 'n' slide, 'n slide, 'em, y'all, ma'am, '80s, '98",
        "slip 'n' slide 'n slide 'em y' all ma'am '80s '98",
    ),
    ("No. 5 is no. Fig. 3, pp. 2", "no. 5 is no fig. 3 pp. 2"),
    ("In the T. The letter. In the T. Man.", "in the t the letter in the t. man"),
    ("Call (555) 555-1234 or 555-1234 now", "call -lrb-555-rrb-\xa0555-1234 or 555-1234 now"),
    (
        "#28 #hashtag @user foo@bar.com www.foo.com https://a.bc/de.",
        "# 28 #hashtag @user foo@bar.com www.foo.com https://a.bc/de",
    ),
    (
        "Café, naïve jalapeño: ½ of 1½, 5° at 50% £5 €6",
        "café naïve jalapeño 1/2 of 1 1/2 5 ° at 50 % # 5 $ 6",
    ),
    ("“don’t” ‘it’s’ … – —", "do n't it 's"),
    (
        "his/her and/or 4-wheeler 3/4-inch a_b C++ A+B",
        "his/her and/or 4-wheeler 3/4-inch a_b c++ a+b",
    ),
    (
        "What?! Really?? :) ;-) <b>bold</b> < 3 >",
        "what ?! really ?? :-rrb- ;--rrb- <b> bold </b> < 3 >",
    ),
    (
        "sitting.The dog .99 a.m. p.m. Ph.D. 1,000-foot x3",
        "sitting.the dog .99 a.m. p.m. ph.d. 1,000-foot x3",
    ),
    ("", ""),
    (" . ", ""),
    ("!?", "!?"),
]
WORDS = (
    "a A man The dog's can't don't it's T-shirt o'clock 5 12 3.5 1,000 10:30 5th MP3 cannot gonna "
    "etc. St. Mr. U.S. No. rock-n-roll black/white café him/her they're dogs' R2-D2 co. p.m."
).split()
SIGNS = ["", "", "", "", ",", ",", ";", " .", "!", "?", ":", " -", ")", '"', " &", " --", "..."]


@pytest.mark.parametrize(("caption", "tokens"), STANFORD)
def test_hard_captions_get_stanfords_tokens(caption, tokens):
    assert ptb_tokenize(caption) == tokens


def test_line_breaks_and_tabs_are_blanks():
    assert ptb_tokenize("a\ndog\r\n\tran\u2028home") == "a dog ran home"


def test_emoji_are_left_out():
    assert ptb_tokenize("a dog \U0001f600 runs") == "a dog runs"


def test_a_long_line_without_blanks_takes_no_time():
    assert len(ptb_tokenize("a" * 20_000 + "'-.,:" * 200)) >= 20_000


def test_tokens_equal_stanfords_on_generated_captions():
    reference = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    generator = random.Random(0)
    captions = []
    for _ in range(300):
        words = [generator.choice(WORDS) + generator.choice(SIGNS) for _ in range(8)]
        captions.append(" ".join(words))
    # A line between them: what follows a caption in the file is no part of it.
    lines = {n: [{"caption": c}, {"caption": "x"}] for n, c in enumerate(captions)}
    expected = reference.PTBTokenizer().tokenize(lines)
    assert [ptb_tokenize(caption) for caption in captions] == [expected[n][0] for n in lines]
