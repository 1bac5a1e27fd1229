"""The words a model knows, as plain text."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lrcn_keras.text.tokenizer import detokenize, tokenize

if TYPE_CHECKING:
    import tensorflow as tf

EOS = "<eos>"
UNKNOWN = "<unk>"


class Vocabulary:
    """An ordered set of tokens: id 0 starts and ends a sentence, id 1 is any unknown word.

    Args:
        words: the tokens without the two specials, in the order of their ids from 2 on.

    Raises:
        ValueError: for a word that occurs twice, is empty, holds white space or is a special.

    Example:
        >>> vocabulary = Vocabulary(["a", "dog"])
        >>> vocabulary.encode("A dog runs.")
        [2, 3, 1]
        >>> vocabulary.decode([2, 3, 0, 3])
        'a dog'
    """

    eos_id = 0
    unknown_id = 1

    def __init__(self, words: Iterable[str] = ()):
        self.words: tuple[str, ...] = (EOS, UNKNOWN, *words)
        for word in self.words:
            if not isinstance(word, str) or not word or word.split() != [word]:
                raise ValueError(f"A word must be text without white space, got {word!r}")
        counts = Counter(self.words)
        if len(counts) < len(self.words):
            twice = [word for word, count in counts.items() if count > 1]
            raise ValueError(
                f"Words must be unique and none may be {EOS} or {UNKNOWN}; "
                f"these occur twice: {twice[:5]}"
            )
        self._ids = {word: index for index, word in enumerate(self.words)}

    @classmethod
    def from_captions(cls, captions: Iterable[str], min_count: int = 5) -> Vocabulary:
        """Collects the words of a training split, by count and then by alphabet.

        Args:
            captions: sentences.
            min_count: how often a word must occur; the paper asks for 5.

        Returns:
            The vocabulary.
        """
        counts = Counter(token for caption in captions for token in tokenize(caption))
        kept = [word for word, count in counts.items() if count >= min_count]
        return cls(sorted(kept, key=lambda word: (-counts[word], word)))

    @classmethod
    def of(cls, tokens: Vocabulary | Iterable[str]) -> Vocabulary:
        """Accepts a vocabulary, or all its tokens as `words` lists them.

        Args:
            tokens: a `Vocabulary`, or tokens in the order of their ids, `<eos>` and `<unk>` first.

        Returns:
            The vocabulary.

        Raises:
            ValueError: when the tokens do not begin with the specials.
        """
        if isinstance(tokens, Vocabulary):
            return tokens
        tokens = tuple(tokens)
        if tokens[:2] != (EOS, UNKNOWN):
            raise ValueError(f"Tokens must begin with {EOS} and {UNKNOWN}, got {tokens[:2]}")
        return cls(tokens[2:])

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """Reads a file that `save` wrote.

        Args:
            path: UTF-8 text with one token a line, `<eos>` and `<unk>` first.

        Returns:
            The vocabulary.

        Raises:
            ValueError: when the file is not UTF-8, lacks the specials, or has a bad or repeated
                line.
        """
        try:
            lines = Path(path).read_bytes().decode("utf-8").removesuffix("\n").split("\n")
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is no vocabulary: not UTF-8 text ({error})") from error
        if tuple(lines[:2]) != (EOS, UNKNOWN):
            raise ValueError(f"{path} must begin with {EOS} and {UNKNOWN}, begins with {lines[:2]}")
        try:
            return cls(lines[2:])
        except ValueError as error:
            raise ValueError(f"{path} is damaged. {error}") from error

    def save(self, path: str | Path) -> None:
        """Writes all tokens in the order of their ids, one a line.

        Args:
            path: file to write.
        """
        Path(path).write_bytes(self._text)

    @property
    def _text(self) -> bytes:
        return "".join(f"{word}\n" for word in self.words).encode("utf-8")

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the text that `save` writes, in hexadecimal."""
        return hashlib.sha256(self._text).hexdigest()

    def encode(self, caption: str, max_length: int | None = None) -> list[int]:
        """Turns a sentence into ids, without the end token.

        Args:
            caption: sentence.
            max_length: how many ids to keep; None keeps all.

        Returns:
            The ids in [1, len(self)).
        """
        return [self._ids.get(token, self.unknown_id) for token in tokenize(caption)[:max_length]]

    def decode(self, ids: Iterable[int]) -> str:
        """Turns ids into a sentence, up to the first end token.

        Args:
            ids: integers in [0, len(self)).

        Returns:
            The sentence.

        Raises:
            ValueError: for an id outside the vocabulary.
        """
        tokens = []
        for index in map(int, ids):
            if index == self.eos_id:
                break
            if not 0 < index < len(self):
                raise ValueError(f"Ids must be in [0, {len(self)}), got {index}")
            tokens.append(self.words[index])
        return detokenize(tokens)

    def lookup(self, tokens: tf.Tensor | tf.RaggedTensor) -> tf.Tensor | tf.RaggedTensor:
        """Looks tokens up inside a TensorFlow graph.

        Args:
            tokens: string tensor, dense or ragged, of any shape.

        Returns:
            int32 ids of the same shape, 1 for unknown tokens.
        """
        import tensorflow as tf

        if isinstance(tokens, tf.RaggedTensor):
            return tokens.with_flat_values(self._table.lookup(tokens.flat_values))
        return self._table.lookup(tokens)

    @cached_property
    def _table(self) -> tf.lookup.StaticHashTable:
        import tensorflow as tf

        with tf.init_scope():  # outside of any tf.data function, so that all of them share it
            entries = tf.lookup.KeyValueTensorInitializer(
                tf.constant(self.words), tf.range(len(self), dtype=tf.int32)
            )
            return tf.lookup.StaticHashTable(entries, default_value=self.unknown_id)

    def table_tf(self) -> tf.Tensor:
        """The tokens as a constant, for `tf.gather(table, ids)` inside a graph.

        Returns:
            String tensor of shape (len(self),).
        """
        import tensorflow as tf

        return tf.constant(self.words)

    def __getstate__(self) -> dict:
        return {"words": self.words, "_ids": self._ids}  # tables cannot be copied

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens, {self.hash[:8]})"


def shared_rows(old: Vocabulary, new: Vocabulary) -> tuple[np.ndarray, np.ndarray]:
    """Finds the tokens that two vocabularies share, to keep their rows of an embedding.

    Args:
        old: vocabulary of the trained model.
        new: vocabulary of the model to be.

    Returns:
        Two int64 arrays of equal length, the ids in `old` and in `new`, ascending in `new`:
        `new_embedding[new_ids] = old_embedding[old_ids]`.
    """
    old_index = {word: index for index, word in enumerate(old.words)}
    pairs = [(old_index[word], index) for index, word in enumerate(new.words) if word in old_index]
    old_ids, new_ids = zip(*pairs, strict=True)
    return np.array(old_ids, np.int64), np.array(new_ids, np.int64)
