"""Sentences to token ids and back, and the roles of what they say."""

from lrcn_keras.text.role_labels import RoleLabels
from lrcn_keras.text.roles import ROLES, caption_roles
from lrcn_keras.text.tokenizer import detokenize, tokenize, tokenize_tf
from lrcn_keras.text.vocabulary import Vocabulary, shared_rows

__all__ = [
    "ROLES",
    "RoleLabels",
    "Vocabulary",
    "caption_roles",
    "detokenize",
    "shared_rows",
    "tokenize",
    "tokenize_tf",
]
