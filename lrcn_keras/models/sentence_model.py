"""What the models that write sentences have in common: decoders, and sentences of tokens."""

from collections.abc import Mapping

import numpy as np
from keras import ops

from lrcn_keras import decoding
from lrcn_keras.models.step_model import StepModel

_DECODER_OPTIONS = {
    "beam": {"beams": 5, "n_best": 5},
    # The likeliest of 100 sentences drawn from softmax(1.5 * logits), the paper's best setting
    # (Donahue et al. 2017, section 5); the seed makes captions repeatable.
    "sample": {"samples": 100, "temperature": 1 / 1.5, "seed": 0},
}


class SentenceModel(StepModel):
    """A functional model with a ``word_decoder`` that writes sentences.

    Subclasses set ``vocabulary``, ``word_decoder``, ``max_length`` and the default ``decoder``.
    """

    def resolve_decoder(self, decoder):
        """Make a decoder of a name, a config, a decoder, or None for the model's own."""
        if decoder is None:
            return self.decoder
        if isinstance(decoder, str):
            decoder = self.decoder_config(decoder)
        elif isinstance(decoder, Mapping):
            decoder = {"max_length": self.max_length, **decoder}
        return decoding.get(decoder)

    def decoder_config(self, name: str) -> dict:
        """Return the config of the decoder that a name stands for here."""
        # A sentence never says <unk>.
        common = {
            "name": name,
            "max_length": self.max_length,
            "forbidden": (self.vocabulary.unknown_id,),
        }
        return common | _DECODER_OPTIONS.get(name, {})

    def decode(self, state, batch_size, decoder=None):
        """Decode sentences inside a graph.

        Args:
            state: what ``word_decoder.begin`` returned.
            batch_size: number of examples.
            decoder: as for `resolve_decoder`.

        Returns:
            ``decoding.Decoded``: tokens (B, n, L), log_probs (B, n), lengths (B, n).
        """
        decoder = self.resolve_decoder(decoder)
        return decoder(self.word_decoder.step, state, batch_size, len(self.vocabulary))

    def ranked(self, decoded) -> list[list[tuple[str, float]]]:
        """Turn what `decode` returned into an example's sentences and log-probabilities."""
        tokens, log_probs = (ops.convert_to_numpy(x) for x in (decoded.tokens, decoded.log_probs))
        return [
            [
                (self.vocabulary.decode(row), float(score))
                for row, score in zip(ids, scores, strict=True)
                if np.isfinite(score)
            ]
            for ids, scores in zip(tokens, log_probs, strict=True)
        ]

    def score_from(self, state, sentence: str) -> float:
        """Return a sentence's natural log-probability, end token included, from a state of one."""
        ids, total = self.vocabulary.encode(sentence), 0.0
        for given, wanted in zip([0, *ids], [*ids, 0], strict=True):
            log_probs, state = self.word_decoder.step(np.array([given], "int32"), state)
            total += float(log_probs[0, wanted])
        return total
