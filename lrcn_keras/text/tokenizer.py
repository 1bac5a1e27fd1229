"""The paper's tokens: words and punctuation marks in lower case, without the final full stop.

Python's `\\w` and RE2's are different sets, and Python's changes with its Unicode version. Both
therefore share one explicit list of what is not part of a word. On ASCII it is exactly `\\W`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

# For character classes. `\xNN` means the same to `re` and RE2, other characters are literal.
_BLANKS = (
    "\\x00-\\x20\\x7f"
    "\u0080-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff"
)
_MARKS = (
    "!-/:-@\\[-^`{-~"
    "\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"  # Latin-1
    "\u037e\u0387\u0589\u05be\u05c0\u05c3\u060c\u061b\u061f\u06d4\u0964\u0965"  # other scripts
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u2bff\u2e00-\u2e7f"  # general, symbols
    "\u3001-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30fb"  # CJK
    "\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff9-\ufffd"
    "\U0001f000-\U0001faff"  # emoji
)
_TOKEN = re.compile(f"[^{_BLANKS}{_MARKS}]+|[{_MARKS}]")


def tokenize(sentence: str) -> list[str]:
    """Splits a sentence into words and punctuation marks.

    Donahue et al. 2017 split at every character that cannot be part of a word, keep punctuation as
    tokens, write everything in lower case and drop one full stop at the end.

    Args:
        sentence: text in any script.

    Returns:
        The tokens, none of them empty.

    Example:
        >>> tokenize("A dog's ball, 2 of them.")
        ['a', 'dog', "'", 's', 'ball', ',', '2', 'of', 'them']
    """
    tokens = [token.lower() for token in _TOKEN.findall(sentence)]
    return tokens[:-1] if tokens and tokens[-1] == "." else tokens


def tokenize_tf(sentences: tf.Tensor) -> tf.RaggedTensor:
    """Splits a batch of sentences inside a TensorFlow graph, exactly as `tokenize` does.

    Args:
        sentences: string tensor of shape (N,), valid UTF-8.

    Returns:
        Ragged string tensor of shape (N, None).
    """
    import tensorflow as tf
    import tensorflow_text

    # The final full stop goes, and so do NUL characters, at which the operations below would stop.
    sentences = tf.strings.regex_replace(sentences, f"\\x00|\\.[{_BLANKS}]*$", " ")
    tokens = tensorflow_text.regex_split(
        sentences, f"[{_BLANKS}{_MARKS}]", keep_delim_regex_pattern=f"[{_MARKS}]"
    )
    return tokens.with_flat_values(tf.strings.lower(tokens.flat_values, encoding="utf-8"))


def detokenize(tokens: list[str]) -> str:
    """Joins tokens to a sentence, with a space between them.

    Args:
        tokens: words and punctuation marks.

    Returns:
        The sentence.
    """
    return " ".join(tokens)
