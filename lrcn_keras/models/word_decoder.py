"""The recurrent half of a captioner: word embedding, LSTM stack, logits over the vocabulary."""

import keras
from keras import ops

from lrcn_keras.layers import LSTM, Dropout
from lrcn_keras.models.real_steps import real_steps

# variant: (number of LSTMs, index of the LSTM that sees the image).
VARIANTS = {
    "1u": (1, 0),
    "2u": (2, 0),
    "2f": (2, 1),
    "4f": (4, 2),
}


@keras.saving.register_keras_serializable("lrcn_keras")
class WordDecoder(keras.layers.Layer):
    """Predicts the next word from the words so far and, if there is one, an image.

    Donahue et al. 2017, figure 3: in the unfactored variants (``1u``, ``2u``) the first LSTM sees
    the image, in the factored ones (``2f``, ``4f``) the lower half of the stack sees words only.

    Args:
        vocabulary_size: number of tokens, specials included.
        num_layers: number of LSTMs.
        image_layer: index of the LSTM that gets the image at every step; None for none.
        units: size of each LSTM.
        embedding_size: size of a word's vector.
        dropout: share of word vectors' and LSTM outputs' entries dropped in training, in [0, 1).
        tied_embeddings: whether the output layer's kernel is the embedding's transpose; needs
            ``units == embedding_size``.

    Call arguments:
        tokens: (B, K, T) int32, K sentences an image, each begun with the start token.
        lengths: (B, K) int32, real steps of each; 0 for a sentence that is not there.
        features: (B, F) float, the image; None without ``image_layer``.
        initial_states: [h, c], each (B, units), an LSTM; None for zeros.

    Returns:
        Logits (M, vocabulary_size) of the M real steps, see `real_steps`.
    """

    def __init__(
        self,
        vocabulary_size,
        num_layers=2,
        image_layer=1,
        units=512,
        embedding_size=512,
        dropout=0.5,
        tied_embeddings=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if tied_embeddings and units != embedding_size:
            raise ValueError(
                "Tied embeddings need units equal to embedding_size, "
                f"got units={units}, embedding_size={embedding_size}."
            )
        self.vocabulary_size = vocabulary_size
        self.num_layers = num_layers
        self.image_layer = image_layer
        self.units = units
        self.embedding_size = embedding_size
        self.tied_embeddings = tied_embeddings
        self.embedding = keras.layers.Embedding(
            vocabulary_size, embedding_size, dtype=self.dtype_policy, name="embedding"
        )
        self.lstms = [
            LSTM(units, return_sequences=True, dtype=self.dtype_policy, name=f"lstm{i + 1}")
            for i in range(num_layers)
        ]
        self.logits = keras.layers.Dense(vocabulary_size, dtype=self.dtype_policy, name="logits")
        self.dropouts = [
            Dropout(dropout, dtype=self.dtype_policy, name=f"dropout{i}")
            for i in range(num_layers + 1)
        ]

    def build(
        self, tokens_shape, lengths_shape=None, features_shape=None, initial_states_shape=None
    ):
        self.embedding.build((None, None))
        self.build_lstms(features_shape)
        if self.tied_embeddings:
            self.bias = self.add_weight(
                shape=(self.vocabulary_size,), initializer="zeros", name="bias"
            )
        else:
            self.logits.build((None, self.units))

    def build_lstms(self, features_shape):
        """Make the LSTMs' weights."""
        size = self.embedding_size
        for i, lstm in enumerate(self.lstms):
            static = (None, features_shape[-1]) if i == self.image_layer else None
            lstm.build((None, None, size), static)
            size = self.units

    def call(self, tokens, lengths, features=None, initial_states=None, training=False):
        batch, captions, steps = ops.shape(tokens)
        words = ops.reshape(tokens, (-1, steps))
        if features is not None:
            features = for_each_caption(features, captions)
        if initial_states is None:
            initial_states = [None] * self.num_layers
        else:
            initial_states = [[for_each_caption(x, captions) for x in s] for s in initial_states]
        x = self.dropouts[0](self.embedding(words), training=training)
        for i, (lstm, dropout) in enumerate(zip(self.lstms, self.dropouts[1:], strict=True)):
            static = features if i == self.image_layer else None
            x = lstm(x, static, initial_state=initial_states[i], training=training)
            x = dropout(x, training=training)  # (B*K, T, units)
        x = ops.reshape(x, (batch, captions, steps, self.units))
        return self.to_logits(real_steps(x, lengths))

    def begin(self, batch_size, features=None, initial_states=None):
        """Start a step-by-step run.

        Args:
            batch_size: number of sentences.
            features: (batch_size, F) float, the images; None without ``image_layer``.
            initial_states: as for the call.

        Returns:
            The state that `step` takes: tensors with leading dimension ``batch_size``.
        """
        zeros = [lstm.get_initial_state(batch_size) for lstm in self.lstms]
        state = {"lstms": zeros}
        if initial_states is not None:
            state["lstms"] = keras.tree.map_structure(
                lambda zero, given: ops.cast(given, zero.dtype), zeros, initial_states
            )
        if self.image_layer is not None:
            # The image is projected once, however many words follow.
            state["image"] = self.lstms[self.image_layer].static_projection(features)
        return state

    def step(self, tokens, state):
        """Advance by one word.

        Args:
            tokens: (N,) int32, the last words.
            state: from `begin` or from the last `step`.

        Returns:
            Log-probabilities of the next word (N, vocabulary_size) in float32, and the new state.
        """
        x, states = self.embedding(tokens), []
        for i, lstm in enumerate(self.lstms):
            projection = state["image"] if i == self.image_layer else None
            x, new = lstm.step(x, state["lstms"][i], static_projection=projection)
            states.append(new)
        log_probs = ops.log_softmax(ops.cast(self.to_logits(x), "float32"))
        return log_probs, {**state, "lstms": states}

    def copy_from(self, other: "WordDecoder", old_ids, new_ids) -> None:
        """Take over another decoder's weights, as far as the two have them in common.

        Args:
            other: a built decoder of the same sizes, with or without an image.
            old_ids: (n,) int, rows of ``other``'s words that are kept.
            new_ids: (n,) int, where they go here.

        Raises:
            ValueError: when sizes, number of LSTMs or tying differ.
        """
        for name in ("num_layers", "units", "embedding_size", "tied_embeddings"):
            if getattr(self, name) != getattr(other, name):
                raise ValueError(
                    f"{name} must be the same in both decoders, "
                    f"got {getattr(other, name)} and {getattr(self, name)}."
                )

        def rows(target, source):
            values = ops.convert_to_numpy(target).copy()
            values[..., new_ids] = ops.convert_to_numpy(source)[..., old_ids]
            return values

        self.embedding.embeddings.assign(
            rows(
                ops.transpose(self.embedding.embeddings), ops.transpose(other.embedding.embeddings)
            ).T
        )
        if self.tied_embeddings:
            self.bias.assign(rows(self.bias, other.bias))
        else:
            self.logits.kernel.assign(rows(self.logits.kernel, other.logits.kernel))
            self.logits.bias.assign(rows(self.logits.bias, other.logits.bias))
        size = self.embedding_size
        for mine, theirs in zip(self.lstms, other.lstms, strict=True):
            kernel = ops.convert_to_numpy(mine.cell.kernel).copy()
            given = ops.convert_to_numpy(theirs.cell.kernel)
            # The image's rows come last, and mean nothing for another kind of image.
            common = len(kernel) if kernel.shape == given.shape else size
            kernel[:common] = given[:common]
            mine.cell.kernel.assign(kernel)
            mine.cell.recurrent_kernel.assign(theirs.cell.recurrent_kernel)
            mine.cell.bias.assign(theirs.cell.bias)
            size = self.units

    def compute_output_spec(
        self, tokens, lengths, features=None, initial_states=None, training=False
    ):
        return keras.KerasTensor((None, self.vocabulary_size), dtype=self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "vocabulary_size": self.vocabulary_size,
            "num_layers": self.num_layers,
            "image_layer": self.image_layer,
            "units": self.units,
            "embedding_size": self.embedding_size,
            "dropout": self.dropouts[0].rate,
            "tied_embeddings": self.tied_embeddings,
        }

    def to_logits(self, x):
        """Turn outputs of the last LSTM (..., units) into logits (..., vocabulary_size)."""
        if not self.tied_embeddings:
            return self.logits(x)
        kernel = ops.transpose(ops.cast(self.embedding.embeddings, self.compute_dtype))
        return ops.matmul(x, kernel) + ops.cast(self.bias, self.compute_dtype)


def for_each_caption(x, captions):
    """Repeat a clip's or an image's values for each of its captions: (B, F) -> (B*K, F)."""
    size = x.shape[-1]
    return ops.reshape(ops.broadcast_to(x[:, None], (ops.shape(x)[0], captions, size)), (-1, size))
