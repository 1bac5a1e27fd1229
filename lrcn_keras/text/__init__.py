"""Sentences to token ids and back."""

from lrcn_keras.text.tokenizer import detokenize, tokenize, tokenize_tf
from lrcn_keras.text.vocabulary import Vocabulary, shared_rows

__all__ = ["Vocabulary", "detokenize", "shared_rows", "tokenize", "tokenize_tf"]
