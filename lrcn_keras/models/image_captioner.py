"""Photo to sentence: a CNN, an LSTM stack that sees its feature at every step, a word at a time."""

import functools

import keras
import numpy as np
from keras import ops

from lrcn_keras import backbones, decoding
from lrcn_keras.media import read_photo
from lrcn_keras.models.caption import Caption
from lrcn_keras.models.sentence_model import SentenceModel
from lrcn_keras.models.serving import export_captioner
from lrcn_keras.models.token_batches import feature_batches, photo_batches
from lrcn_keras.models.word_decoder import VARIANTS, WordDecoder
from lrcn_keras.text import Vocabulary, shared_rows


@keras.saving.register_keras_serializable("lrcn_keras")
class ImageCaptioner(SentenceModel):
    """The paper's captioner (Donahue et al. 2017, section 5) on any CNN.

    Args:
        vocabulary: a `Vocabulary`, or all its tokens in order, specials included.
        backbone: name of a CNN (see ``lrcn_keras.backbones.names()``), a ``keras.Model`` from RGB
            pixels to a feature, or None for a model on features made before.
        weights: ``"imagenet"``, None for random ones, or a path; for a named backbone.
        variant: ``1u`` or ``2u`` (one or two LSTMs, the first sees the image), ``2f`` or ``4f``
            (factored: the lower half of the stack sees words only, the layer above it the image).
        units: size of each LSTM.
        embedding_size: size of a word's vector.
        feature: which of the backbone's features; None for its default.
        feature_size: size of the feature; only for ``backbone=None``.
        image_size: height and width of the input in pixels; None for the backbone's default.
        trainable_backbone: False, True, or the name of the first layer to train.
        dropout: share of word vectors' and LSTM outputs' entries dropped in training, in [0, 1).
        tied_embeddings: whether the output layer shares the embedding; needs
            ``units == embedding_size``.
        max_length: steps of a caption, the end token included.
        decoder: default of `caption`: a decoder, its config, or None for beam search with 5 beams.
        name: name of the model.

    Inputs: a dictionary of ``image`` (B, S, S, 3) float RGB in [0, 255], or ``features`` (B, F);
    ``tokens`` (B, K, T) int32, K captions a photo, each begun with the start token; ``lengths``
    (B, K) int32, real steps of each. `prepare` makes them.
    Output: logits (M, V) of the M real tokens.

    Example:
        >>> model = ImageCaptioner(["<eos>", "<unk>", "a", "dog"], weights=None, units=8)
        >>> model.caption(np.zeros((32, 32, 3), "uint8")).log_prob < 0
        True
    """

    def __init__(
        self,
        vocabulary,
        backbone="efficientnet_lite0",
        *,
        weights="imagenet",
        variant="2f",
        units=512,
        embedding_size=512,
        feature=None,
        feature_size=None,
        image_size=None,
        trainable_backbone=False,
        dropout=0.5,
        tied_embeddings=False,
        max_length=20,
        decoder=None,
        name="image_captioner",
    ):
        if variant not in VARIANTS:
            raise ValueError(f"Unknown variant {variant!r}, expected one of {list(VARIANTS)}.")
        if (backbone is None) != (feature_size is not None):
            raise ValueError(
                "feature_size belongs to backbone=None and to nothing else, "
                f"got backbone={backbone!r}, feature_size={feature_size}."
            )
        # === Layers ===
        self.vocabulary = Vocabulary.of(vocabulary)
        self.backbone = None
        if backbone is not None:
            self.backbone = backbones.get(
                backbone,
                weights=weights,
                feature=feature,
                image_size=image_size,
                trainable=trainable_backbone,
            )
        num_layers, image_layer = VARIANTS[variant]
        self.word_decoder = WordDecoder(
            len(self.vocabulary),
            num_layers=num_layers,
            image_layer=image_layer,
            units=units,
            embedding_size=embedding_size,
            dropout=dropout,
            tied_embeddings=tied_embeddings,
            name="word_decoder",
        )

        # === Functional model ===
        if self.backbone is None:
            entry = keras.Input((feature_size,), name="features")
            features = entry
        else:
            entry = keras.Input(self.backbone.input_shape[1:], name="image")
            features = self.encode(entry)
        tokens = keras.Input((None, None), dtype="int32", name="tokens")
        lengths = keras.Input((None,), dtype="int32", name="lengths")
        super().__init__(
            {entry.name: entry, "tokens": tokens, "lengths": lengths},
            self.word_decoder(tokens, lengths, features),
            name=name,
        )

        # === Config ===
        self.variant = variant
        self.max_length = max_length
        self.decoder = decoding.get(decoder or self.decoder_config("beam"))
        self._config = {
            # A model is not kept here: Keras would count its weights beside its copy's.
            "backbone": "own" if isinstance(backbone, keras.Model) else backbone,
            "variant": variant,
            "units": units,
            "embedding_size": embedding_size,
            "feature": feature,
            "feature_size": feature_size,
            "image_size": image_size,
            "trainable_backbone": trainable_backbone,
            "dropout": dropout,
            "tied_embeddings": tied_embeddings,
            "max_length": max_length,
        }
        self._generators = {}

    @classmethod
    def paper(cls, vocabulary, variant="2f", backbone="caffenet", **kwargs):
        """Build the captioner with the paper's sizes: everything 1000, fc8 as the image's feature.

        With the paper's 8,801 tokens the part after the CNN has 37,618,801 parameters (``1u``:
        29,614,801).

        Args:
            vocabulary: as for the class.
            variant: as for the class.
            backbone: a CNN with an fc8, such as ``caffenet`` or ``vgg16``.
            **kwargs: further arguments of the class.
        """
        sizes = {"units": 1000, "embedding_size": 1000, "dropout": 0.0, "feature": "fc8"}
        return cls(vocabulary, backbone, variant=variant, **{**sizes, **kwargs})

    def encode(self, images):
        """Turn RGB pixels in [0, 255], (B, S, S, 3), into the image's feature (B, F)."""
        # training=False holds batch norm at its pretrained statistics; the weights still train.
        return self.backbone(images, training=False)

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
            dataset: a ``lrcn_keras.datasets.CaptionDataset``.
            batch_size: photos a batch, each with all its captions; with ``features`` captions.
            training: whether to shuffle, anew at each pass, and to crop and mirror at random.
            seed: order and augmentation are a function of it, epoch and step.
            first_epoch: number of the first pass.
            first_step: batches of the first pass to leave out.
            features: (N, views, F) float, the photos' features, for a model with
                ``backbone=None``; a random view is taken in training, the first otherwise.

        Returns:
            ``tf.data.Dataset`` of (inputs, targets).
        """
        common = {
            "training": training,
            "seed": seed,
            "first_epoch": first_epoch,
            "first_step": first_step,
        }
        if self.backbone is None:
            if features is None:
                raise ValueError("A captioner without a backbone needs features.")
            return feature_batches(
                features, dataset.captions, self.vocabulary, self.max_length, batch_size, **common
            )
        return photo_batches(
            dataset.photos,
            dataset.names,
            dataset.captions,
            self.vocabulary,
            self.max_length,
            self.image_size,
            batch_size,
            **common,
        )

    @property
    def image_size(self) -> int:
        """Height and width of the input in pixels."""
        return self.backbone.input_shape[1]

    def caption(self, photos, decoder=None, batch_size=32):
        """Describe photos.

        Args:
            photos: one photo or a sequence of photos. A photo is a path, encoded bytes, a
                ``PIL.Image`` or an array (H, W, 3) of RGB in [0, 255]; an array (N, H, W, 3) is a
                sequence.
            decoder: a decoder, its config or its name (``greedy``, ``beam``, ``sample``); None for
                the model's own.
            batch_size: photos that are worked on at once; memory is bounded by it.

        Returns:
            A `Caption`, or a list of them for a sequence.

        Raises:
            lrcn_keras.MediaError: for a photo that cannot be read.
        """
        single = not isinstance(photos, list | tuple) and np.ndim(_array_or_none(photos)) != 4
        photos = [photos] if single else photos
        generate = self.generator(decoder)
        captions = []
        for start in range(0, len(photos), batch_size):
            batch = [read_photo(p, self.image_size) for p in photos[start : start + batch_size]]
            captions += self.to_captions(generate(np.stack(batch)))
        return captions[0] if single else captions

    def generate(self, images, decoder=None):
        """Decode captions inside a graph.

        Args:
            images: (B, S, S, 3) float RGB in [0, 255].
            decoder: as for `caption`.

        Returns:
            ``decoding.Decoded``: tokens (B, n, L), log_probs (B, n), lengths (B, n).
        """
        return self.generate_from_features(self.encode(images), decoder)

    def generate_from_features(self, features, decoder=None):
        """Decode captions from the images' features (B, F); otherwise as `generate`."""
        batch_size = ops.shape(features)[0]
        return self.decode(self.word_decoder.begin(batch_size, features), batch_size, decoder)

    def generator(self, decoder=None):
        """Compile `generate`, once for each decoder.

        Args:
            decoder: as for `caption`.

        Returns:
            A function of images as `generate` takes them, or of features (B, F) for a model with
            ``backbone=None``. It sees later changes of the weights.
        """
        decoder = self.resolve_decoder(decoder)
        key = repr(decoder.get_config())
        if key not in self._generators:
            decode = self.generate_from_features if self.backbone is None else self.generate
            generate = functools.partial(decode, decoder=decoder)
            if keras.backend.backend() == "tensorflow":
                import tensorflow as tf

                (entry,) = (x for x in self.inputs if x.name in ("image", "features"))
                signature = [tf.TensorSpec((None, *entry.shape[1:]), tf.float32)]
                generate = tf.function(generate, signature, autograph=False)
            self._generators[key] = generate
        return self._generators[key]

    def to_captions(self, decoded) -> list[Caption]:
        """Turn what `generate` returned into a `Caption` an image."""
        return [
            Caption(*best, alternatives=tuple(others)) for best, *others in self.ranked(decoded)
        ]

    def score(self, photo, caption: str) -> float:
        """Return the natural log-probability of a caption for a photo, end token included.

        Args:
            photo: as for `caption`.
            caption: a sentence; unknown words count as ``<unk>``.
        """
        features = self.encode(read_photo(photo, self.image_size)[None])
        return self.score_from(self.word_decoder.begin(1, features), caption)

    def export(self, filepath, decoder=None):
        """Write a SavedModel that TensorFlow Serving serves and `lrcn_keras.load` reads.

        Signature ``serving_default``: ``photos`` (N,) string, encoded bytes. Signature ``pixels``:
        ``images`` (N, S, S, 3) float32 RGB in [0, 255]. Both answer with ``captions`` (N,) string
        and ``log_probs`` (N,) float32 of the best captions, ``alternatives`` (N, n) and
        ``alternative_log_probs`` (N, n) of the decoder's others ("" and -inf where there are
        fewer), and ``ok`` (N,) bool. A photo that cannot be decoded is not ok, has the caption ""
        and the log-probability -inf, and costs none of the others.

        Weights are stored once, in float16.

        Args:
            filepath: folder to make, such as ``served/1``; a SavedModel there is replaced.
            decoder: as for `caption`; it becomes the default of the model that is read back.

        Raises:
            ValueError: for a folder that holds something else than a SavedModel.
        """
        export_captioner(self, filepath, self.resolve_decoder(decoder))

    def without_backbone(self) -> "ImageCaptioner":
        """A captioner on features made before, with a copy of this one's weights after the CNN."""
        config = self.get_config()
        config |= {"backbone": None, "feature_size": self.backbone.output_shape[-1]}
        head = type(self).from_config(config)
        head.word_decoder.set_weights(self.word_decoder.get_weights())
        return head

    def with_vocabulary(self, vocabulary) -> "ImageCaptioner":
        """A copy for another vocabulary that keeps what was learned of the shared words."""
        config = {**self.get_config(), "vocabulary": vocabulary}
        copy = type(self).from_config(config)
        if self.backbone is not None:
            copy.backbone.set_weights(self.backbone.get_weights())
        rows = shared_rows(self.vocabulary, copy.vocabulary)
        copy.word_decoder.copy_from(self.word_decoder, *rows)
        return copy

    def copy_language(self, language_model) -> None:
        """Take over a `LanguageModel`'s weights; words that both know keep their rows."""
        rows = shared_rows(language_model.vocabulary, self.vocabulary)
        self.word_decoder.copy_from(language_model.decoder, *rows)

    def get_config(self):
        config = dict(self._config)
        if config["backbone"] == "own":
            config["backbone"] = keras.saving.serialize_keras_object(self.backbone)
        return {
            **config,
            "vocabulary": list(self.vocabulary.words),
            "decoder": self.decoder.get_config(),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if isinstance(config["backbone"], dict):
            config["backbone"] = keras.saving.deserialize_keras_object(config["backbone"])
        return cls(weights=None, **config)


def _array_or_none(photos):
    return photos if hasattr(photos, "shape") else None
