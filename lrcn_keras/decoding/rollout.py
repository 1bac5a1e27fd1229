"""The loop of decoders whose rows never mix: one token is chosen for every row at every step."""

from collections.abc import Callable

import keras
from keras import ops

from lrcn_keras.decoding.decoder import Decoder, State, Step, Tensor


def rollout(
    step: Step,
    state: State,
    rows: int | Tensor,
    choose: Callable[[Tensor, Tensor], Tensor],
    decoder: Decoder,
    vocabulary_size: int,
    start: int,
    end: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Writes one caption for every row, and stops when all have ended.

    Args:
        step: the step function; state: its first state, (N, ...).
        rows: N.
        choose: `choose(log_probs, t) -> tokens`, (N, V) -> int32 (N,), with t words written so
            far and the log-probabilities of what is not allowed at -inf.
        decoder: whose limits and forbidden tokens hold.

    Returns:
        tokens int32 (N, max_length + 1), sums of log-probabilities (N,), lengths (N,).
    """
    max_length = decoder.max_length
    biases = ops.convert_to_tensor(decoder.biases(vocabulary_size, end))
    first_ids = ops.arange(rows, dtype="int32") * vocabulary_size
    positions = ops.arange(max_length + 1, dtype="int32")

    def unfinished(t, tokens, last, sums, lengths, *leaves):
        return ops.logical_and(t <= max_length, ops.any(lengths == 0))

    def body(t, tokens, last, sums, lengths, *leaves):
        log_probs, new_state = step(last, keras.tree.pack_sequence_as(state, leaves))
        log_probs = ops.cast(log_probs, "float32") + biases[decoder.phase(t)]
        is_open = lengths == 0
        chosen = choose(log_probs, t)
        gain = ops.take(ops.reshape(log_probs, (-1,)), first_ids + chosen)
        chosen = ops.where(is_open, chosen, end)
        tokens = ops.where(positions == t, chosen[:, None], tokens)
        sums = sums + ops.where(is_open, gain, 0.0)
        lengths = ops.where(ops.logical_and(is_open, chosen == end), t + 1, lengths)
        return t + 1, tokens, chosen, sums, lengths, *keras.tree.flatten(new_state)

    _, tokens, _, sums, lengths, *_ = ops.while_loop(
        unfinished,
        body,
        (
            ops.convert_to_tensor(0, "int32"),
            ops.full((rows, max_length + 1), end, dtype="int32"),
            ops.full((rows,), start, dtype="int32"),
            ops.zeros((rows,), dtype="float32"),
            ops.zeros((rows,), dtype="int32"),
            *keras.tree.flatten(state),
        ),
    )
    return tokens, sums, lengths
