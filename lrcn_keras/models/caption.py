"""A caption and how likely its model finds it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caption:
    """A sentence for a photo.

    Args:
        text: the sentence.
        log_prob: natural logarithm of its probability under the model, end token included.
        alternatives: other sentences with their log-probabilities, as the decoder ranks them.
    """

    text: str
    log_prob: float
    alternatives: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        return self.text
