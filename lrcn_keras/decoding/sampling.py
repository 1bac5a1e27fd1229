"""Samples of the model's distribution, the likeliest first."""

import dataclasses
import random
from typing import ClassVar

import keras
from keras import ops

from lrcn_keras.decoding import chunks
from lrcn_keras.decoding.decoder import Decoded, Decoder
from lrcn_keras.decoding.rollout import rollout
from lrcn_keras.decoding.states import repeat_rows


@dataclasses.dataclass(frozen=True)
class Sampling(Decoder):
    """Draws captions word by word, and ranks them by the model's own log-probability.

    At every step the log-probabilities are divided by the temperature; of the allowed tokens the
    `top_k` likeliest are kept; of those, renormalised, the smallest set of likeliest ones whose
    probability reaches `top_p`; and one token is drawn. The ranking knows none of this: it goes by
    the log-probability at temperature 1. The same caption may be drawn twice.

    Donahue et al. (2017) draw 100 captions from softmax(1.5 * logits) and keep the likeliest:
    `Sampling(temperature=1 / 1.5, samples=100)`.

    Args:
        temperature: divisor of the log-probabilities, above 0; below 1 favours likely words.
        top_k: number of tokens to draw from, at least 1; None: all.
        top_p: probability of the tokens to draw from, in (0, 1]; None: all. Without a `top_k` it
            sorts the whole vocabulary at every step, which is slow.
        samples: captions for every row, all returned.
        seed: int that fixes the draws for a given batch size on a given backend. None: a
            fresh one at every call, from Python's `random`; one traced into a graph stays there.
        max_length, min_length, forbidden: as in `Decoder`.
    """

    name: ClassVar[str] = "sample"

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    samples: int = 1
    seed: int | None = None

    def __post_init__(self):
        super().__post_init__()
        if not self.temperature > 0:
            raise ValueError(f"temperature must be above 0; received: {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k must be at least 1; received: {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p must be in (0, 1]; received: {self.top_p}")
        if self.samples < 1:
            raise ValueError(f"samples must be at least 1; received: {self.samples}")

    def _decode(self, step, state, batch_size, vocabulary_size, start, end):
        rows = batch_size * self.samples
        seed = random.randrange(2**31) if self.seed is None else self.seed
        # All draws at once: no random state inside the loop, no variable in a SavedModel.
        draws = keras.random.uniform((self.max_length + 1, rows), dtype="float32", seed=seed)

        def choose(log_probs, t):
            return self._draw(log_probs / self.temperature, draws[t])

        state = repeat_rows(state, self.samples)
        tokens, sums, lengths = rollout(
            step, state, rows, choose, self, vocabulary_size, start, end
        )
        sums, order = ops.top_k(ops.reshape(sums, (-1, self.samples)), self.samples)
        first_rows = ops.arange(batch_size, dtype="int32") * self.samples
        order = order + first_rows[:, None]
        return Decoded(ops.take(tokens, order, axis=0), sums, ops.take(lengths, order))

    def _draw(self, scores, draws):
        """Draws a token for every row from softmax(scores): (N, V), (N,) in [0, 1) -> (N,)."""
        vocabulary_size = scores.shape[-1]
        truncated = self.top_k is not None or (self.top_p is not None and self.top_p < 1)
        if not truncated:
            return chunks.draw(ops.softmax(scores), draws)
        kept = min(self.top_k or vocabulary_size, vocabulary_size)
        scores, ids = chunks.top_k(scores, kept)
        probabilities = ops.softmax(scores)
        if self.top_p is not None:
            before = ops.cumsum(probabilities, axis=-1) - probabilities
            probabilities = ops.where(before < self.top_p, probabilities, 0.0)
        chosen = chunks.draw(probabilities, draws)
        return ops.take_along_axis(ids, chosen[:, None], axis=-1)[:, 0]
