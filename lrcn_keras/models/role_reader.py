"""What a sentence is written from where roles are recognized: labels, one-hots, marginals."""

import keras
from keras import ops

from lrcn_keras.layers import LSTM, Dropout

_READS = ("labels", "one_hots", "marginals")


@keras.saving.register_keras_serializable("lrcn_keras")
class RoleReader(keras.layers.Layer):
    """Gives what a `RoleHead` says of clips, as numbers through which no gradient flows.

    Args:
        head: the `RoleHead`. It does not train here: its own loss is that of `RoleRecognizer`.
        reads: ``labels``, the most likely ones as a whole (MAP), ``one_hots`` of them, or
            ``marginals``, the probabilities of all.
        scale: factor on one-hots and marginals, small numbers from which an LSTM learns slowly.

    Call arguments:
        features: (B, T, F) float.
        frame_lengths: (B,) int32, real frames of each clip.

    Returns:
        (B, R) int32 labels, or (B, L) float, of all roles side by side.
    """

    def __init__(self, head, reads, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        if reads not in _READS:
            raise ValueError(f"Roles are read as one of {_READS}, got {reads!r}.")
        self.head = head
        self.head.trainable = False
        self.reads = reads
        self.scale = scale

    def build(self, features_shape, frame_lengths_shape=None):
        if not self.head.built:
            self.head.build(features_shape, frame_lengths_shape)

    def call(self, features, frame_lengths):
        unaries = self.head(features, frame_lengths, training=False)
        of = {"labels": "map", "one_hots": "map_one_hots", "marginals": "marginals"}[self.reads]
        found = ops.stop_gradient(getattr(self.head, of)(unaries))
        return found if self.reads == "labels" else found * self.scale

    def compute_output_spec(self, features, frame_lengths):
        sizes = self.head.sizes
        if self.reads == "labels":
            return keras.KerasTensor((features.shape[0], len(sizes)), "int32")
        return keras.KerasTensor((features.shape[0], sum(sizes)), self.compute_dtype)

    def get_config(self):
        head = keras.saving.serialize_keras_object(self.head)
        return {**super().get_config(), "head": head, "reads": self.reads, "scale": self.scale}

    @classmethod
    def from_config(cls, config):
        head = keras.saving.deserialize_keras_object(config.pop("head"))
        return cls(head, **config)


@keras.saving.register_keras_serializable("lrcn_keras")
class RoleEncoder(keras.layers.Layer):
    """Reads roles' labels one by one with LSTMs, as words of a foreign language.

    The encoder of Donahue et al. 2017, section 6, first variant.

    Args:
        sizes: number of labels of each role.
        num_layers: number of LSTMs.
        units: size of each LSTM.
        embedding_size: size of a label's vector; equal labels of two roles have two.
        dropout: share of vectors' and LSTM outputs' entries dropped in training, in [0, 1).

    Call arguments:
        labels: (B, R) int32.

    Returns:
        [h, c], each (B, units), of each LSTM: a decoder starts from them.
    """

    def __init__(self, sizes, num_layers, units, embedding_size, dropout=0.0, **kwargs):
        super().__init__(**kwargs)
        self.sizes = tuple(sizes)
        self.units = units
        self.embedding = keras.layers.Embedding(
            sum(self.sizes), embedding_size, dtype=self.dtype_policy, name="embedding"
        )
        self.lstms = [
            LSTM(
                units,
                return_sequences=True,
                return_state=True,
                dtype=self.dtype_policy,
                name=f"lstm{i + 1}",
            )
            for i in range(num_layers)
        ]
        self.dropouts = [
            Dropout(dropout, dtype=self.dtype_policy, name=f"dropout{i}") for i in range(num_layers)
        ]

    def build(self, labels_shape):
        self.embedding.build((None, None))
        size = self.embedding.output_dim
        for lstm in self.lstms:
            lstm.build((None, None, size))
            size = self.units

    def call(self, labels, training=False):
        firsts = [sum(self.sizes[:role]) for role in range(len(self.sizes))]
        x, states = self.embedding(labels + ops.convert_to_tensor(firsts, "int32")), []
        for lstm, dropout in zip(self.lstms, self.dropouts, strict=True):
            x, h, c = lstm(dropout(x, training=training), training=training)
            states.append([h, c])
        return states

    def compute_output_spec(self, labels, training=False):
        def state():
            return keras.KerasTensor((labels.shape[0], self.units), self.compute_dtype)

        return [[state(), state()] for _ in self.lstms]

    def get_config(self):
        return {
            **super().get_config(),
            "sizes": list(self.sizes),
            "num_layers": len(self.lstms),
            "units": self.units,
            "embedding_size": self.embedding.output_dim,
            "dropout": self.dropouts[0].rate,
        }
