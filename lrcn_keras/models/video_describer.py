"""Clip to sentence: from pooled frames, from a sequence of frames, or from semantic roles."""

import keras

from lrcn_keras import decoding
from lrcn_keras.models.clip_context import check_variant, clip_context
from lrcn_keras.models.clip_entry import ClipEntry
from lrcn_keras.models.describer_serving import export_describer
from lrcn_keras.models.describing_model import DescribingModel
from lrcn_keras.models.description_batches import description_batches
from lrcn_keras.models.role_head import RoleHead
from lrcn_keras.models.role_recognizer import RoleRecognizer
from lrcn_keras.models.s2vt import S2VT
from lrcn_keras.models.word_decoder import WordDecoder
from lrcn_keras.text import RoleLabels, Vocabulary, shared_rows


@keras.saving.register_keras_serializable("lrcn_keras")
class VideoDescriber(DescribingModel):
    """The paper's video describers (Donahue et al. 2017, section 6), and two from pixels.

    Args:
        vocabulary: a `Vocabulary`, or all its tokens in order, specials included.
        backbone: name of a CNN (see ``lrcn_keras.backbones.names()``), a ``keras.Model`` from
            pixels to a feature, or None for a model on features made before.
        variant: what the sentence is written from: ``a`` an LSTM stack reads the roles' most likely
            labels and another writes; ``b`` the labels' one-hots or ``c`` the marginal
            probabilities of all labels, at every step; ``mean_pool`` the mean of the frames'
            features, at every step; ``s2vt`` two LSTMs read the frames and then write.
        roles: labels by role, a ``text.RoleLabels`` or {role: labels}, for ``a``, ``b`` and ``c``;
            a CRF joins what each frame's feature says of them, see `RoleRecognizer`.
        edges: pairs of roles that the CRF joins; None for all, ``[]`` for none.
        role_scale: factor on the one-hots of ``b`` and the marginals of ``c``, small numbers from
            which LSTMs learn slowly; 4 makes it faster.
        units: size of each LSTM.
        num_layers: number of LSTMs that write; two in ``s2vt``. The lower half sees words only, as
            in the captioner's ``2f``.
        embedding_size: size of a word's vector.
        projection: size of a linear layer between what is described and the LSTMs; None for none.
        two_way_units: size of each of two LSTMs that read the frames' features forwards and
            backwards before those of ``s2vt``; None for none.
        input_dropout: share of the entries of what is described dropped in training, in [0, 1).
        dropout: share of word vectors' and LSTM outputs' entries dropped in training, in [0, 1).
        tied_embeddings: whether the output layer shares the embedding; needs
            ``units == embedding_size``.
        frame_loss: weight of a second loss, for ``s2vt``: at each frame the reading LSTM
            names the word spoken ``frame_delay`` frames before, or, where none is, the end
            token. The data set needs to know the words' times.
        frame_delay: frames between a word and its name.
        max_length: steps of a sentence, the end token included.
        decoder: default of `describe`: a decoder, its config, or None for beam search with 5 beams.
        name: name of the model.
        **entry: how clips are seen, arguments of `ClipEntry`: ``weights``, ``feature``,
            ``feature_size``, ``image_size``, ``frame_size``, ``region``, ``stack``, ``modality``,
            ``rate``, ``frames``, ``trainable_backbone``, ``train_batch_norm``, ``augmentation``.
            Where there are roles the backbone trains in `role_recognizer` only.

    Inputs: a dictionary of ``frames`` (B, T, S, S, C) in [0, 255], or ``features`` (B, T, F);
    ``frame_lengths`` (B,) int32, real frames of each clip; ``tokens`` (B, K, T') int32, K sentences
    a clip, each begun with the start token; ``lengths`` (B, K) int32, real steps of each. `prepare`
    makes them.
    Output: logits (M, V) of the M real tokens; with ``frame_loss`` a dictionary of them as
    ``words``, and those of the real frames as ``frames``.

    Example:
        >>> import numpy as np
        >>> words = ["<eos>", "<unk>", "a", "dog"]
        >>> model = VideoDescriber(words, "small_cnn", weights=None, image_size=32, units=8)
        >>> model.describe(np.zeros((5, 32, 32, 3), "uint8")).log_prob < 0
        True
    """

    def __init__(
        self,
        vocabulary,
        backbone="efficientnet_lite0",
        *,
        variant="mean_pool",
        roles=None,
        edges=None,
        role_scale=1.0,
        units=512,
        num_layers=2,
        embedding_size=512,
        projection=None,
        two_way_units=None,
        input_dropout=0.0,
        dropout=0.5,
        tied_embeddings=False,
        frame_loss=0.0,
        frame_delay=0,
        max_length=20,
        decoder=None,
        name="video_describer",
        **entry,
    ):
        check_variant(variant, roles, num_layers, projection, two_way_units, frame_loss)
        # === Layers ===
        self.vocabulary = Vocabulary.of(vocabulary)
        self.roles = None if roles is None else RoleLabels.of(roles)
        trainable_backbone = entry.get("trainable_backbone", False)
        if roles is not None:
            entry = {**entry, "trainable_backbone": False}
        self.entry = ClipEntry(backbone, **entry)
        if frame_loss and self.entry.frames is not None:
            raise ValueError(
                f"frame_loss needs all frames of a clip, frames=None, got {self.entry.frames}."
            )
        self.role_head = None
        if roles is not None:
            self.role_head = RoleHead(self.roles, edges, name="role_head")
        sizes = {"units": units, "embedding_size": embedding_size, "dropout": dropout}
        self.context = clip_context(
            variant,
            self.entry.size,
            self.role_head,
            num_layers,
            role_scale,
            projection,
            two_way_units,
            input_dropout,
            sizes,
        )
        sizes = {**sizes, "tied_embeddings": tied_embeddings, "name": "word_decoder"}
        if variant == "s2vt":
            self.word_decoder = S2VT(len(self.vocabulary), frame_outputs=frame_loss > 0, **sizes)
        else:
            self.word_decoder = WordDecoder(
                len(self.vocabulary),
                num_layers=num_layers,
                image_layer=None if variant == "a" else num_layers // 2,
                **sizes,
            )

        # === Functional model ===
        tokens = keras.Input((None, None), dtype="int32", name="tokens")
        lengths = keras.Input((None,), dtype="int32", name="lengths")
        context = self.context([self.entry.features, self.entry.inputs["frame_lengths"]])
        super().__init__(
            {**self.entry.inputs, "tokens": tokens, "lengths": lengths},
            self.word_decoder(tokens, lengths, **context),
            name=name,
        )

        # === Config ===
        self.variant = variant
        self.frame_loss = frame_loss
        self.frame_delay = frame_delay
        self.max_length = max_length
        self.decoder = decoding.get(decoder or self.decoder_config("beam"))
        self._config = {
            "variant": variant,
            "roles": roles and {role: list(of) for role, of in self.roles.labels.items()},
            "edges": edges,
            "role_scale": role_scale,
            "units": units,
            "num_layers": num_layers,
            "embedding_size": embedding_size,
            "projection": projection,
            "two_way_units": two_way_units,
            "input_dropout": input_dropout,
            "dropout": dropout,
            "tied_embeddings": tied_embeddings,
            "frame_loss": frame_loss,
            "frame_delay": frame_delay,
            "max_length": max_length,
            "trainable_backbone": trainable_backbone,
        }

    @property
    def backbone(self):
        """The CNN, or None."""
        return self.entry.backbone

    @property
    def image_size(self) -> int:
        """Height and width of the CNN's input in pixels."""
        return self.entry.image_size

    # === Training ===

    def compile(self, optimizer=None, **kwargs):
        """Configure training; as ``StepModel.compile``.

        With ``frame_loss`` there is a metric more, ``frame_nll``, in nats a frame. Where there are
        roles neither the backbone nor what recognizes them trains.
        """
        if self.frame_loss:
            self.frame_nll = keras.metrics.Mean("frame_nll")
        super().compile(optimizer, **kwargs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean cross entropy of the words, and ``frame_loss`` times the frames'.

        Args:
            x: the model's inputs.
            y: (B, K, T') int32, what to predict at each step; with ``frame_loss`` a dictionary of
                it as ``words``, and of the word at each frame (B, T) int32 as ``frames``.
            y_pred: the model's output.
            sample_weight: as for ``StepModel.compute_loss``; the frames' loss has no weights.
            training: whether labels are smoothed.
        """
        if not self.frame_loss:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        words = super().compute_loss(x, y["words"], y_pred["words"], sample_weight, training)
        frame_lengths, targets = x["frame_lengths"][:, None], y["frames"][:, None]
        frames = self.step_loss(
            frame_lengths, targets, y_pred["frames"], self.frame_nll, training=training
        )
        return words + self.frame_loss * frames

    def prepare(
        self,
        dataset,
        batch_size=32,
        training=False,
        seed=0,
        first_epoch=0,
        first_step=0,
        features=None,
    ):
        """Make a data set into batches for ``fit`` and ``evaluate``.

        Args:
            dataset: a ``lrcn_keras.datasets.ClipCaptionDataset`` of the model's modality, or a
                ``CaptionDataset``, whose photos are clips of one frame.
            batch_size: clips a batch, each with all its sentences; with ``features`` sentences.
            training: whether to shuffle, anew at each pass, and to vary clips at random.
            seed: order and variation are a function of it, epoch and step.
            first_epoch: number of the first pass.
            first_step: batches of the first pass to leave out.
            features: (views, T, F) float of each clip as `encode_clip` makes them, or
                (N, views, F) of photos, for a model with ``backbone=None``; a random view is taken
                in training, the first otherwise.

        Returns:
            ``tf.data.Dataset`` of (inputs, targets).

        Raises:
            ValueError: for a data set of another modality, or one without times for ``frame_loss``.
        """
        return description_batches(
            self,
            dataset,
            batch_size,
            training=training,
            seed=seed,
            first_epoch=first_epoch,
            first_step=first_step,
            features=features,
        )

    def role_recognizer(self, dropout=0.0) -> RoleRecognizer:
        """Make a model that learns the roles and the backbone, begun from this one's weights.

        Once it is trained `copy_roles` takes its weights over.

        Args:
            dropout: share of the features' entries dropped in its training, in [0, 1).
        """
        if self.roles is None:
            raise ValueError(f"The variant {self.variant!r} has no roles.")
        config = self.get_config()
        entry = {key: config[key] for key in self.entry.get_config()}
        recognizer = RoleRecognizer.from_config(
            {**entry, "roles": self.roles, "edges": config["edges"], "dropout": dropout}
        )
        _copy_roles(self, recognizer)
        return recognizer

    def copy_roles(self, recognizer: RoleRecognizer) -> None:
        """Take over the backbone of a `RoleRecognizer` of equal roles, and what scores them."""
        _copy_roles(recognizer, self)

    # === Variants, export and config ===

    def export(self, filepath, decoder=None):
        """Write a SavedModel that TensorFlow Serving serves and `lrcn_keras.load` reads.

        Signature ``serving_default``: ``frames`` (N, T, H, W, C) uint8 of ``frame_size`` (of a
        model with a region: that part of the frames, stretched), padded, and ``frame_lengths`` (N,)
        int32, real frames of each clip; where the model looks at a few frames it chooses them. It
        answers with ``sentences`` (N,) string and ``log_probs`` (N,) float32 of the best sentences,
        ``alternatives`` (N, n) and ``alternative_log_probs`` (N, n) of the decoder's others ("" and
        -inf where there are fewer), and, where there are roles, with ``roles`` (N, R) string, the
        labels of the likeliest combination (MAP), and ``role_marginals`` (N, L) float32, in the
        order of ``assets.extra/roles.txt``. A clip of length 0 has the sentence "", the
        log-probability -inf and marginals of 0.

        A model without a backbone takes ``features`` (N, T, F) instead. Weights are stored once, in
        float16.

        Args:
            filepath: folder to make, such as ``served/1``; a SavedModel there is replaced.
            decoder: as for `describe`; it becomes the default of the model that is read back.

        Raises:
            ValueError: for a folder that holds something else than a SavedModel.
        """
        export_describer(self, filepath, self.resolve_decoder(decoder))

    def without_backbone(self) -> "VideoDescriber":
        """A describer on features made before, with a copy of this one's weights after the CNN."""
        config = self.get_config()
        config |= {"backbone": None, "feature_size": self.entry.size, "trainable_backbone": False}
        head = type(self).from_config(config)
        head.copy_head(self)
        return head

    def copy_head(self, other: "VideoDescriber") -> None:
        """Take over all weights after the CNN of a describer of the same sizes."""
        self.context.set_weights(other.context.get_weights())
        self.word_decoder.set_weights(other.word_decoder.get_weights())

    def with_vocabulary(self, vocabulary) -> "VideoDescriber":
        """A copy for another vocabulary that keeps what was learned of the shared words."""
        copy = type(self).from_config({**self.get_config(), "vocabulary": vocabulary})
        if self.backbone is not None:
            copy.backbone.set_weights(self.backbone.get_weights())
        copy.context.set_weights(self.context.get_weights())
        rows = shared_rows(self.vocabulary, copy.vocabulary)
        copy.word_decoder.copy_from(self.word_decoder, *rows)
        return copy

    def copy_captioner(self, captioner) -> None:
        """Take over an `ImageCaptioner`'s CNN, LSTMs and the words that both know.

        What its LSTMs know of the image is kept where the sentence is written from the same
        feature, ``mean_pool`` without a projection.
        """
        if self.backbone is not None and captioner.backbone is not None:
            self.backbone.set_weights(captioner.backbone.get_weights())
        self._copy_decoder(captioner.vocabulary, captioner.word_decoder)

    def copy_language(self, language_model) -> None:
        """Take over a `LanguageModel`'s weights; words that both know keep their rows."""
        self._copy_decoder(language_model.vocabulary, language_model.decoder)

    def _copy_decoder(self, vocabulary, decoder):
        if self.variant == "s2vt":
            raise ValueError("The LSTMs of the variant 's2vt' are not those of a captioner.")
        self.word_decoder.copy_from(decoder, *shared_rows(vocabulary, self.vocabulary))

    def get_config(self):
        return {
            **self.entry.get_config(),
            **self._config,
            "vocabulary": list(self.vocabulary.words),
            "decoder": self.decoder.get_config(),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**ClipEntry.backbone_of(config))


def _copy_roles(source, target):
    if source.backbone is not None:
        target.backbone.set_weights(source.backbone.get_weights())
    target.role_head.set_weights(source.role_head.get_weights())
