"""Sequence to sequence, frames to words: two LSTMs that first read, then write."""

import keras
from keras import ops

from lrcn_keras.layers import LSTM, ChronoBias
from lrcn_keras.models.real_steps import real_steps, step_mask
from lrcn_keras.models.word_decoder import WordDecoder, for_each_caption

_MEMORY = 80  # frames and words that the paper's longest sequences have


@keras.saving.register_keras_serializable("lrcn_keras")
class S2VT(WordDecoder):
    """Reads a clip's frames with two LSTMs, then writes a sentence with the same two.

    Venugopalan et al. 2015. The first LSTM sees the frame, the second one the first one's output
    and the word before. While they read the word is a zero vector, while they write the frame is.
    The second one's gates begin so that it remembers 80 steps, see `ChronoBias`: with Keras's it
    has forgotten the frames when it is to write.

    Args:
        vocabulary_size: number of tokens, specials included.
        units: size of each LSTM.
        embedding_size: size of a word's vector.
        dropout: share of word vectors' and LSTM outputs' entries dropped in training, in [0, 1).
        tied_embeddings: as for `WordDecoder`.
        frame_outputs: whether the call also predicts a word at each frame that is read, by the
            first LSTM and the output layer.

    Call arguments:
        tokens: (B, K, T) int32, K sentences a clip, each begun with the start token.
        lengths: (B, K) int32, real steps of each; 0 for a sentence that is not there.
        features: (B, S, F) float, the frames.
        frame_lengths: (B,) int32, real frames of each clip.

    Returns:
        Logits (M, vocabulary_size) of the M real steps, see `real_steps`; with ``frame_outputs`` a
        dictionary of these as ``words``, and those of the real frames as ``frames``.
    """

    def __init__(
        self,
        vocabulary_size,
        units=512,
        embedding_size=512,
        dropout=0.5,
        tied_embeddings=False,
        frame_outputs=False,
        **kwargs,
    ):
        super().__init__(
            vocabulary_size,
            num_layers=2,
            image_layer=None,
            units=units,
            embedding_size=embedding_size,
            dropout=dropout,
            tied_embeddings=tied_embeddings,
            **kwargs,
        )
        self.frame_outputs = frame_outputs
        self.lstms = [
            LSTM(
                units,
                return_sequences=True,
                return_state=True,
                unit_forget_bias=name == "reader",
                bias_initializer="zeros" if name == "reader" else ChronoBias(_MEMORY),
                dtype=self.dtype_policy,
                name=name,
            )
            for name in ("reader", "writer")
        ]

    def build_lstms(self, features_shape):
        reader, writer = self.lstms
        self.frame_size = features_shape[-1]
        reader.build((None, None, self.frame_size))
        writer.build((None, None, self.units + self.embedding_size))

    def build(
        self, tokens_shape, lengths_shape=None, features_shape=None, frame_lengths_shape=None
    ):
        super().build(tokens_shape, lengths_shape, features_shape)

    def call(self, tokens, lengths, features, frame_lengths, training=False):
        batch, captions, steps = ops.shape(tokens)
        reader, writer = self.lstms
        read, first, second = self._read(features, frame_lengths, training)
        # Of the frames only zeros are left, whatever is written: one run for all sentences.
        nothing = ops.zeros((batch, steps, self.frame_size), features.dtype)
        x, *_ = reader(nothing, initial_state=first, training=training)
        x = self.dropouts[1](x, training=training)
        x = ops.broadcast_to(x[:, None], (batch, captions, steps, self.units))
        words = self.dropouts[0](self.embedding(tokens), training=training)
        x = ops.reshape(
            ops.concatenate([x, words], axis=-1), (-1, steps, self.units + self.embedding_size)
        )
        second = [for_each_caption(state, captions) for state in second]
        x, *_ = writer(x, initial_state=second, training=training)
        x = self.dropouts[2](x, training=training)
        x = ops.reshape(x, (batch, captions, steps, self.units))
        logits = self.to_logits(real_steps(x, lengths))
        if not self.frame_outputs:
            return logits
        of_frames = self.to_logits(real_steps(read[:, None], frame_lengths[:, None]))
        return {"words": logits, "frames": of_frames}

    def begin(self, batch_size, features, frame_lengths):
        """Read clips, so that `step` can write.

        Args:
            batch_size: number of clips.
            features: as for the call.
            frame_lengths: as for the call.

        Returns:
            The state that `step` takes: tensors with leading dimension ``batch_size``.
        """
        _, *states = self._read(features, frame_lengths)
        zeros = [lstm.get_initial_state(batch_size) for lstm in self.lstms]
        return {
            "lstms": keras.tree.map_structure(
                lambda zero, given: ops.cast(given, zero.dtype), zeros, states
            )
        }

    def step(self, tokens, state):
        words = self.embedding(tokens)
        reader, writer = self.lstms
        nothing = ops.zeros((ops.shape(tokens)[0], self.frame_size), words.dtype)
        x, first = reader.step(nothing, state["lstms"][0])
        x, second = writer.step(ops.concatenate([x, words], axis=-1), state["lstms"][1])
        log_probs = ops.log_softmax(ops.cast(self.to_logits(x), "float32"))
        return log_probs, {"lstms": [first, second]}

    def compute_output_spec(self, tokens, lengths, features, frame_lengths, training=False):
        def logits():
            return keras.KerasTensor((None, self.vocabulary_size), dtype=self.compute_dtype)

        return {"words": logits(), "frames": logits()} if self.frame_outputs else logits()

    def get_config(self):
        config = {**super().get_config(), "frame_outputs": self.frame_outputs}
        del config["num_layers"], config["image_layer"]
        return config

    def _read(self, features, frame_lengths, training=False):
        """Give the first LSTM's outputs at all frames, and both LSTMs' states after the last."""
        reader, writer = self.lstms
        batch, steps = ops.shape(features)[:2]
        # A clip without frames counts as one of one: cuDNN refuses sequences of nothing.
        mask = step_mask(ops.maximum(frame_lengths, 1), steps)
        x, *first = reader(features, mask=mask, training=training)
        x = self.dropouts[1](x, training=training)
        nothing = ops.zeros((batch, steps, self.embedding_size), x.dtype)
        _, *second = writer(ops.concatenate([x, nothing], axis=-1), mask=mask, training=training)
        return x, first, second
