"""What models that describe clips do with a clip."""

import functools
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from lrcn_keras.models.description import Description, named_roles
from lrcn_keras.models.role_observations import observed_roles
from lrcn_keras.models.sentence_model import SentenceModel


class DescribingModel(SentenceModel):
    """A functional model that writes sentences for clips.

    Subclasses set, beside what `SentenceModel` asks for, ``entry``, a `ClipEntry`, ``context``, see
    `clip_context`, and, where there are roles, ``roles``, their ``text.RoleLabels``, and
    ``role_head``; both are None where there are none.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._compiled = {}

    def describe(self, clips, decoder=None, batch_size=16):
        """Say in a sentence what clips show.

        Args:
            clips: one clip or a list of clips. A clip is a path, an array (T, H, W, C) of the
                model's modality, or a photo: a path, encoded bytes, a ``PIL.Image`` or an array
                (H, W, 3) of RGB in [0, 255].
            decoder: a decoder, its config or its name (``greedy``, ``beam``, ``sample``); None for
                the model's own.
            batch_size: clips whose features are in memory at once.

        Returns:
            A `Description`, or a list of them for a list.

        Raises:
            lrcn_keras.MediaError: for a clip that cannot be read.
            ValueError: for a clip without frames.
        """
        if not isinstance(clips, list | tuple):
            return self.describe([clips], decoder)[0]
        descriptions = []
        for start in range(0, len(clips), batch_size):
            features = [self.encode_clip(clip) for clip in clips[start : start + batch_size]]
            descriptions += self.describe_features(features, decoder)
        return descriptions

    def describe_roles(self, roles, decoder=None):
        """Say in a sentence what roles are, for a model that sees labels in place of pixels.

        Args:
            roles: {role: label} of a clip, or a list of them; a role that is not given, or has a
                label that the model does not know, counts as not seen.
            decoder: as for `describe`.

        Returns:
            A `Description`, or a list of them for a list.

        Raises:
            ValueError: for a model that sees something else.
        """
        if isinstance(roles, Mapping):
            return self.describe_roles([roles], decoder)[0]
        sizes = [] if self.roles is None else list(self.roles.sizes.values())
        if self.backbone is not None or self.entry.size != sum(sizes):
            raise ValueError(f"{self.name} does not see labels of roles.")
        labels = np.stack([self.roles.encode(each) for each in roles])
        seen = observed_roles(labels, sizes, hidden=0.0, corrupted=0.0)
        return self.describe_features(list(seen[:, None, None]), decoder)

    def describe_features(self, features, decoder=None, batch_size=64) -> list[Description]:
        """Say what clips show from their features.

        Args:
            features: (views, T, F) of each clip, as `encode_clip` makes them, or (views, F) of each
                photo; the first view is taken.
            decoder: as for `describe`.
            batch_size: clips that are worked on at once.
        """
        decoder = self.resolve_decoder(decoder)
        generate = self._compile(
            repr(decoder.get_config()), functools.partial(self.generate, decoder=decoder)
        )
        descriptions = []
        for start in range(0, len(features), batch_size):
            batch = _padded(features[start : start + batch_size])
            sentences = self.ranked(generate(*batch))
            roles = [{}] * len(sentences)
            if self.roles is not None:
                found = self._compile("roles", self.recognize)(*batch)
                found = zip(*map(ops.convert_to_numpy, found), strict=True)
                roles = [named_roles(self.roles.labels, *of_clip) for of_clip in found]
            descriptions += [
                Description(*best, alternatives=tuple(others), **of_clip)
                for (best, *others), of_clip in zip(sentences, roles, strict=True)
            ]
        return descriptions

    def encode_clip(self, clip) -> np.ndarray:
        """Turn a clip or a photo into features (1, t, F) float32; arguments as for `describe`."""
        return self.entry.encode_clip(clip)

    def generate(self, features, frame_lengths, decoder=None):
        """Decode sentences inside a graph.

        Args:
            features: (B, T, F) float, padded.
            frame_lengths: (B,) int32, real frames of each clip.
            decoder: as for `describe`.

        Returns:
            ``decoding.Decoded``: tokens (B, n, L), log_probs (B, n), lengths (B, n).
        """
        batch_size = ops.shape(features)[0]
        context = self.context([features, frame_lengths])
        state = self.word_decoder.begin(batch_size, **context)
        return self.decode(state, batch_size, decoder)

    def recognize(self, features, frame_lengths):
        """Give the roles' marginals (B, L) and their MAP labels (B, R), inside a graph."""
        unaries = self.role_head(features, frame_lengths)
        return self.role_head.marginals(unaries), self.role_head.map(unaries)

    def score(self, clip, sentence: str) -> float:
        """Return the natural log-probability of a sentence for a clip, end token included.

        Args:
            clip: as for `describe`.
            sentence: unknown words count as ``<unk>``.
        """
        features, lengths = _padded([self.encode_clip(clip)])
        context = self.context([features, lengths])
        return self.score_from(self.word_decoder.begin(1, **context), sentence)

    def _compile(self, key, function):
        """Compile a function of features and lengths, which sees later changes of the weights."""
        if key not in self._compiled:
            if keras.backend.backend() == "tensorflow":
                import tensorflow as tf

                signature = [
                    tf.TensorSpec((None, None, self.entry.size), tf.float32),
                    tf.TensorSpec((None,), tf.int32),
                ]
                function = tf.function(function, signature, autograph=False)
            self._compiled[key] = function
        return self._compiled[key]


def _padded(features) -> tuple[np.ndarray, np.ndarray]:
    """The first views of clips (B, T, F), padded, and their lengths (B,)."""
    first = [np.atleast_2d(np.asarray(views)[0]) for views in features]
    lengths = np.array([len(steps) for steps in first], np.int32)
    if not lengths.all():
        raise ValueError("A clip has no frames.")
    padded = np.zeros((len(first), lengths.max(), first[0].shape[1]), np.float32)
    for row, steps in zip(padded, first, strict=True):
        row[: len(steps)] = steps
    return padded, lengths
