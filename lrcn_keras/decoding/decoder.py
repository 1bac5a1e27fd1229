"""What all decoders share: the call, the result, the limits and the config."""

import abc
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import keras
import numpy as np
from keras import ops

Tensor = Any
State = Any
Step = Callable[[Tensor, State], tuple[Tensor, State]]


class Decoded(NamedTuple):
    """The captions of a batch, n for every row, best first.

    `tokens[b, i, :lengths[b, i]]` is the caption with its `end`: exactly the targets of teacher
    forcing, under which the model gives them `log_probs[b, i]`.

    Attributes:
        tokens: int32 (B, n, max_length + 1), words, then `end` up to the last position.
        log_probs: float32 (B, n), sum of the model's own log-probabilities of the words and of
            `end`, without length normalisation or temperature.
        lengths: int32 (B, n), number of words plus one for `end`.

    Where fewer than n captions are possible, the missing ones come last, with log-probability
    -inf, length 0 and nothing but `end` as tokens.
    """

    tokens: Tensor
    log_probs: Tensor
    lengths: Tensor


@dataclasses.dataclass(frozen=True, kw_only=True)
class Decoder(abc.ABC):
    """Base of the decoders: an immutable set of options that can be called.

    A caption that has `max_length` words is closed: its next token is `end`, at the
    log-probability which the model gives it there. So every caption ends, and all are compared by
    the same sum.

    Args:
        max_length: number of words at most, `end` not counted.
        min_length: number of words at least, 1 or more: a caption is never empty.
        forbidden: ids of tokens that are never emitted, such as the unknown word's.

    Raises:
        ValueError: limits that contradict each other.
    """

    name: ClassVar[str]

    max_length: int = 20
    min_length: int = 1
    forbidden: tuple[int, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "forbidden", tuple(sorted({int(i) for i in self.forbidden})))
        if not 1 <= self.min_length <= self.max_length:
            raise ValueError(
                "min_length must be at least 1 and at most max_length; received: "
                f"min_length={self.min_length}, max_length={self.max_length}"
            )

    def __call__(
        self,
        step: Step,
        state: State,
        batch_size: int | Tensor,
        vocabulary_size: int,
        start: int = 0,
        end: int = 0,
    ) -> Decoded:
        """Decodes a batch.

        Args:
            step: `step(tokens, state) -> (log_probs, state)`: tokens int32 (N,), log_probs
                float (N, V), normalised; N is B, or B times the beams or samples. The new state
                has the structure, shapes and dtypes of the old one. What does not change
                should be returned as the very tensor received: it is then never copied.
            state: the state before the first word; a nested structure of tensors (B, ...).
            batch_size: B, an int or a scalar int32 tensor.
            vocabulary_size: V.
            start: id of the token that is fed first.
            end: id of the token that ends a caption.

        Raises:
            ValueError: ids outside the vocabulary, or no word left to emit.
        """
        ids = {"start": start, "end": end} | {f"forbidden id {i}": i for i in self.forbidden}
        for what, token in ids.items():
            if not 0 <= token < vocabulary_size:
                raise ValueError(
                    f"{what} must be in [0, {vocabulary_size}), the vocabulary; received: {token}"
                )
        if end in self.forbidden:
            raise ValueError(f"The end token cannot be forbidden; received: end={end}")
        if len(self.forbidden) + 1 >= vocabulary_size:
            raise ValueError(
                f"All words of the vocabulary of {vocabulary_size} are forbidden; received: "
                f"forbidden={self.forbidden}"
            )
        state = keras.tree.map_structure(ops.convert_to_tensor, state)
        tokens, log_probs, lengths = self._decode(
            step, state, batch_size, vocabulary_size, start, end
        )
        possible = log_probs > -np.inf
        return Decoded(
            ops.where(possible[..., None], tokens, end), log_probs, ops.where(possible, lengths, 0)
        )

    @abc.abstractmethod
    def _decode(self, step, state, batch_size, vocabulary_size, start, end) -> Decoded:
        """Decodes with checked arguments; the best caption first."""

    def get_config(self) -> dict[str, Any]:
        """Returns the name and the options, ready for JSON."""
        config = {"name": self.name} | dataclasses.asdict(self)
        return config | {"forbidden": list(self.forbidden)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Decoder":
        """Returns the decoder with the options of `config`; those missing have their defaults.

        Raises:
            ValueError: the config of another decoder, or an unknown option.
        """
        options = dict(config)
        name = options.pop("name", cls.name)
        if name != cls.name:
            raise ValueError(f"Expected the config of the decoder {cls.name!r}; received: {name!r}")
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise ValueError(
                f"Unknown options {unknown} of the decoder {name!r}; known options: {sorted(known)}"
            )
        return cls(**options)

    def biases(self, vocabulary_size: int, end: int) -> np.ndarray:
        """Returns (3, V) of 0 and -inf: before min_length words, from then on, at max_length."""
        biases = np.zeros((3, vocabulary_size), "float32")
        biases[:, list(self.forbidden)] = -np.inf
        biases[0, end] = -np.inf
        biases[2] = -np.inf
        biases[2, end] = 0.0
        return biases

    def phase(self, t: Tensor) -> Tensor:
        """Returns the row of `biases` that holds when t words (int32) are written."""
        return ops.cast(t >= self.min_length, "int32") + ops.cast(t >= self.max_length, "int32")
