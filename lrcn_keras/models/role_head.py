"""From the features of frames to scores of semantic roles, and a CRF that joins them."""

import itertools

import keras
from keras import ops

from lrcn_keras.layers import Dropout, RoleCRF
from lrcn_keras.models.mean_pool import MeanPool
from lrcn_keras.text import RoleLabels


@keras.saving.register_keras_serializable("lrcn_keras")
class RoleHead(keras.layers.Layer):
    """Scores the labels of all roles (unaries): linear in a frame's feature, averaged over frames.

    The mean is taken first, which is the same. What the scores say together is told by
    ``marginals`` and ``map``, which ask the CRF. Labels of all roles lie side by side, as in
    `RoleCRF`; L is their number.

    Args:
        roles: a ``text.RoleLabels``, or {role: labels}.
        edges: pairs of roles, by name or index, that the CRF joins; None for all, ``[]`` for none.
        dropout: share of the features' entries dropped in training, in [0, 1).

    Call arguments:
        features: (B, T, F) float.
        frame_lengths: (B,) int32, real frames of each clip.
        training: whether dropout is on.

    Returns:
        (B, L) float32.

    Attributes:
        roles: {role: list of labels}.
        sizes: number of labels of each role.
        crf: the `RoleCRF`.
    """

    def __init__(self, roles, edges=None, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        labels = RoleLabels.of(roles)
        self.roles = {role: list(of) for role, of in labels.labels.items()}
        self.sizes = tuple(labels.sizes.values())
        self.dropout = Dropout(dropout, dtype=self.dtype_policy, name="dropout")
        self.pool = MeanPool(dtype=self.dtype_policy, name="pool")
        self.unaries = keras.layers.Dense(sum(self.sizes), dtype="float32", name="unaries")
        self.crf = RoleCRF(labels.sizes, edges, name="crf")

    def build(self, features_shape, frame_lengths_shape=None):
        self.unaries.build((features_shape[0], features_shape[-1]))
        self.crf.build((None, sum(self.sizes)))

    def call(self, features, frame_lengths, training=False):
        return self.unaries(self.pool(self.dropout(features, training=training), frame_lengths))

    def marginals(self, unaries):
        """Turn unaries (B, L) into the labels' probabilities (B, L) float32."""
        return self.crf.marginals(unaries)

    def map(self, unaries):
        """Turn unaries (B, L) into the labels (B, R) int32 that are likeliest together."""
        return self.crf.map(unaries)

    def map_one_hots(self, unaries):
        """Turn unaries (B, L) into (B, L) float32: 1 for the labels of `map`, 0 for others."""
        labels = self.map(unaries)
        hots = (ops.one_hot(labels[:, i], size) for i, size in enumerate(self.sizes))
        return ops.cast(ops.concatenate(list(hots), axis=-1), "float32")

    def argmax(self, unaries):
        """Turn unaries (B, L) into each role's best label by itself, (B, R) int32."""
        ends = itertools.accumulate(self.sizes)
        of_roles = (
            unaries[:, end - size : end] for end, size in zip(ends, self.sizes, strict=True)
        )
        return ops.stack([ops.cast(ops.argmax(x, -1), "int32") for x in of_roles], axis=-1)

    def compute_output_spec(self, features, frame_lengths, training=False):
        return keras.KerasTensor((features.shape[0], sum(self.sizes)), "float32")

    def get_config(self):
        return {
            **super().get_config(),
            "roles": self.roles,
            "edges": self.crf.get_config()["edges"],
            "dropout": self.dropout.rate,
        }
