import re
import string

import pytest
import tensorflow as tf

from lrcn_keras.text import detokenize, tokenize, tokenize_tf

HARD = [
    "",
    " ",
    ".",
    "..",
    "...",
    ". .",
    "?!",
    "A dog .",
    "A dog.",
    "A dog...",
    "A dog. \n",
    "A dog.\u00a0",
    "A dog. .",
    'A dog ."',
    "The dog's \"ball\", isn't it?",
    "under_score __init__ a_1",
    "2 dogs, 3.5 m, 1,000 people, no. 7",
    "well-known t-shirt/jeans & co.",
    "line one\nline two\r\n\tline three\x0b\x0c",
    "non\u00a0breaking\u202fspace\u3000wide\u2028line",
    "a\x00b\x1fc\x7f",
    "Ein Mädchen läuft über die Straße, ÄÖÜ ẞ",
    "Cafe\u0301 d\u2019e\u0301te\u0301 \u00ab\u00a0Nai\u0308ve\u00a0\u00bb \u2014 ok\u2026",
    "İstanbul IĞDIR ıi",
    "ΟΔΟΣ ΟΔΥΣΣΕΥΣ. Σ ΑΣ'Α",
    "ДЕВОЧКА Ёж",
    "一只狗。两只猫、三只鸟！「你好」",
    "एक कुत्ता। दो बिल्ली",
    "كلب، قطة؟",
    "dog 🐕🐕 👩‍👩‍👧 ❤️ 👍🏽 1️⃣ 🇩🇪.",
    "zero\u200bwidth so\u00adft \ufeffbom",
    "x² ½ µm ª № ™ © € £5 ±3 × ÷",
    "\ufffd replacement \U0010ffff last",
    "𝔄𝔟𝔠 𐐀 ǅ ﬁ",
    "(a) [b] {c} ^d `e ~f |g \\h <unk> <eos>",
]


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("A child in a pink dress .", ["a", "child", "in", "a", "pink", "dress"]),
        ("A dog's ball.", ["a", "dog", "'", "s", "ball"]),
        ("Two dogs, one CAT", ["two", "dogs", ",", "one", "cat"]),
        ("Stop. Go.", ["stop", ".", "go"]),
        ("wait...", ["wait", ".", "."]),
        ("a_b t-shirt", ["a_b", "t", "-", "shirt"]),
        ("Straße\u00a0Über", ["straße", "über"]),
        ("cafe\u0301", ["cafe\u0301"]),
        ("dog🐕cat", ["dog", "🐕", "cat"]),
        (".", []),
        ("", []),
    ],
)
def test_sentences_split_as_the_paper_says(sentence, tokens):
    assert tokenize(sentence) == tokens


def test_ascii_text_splits_exactly_at_the_regular_expression_W():
    sentence = " ".join(f"x{a}y{b}z" for a in string.printable for b in string.printable)
    assert tokenize(sentence) == re.findall(r"\w+|[^\w\s]", sentence.lower(), re.ASCII)


def test_no_token_is_empty_or_holds_white_space():
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    assert all(token.split() == [token] for token in tokenize(everything))


@pytest.mark.parametrize("sentence", HARD)
def test_tensorflow_and_python_split_alike(sentence):
    (tokens,) = tokenize_tf([sentence]).to_list()
    assert [token.decode() for token in tokens] == tokenize(sentence)


def test_tensorflow_and_python_split_alike_in_a_batch_and_in_tf_data():
    data = tf.data.Dataset.from_tensor_slices(HARD).batch(len(HARD)).map(tokenize_tf)
    rows = next(iter(data)).to_list()
    assert [[token.decode() for token in row] for row in rows] == list(map(tokenize, HARD))
    assert tokenize_tf(tf.zeros([0], tf.string)).to_list() == []


def test_tensorflow_and_python_agree_on_every_older_character():
    # Newer letters depend on the Unicode version of Python and of ICU.
    sentences = [f"A{chr(code)}B {chr(code)}" for code in range(0x2C00)]
    rows = tokenize_tf(sentences).to_list()
    assert [[token.decode() for token in row] for row in rows] == list(map(tokenize, sentences))


def test_detokenize_joins_with_spaces():
    assert detokenize(["a", "dog", "'", "s", "ball"]) == "a dog ' s ball"
