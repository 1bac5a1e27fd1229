"""The likeliest word at every step."""

import dataclasses
from typing import ClassVar

from lrcn_keras.decoding import chunks
from lrcn_keras.decoding.decoder import Decoded, Decoder
from lrcn_keras.decoding.rollout import rollout


@dataclasses.dataclass(frozen=True)
class Greedy(Decoder):
    """Takes the likeliest token at every step: beam search with one beam, one caption a row.

    Args:
        max_length, min_length, forbidden: as in `Decoder`.
    """

    name: ClassVar[str] = "greedy"

    def _decode(self, step, state, batch_size, vocabulary_size, start, end):
        def choose(log_probs, t):
            return chunks.top_k(log_probs, 1)[1][:, 0]

        tokens, sums, lengths = rollout(
            step, state, batch_size, choose, self, vocabulary_size, start, end
        )
        return Decoded(tokens[:, None], sums[:, None], lengths[:, None])
