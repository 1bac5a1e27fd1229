"""The likeliest sentence that a beam of a given width finds."""

import dataclasses
from typing import ClassVar

import keras
import numpy as np
from keras import ops

from lrcn_keras.decoding import chunks
from lrcn_keras.decoding.decoder import Decoded, Decoder
from lrcn_keras.decoding.states import reorder_rows, repeat_rows


@dataclasses.dataclass(frozen=True)
class BeamSearch(Decoder):
    """Keeps the best beams at every step, finished ones among them (Donahue et al. 2017).

    Beams are ranked by sum / length ** length_penalty, with the sum of the log-probabilities and
    the length in words plus one for `end`. A finished beam keeps its place and its score for as
    long as no other pushes it out. The search of the batch stops when no open beam can still come
    before the `n_best` best finished ones: the result is that of a search to the end.

    Args:
        beams: width, at least 1.
        length_penalty: exponent, at least 0; 0 ranks by the plain sum, as the paper does; 1 by the
            mean log-probability of a token.
        n_best: captions to return for every row, at most `beams`.
        no_repeat_ngram_size: a caption says no sequence of so many words twice, such as "a sink
            and a sink" with 2; 0 allows all.
        max_length, min_length, forbidden: as in `Decoder`.

    Example:

    >>> probs = keras.ops.array([[0.0, 0.6, 0.4], [0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    >>> def step(tokens, state):
    ...     return keras.ops.log(keras.ops.take(probs, tokens, axis=0)), state
    >>> decoded = BeamSearch(beams=2)(step, (), batch_size=1, vocabulary_size=3)
    >>> decoded.tokens[0, 0, : int(decoded.lengths[0, 0])].numpy().tolist()
    [2, 0]
    """

    name: ClassVar[str] = "beam"

    beams: int = 5
    length_penalty: float = 0.0
    n_best: int = 1
    no_repeat_ngram_size: int = 0

    def __post_init__(self):
        super().__post_init__()
        if not 1 <= self.n_best <= self.beams:
            raise ValueError(
                "n_best must be at least 1 and at most beams; received: "
                f"n_best={self.n_best}, beams={self.beams}"
            )
        if not self.length_penalty >= 0:
            raise ValueError(f"length_penalty must be at least 0; received: {self.length_penalty}")
        if self.no_repeat_ngram_size < 0:
            raise ValueError(
                f"no_repeat_ngram_size must be at least 0; received: {self.no_repeat_ngram_size}"
            )

    def _decode(self, step, state, batch_size, vocabulary_size, start, end):
        beams, max_length = self.beams, self.max_length
        # A beam has at most `beams` useful continuations: its end, and its likeliest words, among
        # which `end`, the forbidden ones and those that repeat come up for nothing.
        repeats = max_length if self.no_repeat_ngram_size else 0
        words = min(vocabulary_size, beams + len(self.forbidden) + 1 + repeats)
        choices = 1 + words
        word_bias = ops.convert_to_tensor(self.biases(vocabulary_size, end)[0])
        rules = np.zeros((3, choices), "float32")  # by phase, over [end, words...]
        rules[0, 0] = rules[2, 1:] = -np.inf
        frozen = ops.convert_to_tensor(rules[2])
        rules = ops.convert_to_tensor(rules)
        images = ops.arange(batch_size, dtype="int32")[:, None]
        positions = ops.arange(max_length + 1, dtype="int32")

        def continuations(log_probs):
            """(N, V) -> log-probabilities and ids (N, choices)."""
            log_probs = ops.cast(log_probs, "float32")
            likeliest, ids = chunks.top_k(log_probs, words)
            return (
                ops.concatenate(
                    [log_probs[:, end : end + 1], likeliest + ops.take(word_bias, ids)], axis=1
                ),
                ops.pad(ids, [[0, 0], [1, 0]], constant_values=end),
            )

        def select(log_probs, ids, sums, lengths, t):
            """The best beams at t words: sums, lengths (B, beams), rows, tokens (N,)."""
            gains = ops.where(
                lengths[..., None] > 0,
                frozen,
                ops.reshape(log_probs, (-1, beams, choices)) + rules[self.phase(t)],
            )
            candidates = sums[..., None] + gains  # (B, beams, choices)
            after = ops.where(lengths > 0, lengths, t + 1)
            scores = self._scores(candidates, after[..., None])
            sums, index = ops.top_k(ops.reshape(scores, (-1, beams * choices)), beams)
            index = ops.cast(index, "int32") + images * (beams * choices)
            if self.length_penalty:
                sums = ops.take(ops.reshape(candidates, (-1,)), index)
            tokens = ops.take(ops.reshape(ids, (-1,)), index)
            rows = index // choices
            after = ops.take(ops.reshape(after, (-1,)), rows)
            lengths = ops.where(tokens == end, after, 0)
            return sums, lengths, ops.reshape(rows, (-1,)), ops.reshape(tokens, (-1,))

        def can_improve(t, tokens, last, sums, lengths, *leaves):
            finished = lengths > 0
            scores = ops.where(finished, self._scores(sums, lengths), -np.inf)
            to_beat = ops.top_k(scores, self.n_best)[0][:, -1:]
            # Sums only fall, and the longest caption divides them most.
            bounds = ops.where(finished, -np.inf, self._scores(sums, max_length + 1))
            hopeful = ops.logical_and(bounds >= to_beat, bounds > -np.inf)
            return ops.logical_and(t <= max_length, ops.any(hopeful))

        def body(t, tokens, last, sums, lengths, *leaves):
            log_probs, new_state = step(last, keras.tree.pack_sequence_as(state, leaves))
            log_probs, ids = continuations(log_probs)
            if self.no_repeat_ngram_size:
                log_probs = ops.where(self._repeats(tokens, ids, t), -np.inf, log_probs)
            sums, lengths, rows, last = select(log_probs, ids, sums, lengths, t)
            tokens = ops.where(positions == t, last[:, None], ops.take(tokens, rows, axis=0))
            leaves = reorder_rows(keras.tree.flatten(new_state), leaves, rows)
            return t + 1, tokens, last, sums, lengths, *leaves

        # The first step: one row for every image, which only the first of its beams may continue.
        log_probs, state = step(ops.full((batch_size,), start, dtype="int32"), state)
        log_probs, ids, state = repeat_rows((*continuations(log_probs), state), beams)
        sums = ops.where(ops.arange(beams) == 0, 0.0, -np.inf) + ops.zeros((batch_size, 1))
        lengths = ops.zeros((batch_size, beams), dtype="int32")
        sums, lengths, _, last = select(log_probs, ids, sums, lengths, 0)
        tokens = ops.where(positions == 0, last[:, None], end)

        _, tokens, _, sums, lengths, *_ = ops.while_loop(
            can_improve,
            body,
            (
                ops.convert_to_tensor(1, "int32"),
                tokens,
                last,
                sums,
                lengths,
                *keras.tree.flatten(state),
            ),
        )
        scores = ops.where(lengths > 0, self._scores(sums, lengths), -np.inf)
        _, index = ops.top_k(scores, self.n_best)
        rows = ops.cast(index, "int32") + images * beams
        sums = ops.where(lengths > 0, sums, -np.inf)
        return Decoded(
            ops.take(tokens, rows, axis=0),
            ops.take(ops.reshape(sums, (-1,)), rows),
            ops.take(ops.reshape(lengths, (-1,)), rows),
        )

    def _repeats(self, tokens, ids, t):
        """Which of the tokens that may follow, ids (N, C), would repeat an n-gram of t words."""
        before = self.no_repeat_ngram_size - 1  # words of an n-gram that are written already
        starts = tokens.shape[1] - before
        if starts < 1:
            return ops.zeros_like(ids, dtype="bool")
        begun = ops.arange(starts, dtype="int32") + before < t  # and have a word after them
        for word in range(before):
            last = ops.take(tokens, ops.maximum(t - before + word, 0), axis=1)
            begun = ops.logical_and(begun, tokens[:, word : word + starts] == last[:, None])
        begun = ops.broadcast_to(begun, ops.shape(tokens[:, before:]))
        same = tokens[:, before:, None] == ids[:, None]  # (N, starts, C)
        return ops.any(ops.logical_and(begun[..., None], same), axis=1)

    def _scores(self, sums, lengths):
        """What beams are ranked by; lengths of 0 are tolerated (and mean nothing)."""
        if not self.length_penalty:
            return sums
        lengths = ops.cast(ops.maximum(lengths, 1), "float32")
        return sums / ops.power(lengths, self.length_penalty)
