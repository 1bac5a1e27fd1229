"""The captioner's language half alone, to be trained on sentences without photos."""

import keras

from lrcn_keras.models.step_model import StepModel
from lrcn_keras.models.token_batches import sentence_batches
from lrcn_keras.models.word_decoder import WordDecoder
from lrcn_keras.text import Vocabulary


@keras.saving.register_keras_serializable("lrcn_keras")
class LanguageModel(StepModel):
    """Predicts the next word of a sentence.

    Donahue et al. 2017 train it before the captioner; `ImageCaptioner.copy_language` takes its
    weights over.

    Args:
        vocabulary: a `Vocabulary`, or all its tokens in order, specials included.
        num_layers: number of LSTMs.
        units: size of each LSTM.
        embedding_size: size of a word's vector.
        dropout: share of entries dropped in training, in [0, 1).
        tied_embeddings: whether the output layer shares the embedding.
        max_length: words of a sentence that are kept.
        name: name of the model.

    Inputs: ``tokens`` (B, 1, T) int32 and ``lengths`` (B, 1) int32, as `prepare` makes them.
    Output: logits of the real tokens (M, V).
    """

    def __init__(
        self,
        vocabulary,
        *,
        num_layers=2,
        units=512,
        embedding_size=512,
        dropout=0.5,
        tied_embeddings=False,
        max_length=20,
        name="language_model",
    ):
        # === Layers ===
        self.vocabulary = Vocabulary.of(vocabulary)
        self.decoder = WordDecoder(
            len(self.vocabulary),
            num_layers=num_layers,
            image_layer=None,
            units=units,
            embedding_size=embedding_size,
            dropout=dropout,
            tied_embeddings=tied_embeddings,
            name="decoder",
        )
        # === Functional model ===
        tokens = keras.Input((None, None), dtype="int32", name="tokens")
        lengths = keras.Input((None,), dtype="int32", name="lengths")
        super().__init__(
            {"tokens": tokens, "lengths": lengths}, self.decoder(tokens, lengths), name=name
        )
        # === Config ===
        self.max_length = max_length

    def prepare(
        self, sentences, batch_size=128, training=False, seed=0, first_epoch=0, first_step=0
    ):
        """Make batches of sentences of similar length.

        Args:
            sentences: list of str.
            batch_size: sentences a batch.
            training: whether to shuffle, anew at each pass.
            seed: the order is a function of it and the epoch.
            first_epoch: number of the first pass.
            first_step: batches of the first pass to leave out.

        Returns:
            ``tf.data.Dataset`` of (inputs, targets).
        """
        return sentence_batches(
            sentences,
            self.vocabulary,
            self.max_length,
            batch_size,
            training=training,
            seed=seed,
            first_epoch=first_epoch,
            first_step=first_step,
        )

    def get_config(self):
        decoder = self.decoder.get_config()
        names = ("num_layers", "units", "embedding_size", "dropout", "tied_embeddings")
        return {
            "vocabulary": list(self.vocabulary.words),
            **{name: decoder[name] for name in names},
            "max_length": self.max_length,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**config)
