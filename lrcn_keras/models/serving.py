"""A captioner as a SavedModel: encoded photos in, sentences out."""

from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras import storage
from lrcn_keras.decoding import Decoded, Decoder
from lrcn_keras.models.exporting import export_model
from lrcn_keras.text import Vocabulary

if TYPE_CHECKING:
    import tensorflow as tf

    from lrcn_keras.models.image_captioner import ImageCaptioner

VOCABULARY_FILE = Path("assets.extra") / "vocabulary.txt"


def export_captioner(model: "ImageCaptioner", directory: str | Path, decoder: Decoder) -> None:
    """Write what `ImageCaptioner.export` describes.

    Args:
        model: the captioner.
        directory: folder to make; a SavedModel that is there already is replaced.
        decoder: what the signatures decode with, and the saved model's default.

    Raises:
        ValueError: as `export_model`.
    """
    config = {**model.get_config(), "decoder": decoder.get_config()}
    del config["vocabulary"]
    export_model(
        model,
        directory,
        lambda module: caption_signatures(model, module, decoder),
        {"config": config, "vocabulary": model.vocabulary.hash},
        lambda new: model.vocabulary.save(new / VOCABULARY_FILE),
    )


def caption_signatures(
    model: "ImageCaptioner", module: "tf.Module", decoder: Decoder
) -> "dict[str, tf.types.experimental.PolymorphicFunction]":
    """Make the signatures of a captioner's SavedModel.

    Args:
        model: the captioner.
        module: a `storage.float16_module` of its weights.
        decoder: a decoder.

    Returns:
        ``serving_default`` and ``pixels``; for a model without a backbone ``serving_default`` of
        features alone.
    """
    import tensorflow as tf

    from lrcn_keras.media import decode_photos

    def signature(generate, *inputs):
        def describe(x):
            count = tf.shape(x)[0]
            # Of an empty batch oneDNN's convolutions make something of a wrong shape.
            x = tf.cond(count > 0, lambda: x, lambda: tf.zeros([1, *x.shape[1:]]))
            decoded = generate(x, decoder)
            texts = sentences(decoded, model.vocabulary)[:count]
            log_probs = decoded.log_probs[:count]
            return {
                "captions": texts[:, 0],
                "log_probs": log_probs[:, 0],
                "alternatives": texts[:, 1:],
                "alternative_log_probs": log_probs[:, 1:],
                "ok": tf.ones_like(texts[:, 0], tf.bool),
            }

        on_stored = storage.on_stored_weights(describe, model.weights, module)
        return tf.function(on_stored, input_signature=inputs, autograph=False)

    if model.backbone is None:
        features = tf.TensorSpec([None, model.inputs[0].shape[-1]], tf.float32, "features")
        return {"serving_default": signature(model.generate_from_features, features)}

    size = model.image_size
    pixels = signature(model.generate, tf.TensorSpec([None, size, size, 3], tf.float32, "images"))

    def describe_photos(photos):
        images, ok = decode_photos(photos, size)
        answers = pixels(images)  # one function in the file serves both signatures
        return {name: blanked(ok, answer) for name, answer in answers.items()}

    photos = tf.TensorSpec([None], tf.string, "photos")
    return {
        "serving_default": tf.function(describe_photos, [photos], autograph=False),
        "pixels": pixels,
    }


def sentences(decoded: Decoded, vocabulary: Vocabulary) -> "tf.Tensor":
    """Turn what a decoder returned into texts (N, n), inside a graph."""
    import tensorflow as tf

    # Joined without a separator, so that padding leaves no trace.
    pieces = tf.constant(["", *(f" {word}" for word in vocabulary.words[1:])])
    before_end = tf.math.cumprod(tf.cast(decoded.tokens != Vocabulary.eos_id, tf.int32), axis=-1)
    words = tf.gather(pieces, decoded.tokens * before_end)  # (N, n, L)
    return tf.strings.strip(tf.strings.reduce_join(words, axis=-1))


def blanked(ok: "tf.Tensor", answer: "tf.Tensor") -> "tf.Tensor":
    """Blank the answers (N, ...) to what could not be read: "", -inf, not ok."""
    import tensorflow as tf

    blank = {tf.string: "", tf.float32: float("-inf"), tf.bool: False}[answer.dtype]
    ok = tf.reshape(ok, [-1] + [1] * (answer.shape.rank - 1))
    return tf.where(ok, answer, tf.constant(blank, answer.dtype))
