"""From a step function to sentences: greedy, beam search, sampling. No model is known here.

A step function is what a decoder calls for every word:
`step(tokens, state) -> (log_probs, state)`, with tokens int32 (N,), log_probs float32 (N, V), and
state any nested structure of tensors whose first dimension is N. Everything is written in
`keras.ops`, batched, and works eagerly, in a `tf.function` with an unknown batch size, in a
SavedModel and under `jax.jit`.
"""

from collections.abc import Mapping
from typing import Any

from lrcn_keras.decoding.beam_search import BeamSearch
from lrcn_keras.decoding.decoder import Decoded, Decoder, State, Step
from lrcn_keras.decoding.greedy import Greedy
from lrcn_keras.decoding.sampling import Sampling

__all__ = ["BeamSearch", "Decoded", "Decoder", "Greedy", "Sampling", "State", "Step", "get"]

_DECODERS = {decoder.name: decoder for decoder in (BeamSearch, Greedy, Sampling)}


def get(decoder: str | Mapping[str, Any] | Decoder) -> Decoder:
    """Returns a decoder from its name, its config or itself.

    Args:
        decoder: "beam", "greedy" or "sample" (with the default options), a dict as `get_config()`
            returns it, such as `{"name": "beam", "beams": 3}`, or a `Decoder`.

    Raises:
        ValueError: an unknown name or option, or something else than the above.
    """
    if isinstance(decoder, Decoder):
        return decoder
    if isinstance(decoder, str):
        decoder = {"name": decoder}
    known = ", ".join(repr(name) for name in sorted(_DECODERS))
    if not isinstance(decoder, Mapping):
        raise ValueError(
            f"A decoder is a name ({known}), a dict with a name or a Decoder; received: {decoder!r}"
        )
    name = decoder.get("name")
    if name not in list(_DECODERS):
        raise ValueError(f"Unknown decoder {name!r}; known decoders: {known}")
    return _DECODERS[name].from_config(decoder)
