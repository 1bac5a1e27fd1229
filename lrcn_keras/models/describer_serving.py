"""A describer as a SavedModel: frames in, sentences out."""

from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras import storage
from lrcn_keras.decoding import Decoder
from lrcn_keras.models.exporting import export_model
from lrcn_keras.models.serving import VOCABULARY_FILE, blanked, sentences

if TYPE_CHECKING:
    import tensorflow as tf

    from lrcn_keras.models.video_describer import VideoDescriber

ROLES_FILE = Path("assets.extra") / "roles.txt"


def export_describer(model: "VideoDescriber", directory: str | Path, decoder: Decoder) -> None:
    """Write what `VideoDescriber.export` describes.

    Args:
        model: the describer.
        directory: folder to make; a SavedModel that is there already is replaced.
        decoder: what the signature decodes with, and the saved model's default.

    Raises:
        ValueError: as `export_model`.
    """
    config = {**model.get_config(), "decoder": decoder.get_config()}
    del config["vocabulary"], config["roles"]
    saved = {"config": config, "vocabulary": model.vocabulary.hash}
    if model.roles is not None:
        saved["roles"] = model.roles.hash

    def write_files(new):
        model.vocabulary.save(new / VOCABULARY_FILE)
        if model.roles is not None:
            model.roles.save(new / ROLES_FILE)

    def signatures(module):
        return {"serving_default": description_signature(model, module, decoder)}

    export_model(model, directory, signatures, saved, write_files)


def description_signature(
    model: "VideoDescriber", module: "tf.Module", decoder: Decoder
) -> "tf.types.experimental.PolymorphicFunction":
    """Make ``serving_default`` of a describer.

    Args:
        model: the describer.
        module: a `storage.float16_module` of its weights.
        decoder: a decoder.
    """
    import tensorflow as tf

    entry = model.entry
    if model.backbone is None:
        clips = tf.TensorSpec([None, None, entry.size], tf.float32, "features")
    else:
        shape = [None, None, *entry.frame_size, entry.inputs["frames"].shape[-1]]
        clips = tf.TensorSpec(shape, tf.uint8, "frames")

    def describe(clips, frame_lengths):
        count, steps = tf.unstack(tf.shape(clips)[:2])
        batch = tf.maximum(count, 1)
        # Of an empty batch oneDNN's convolutions make something of a wrong shape.
        shape = [batch, tf.maximum(steps, 1), *clips.shape[2:]]
        x = tf.cond(tf.size(clips) > 0, lambda: clips, lambda: tf.zeros(shape, clips.dtype))
        lengths = tf.pad(tf.clip_by_value(frame_lengths, 0, steps), [[0, batch - count]])
        if model.backbone is not None:
            x, lengths = _sampled(x, lengths, entry.frames)
            x = entry.encode(entry.crop(x), lengths)
        decoded = model.generate(x, lengths, decoder)
        texts = sentences(decoded, model.vocabulary)
        answers = {
            "sentences": texts[:, 0],
            "log_probs": decoded.log_probs[:, 0],
            "alternatives": texts[:, 1:],
            "alternative_log_probs": decoded.log_probs[:, 1:],
        }
        if model.roles is not None:
            marginals, labels = model.recognize(x, lengths)
            answers["roles"] = _names(labels, model.roles)
        real = lengths[:count] > 0
        answers = {name: blanked(real, answer[:count]) for name, answer in answers.items()}
        if model.roles is not None:
            answers["role_marginals"] = tf.where(real[:, None], marginals[:count], 0.0)
        return answers

    lengths = tf.TensorSpec([None], tf.int32, "frame_lengths")
    on_stored = storage.on_stored_weights(describe, model.weights, module)
    return tf.function(on_stored, input_signature=[clips, lengths], autograph=False)


def _sampled(frames: "tf.Tensor", lengths: "tf.Tensor", wanted: int | None):
    """Choose frames as `ClipEntry.chosen` does, of padded clips (N, T, ...)."""
    import tensorflow as tf

    if wanted is None:
        return frames, lengths
    place = tf.range(wanted)
    many = (2 * place + 1) * lengths[:, None] // (2 * wanted)  # (N, wanted)
    few = tf.minimum(place, tf.maximum(lengths[:, None] - 1, 0))
    index = tf.where(lengths[:, None] > wanted, many, few)
    return tf.gather(frames, index, batch_dims=1), tf.minimum(lengths, wanted)


def _names(labels: "tf.Tensor", roles) -> "tf.Tensor":
    """The names (N, R) of labels (N, R)."""
    import tensorflow as tf

    return tf.stack(
        [
            tf.gather(tf.constant(list(names)), labels[:, role])
            for role, names in enumerate(roles.labels.values())
        ],
        axis=1,
    )
