"""What recognizers do in Python, inside a TensorFlow graph: for their SavedModels."""

from typing import TYPE_CHECKING

from lrcn_keras.models.protocol import Protocol

if TYPE_CHECKING:
    import tensorflow as tf

    from lrcn_keras.models.activity_recognizer import ActivityRecognizer


def clip_scores(
    model: "ActivityRecognizer", clips: "tf.Tensor", lengths: "tf.Tensor"
) -> "tuple[tf.Tensor, tf.Tensor]":
    """Look at clips through the windows and crops of a model's protocol.

    Args:
        model: the recognizer.
        clips: (N, T, H, W, C), or features (N, T, F) for a model without a backbone; none of N and
            T need be positive.
        lengths: (N,) int32, real frames of each clip.

    Returns:
        Probabilities (N, K) and the timeline (N, T, K); zeros for clips and frames that are not
        real.
    """
    import tensorflow as tf

    count, steps = tf.unstack(tf.shape(clips)[:2])
    batch, T = tf.maximum(count, 1), tf.maximum(steps, 1)
    # Of an empty batch oneDNN's convolutions make something of a wrong shape.
    shape = [batch, T, *clips.shape[2:]]
    clips = tf.cond(tf.size(clips) > 0, lambda: clips, lambda: tf.zeros(shape, clips.dtype))
    lengths = tf.pad(tf.minimum(lengths, steps), [[0, batch - count]])
    features = clips
    if model.backbone is not None:
        crops = model.protocol.crop(clips, model.image_size, lambda x: _mirrored(x, model.modality))
        lengths = tf.tile(lengths, [len(crops)])
        features = model.encoder(tf.concat(crops, axis=0), lengths)  # (crops * N, T, F)
    total, number, score = (
        tf.reduce_sum(tf.reshape(x, [-1, batch, *tf.unstack(tf.shape(x))[1:]]), axis=0)
        for x in _over_windows(model, features, lengths, T)
    )
    score = score / tf.maximum(tf.reduce_sum(score, -1, keepdims=True), 1e-6)
    timeline = total / tf.maximum(number, 1)
    return score[:count], timeline[:count, :steps]


def _over_windows(model, features, lengths, steps):
    """Sum the probabilities of all windows that look at a frame (N, T, K), count them (N, T, 1),
    and sum those that count for the clip (N, K)."""
    import tensorflow as tf

    batch = tf.shape(features)[0]
    index, real = _windows(model.protocol, steps, lengths)  # (N, W, L)
    windows = tf.gather(features, index, batch_dims=1)
    flat = tf.reshape(windows, [-1, tf.shape(index)[2], features.shape[-1]])
    scores = model.classify(flat)
    scores = tf.reshape(scores, [*tf.unstack(tf.shape(index)), len(model.classes)])
    counted = real
    if model.protocol.steps == "last":  # a real step before one that is not, or the window's last
        counted = real & ~tf.pad(real[..., 1:], [[0, 0], [0, 0], [0, 1]])
    scores, ones = scores * _mask(real), _mask(real)
    where = tf.reshape(index + (tf.range(batch) * steps)[:, None, None], [-1])
    sums, numbers = (
        tf.math.unsorted_segment_sum(tf.reshape(x, [-1, x.shape[-1]]), where, batch * steps)
        for x in (scores, ones)
    )
    return (
        tf.reshape(sums, [batch, steps, len(model.classes)]),
        tf.reshape(numbers, [batch, steps, 1]),
        tf.reduce_sum(scores * _mask(counted), axis=[1, 2]),
    )


def _mask(real):
    import tensorflow as tf

    return tf.cast(real, tf.float32)[..., None]


def _windows(protocol: Protocol, steps, lengths):
    """`Protocol.windows` for a batch: frames of windows (N, W, L), and which of them are real."""
    import tensorflow as tf

    length = steps if protocol.clip_length is None else tf.constant(protocol.clip_length)
    stride = length if protocol.stride is None else protocol.stride
    last = tf.maximum(lengths - length, 0)  # (N,) where the last window starts
    number = -(-last // stride) + 1
    place = tf.range(tf.maximum(tf.reduce_max(number), 1))  # (W,)
    starts = tf.minimum(place * stride, last[:, None])
    index = starts[..., None] + tf.range(length)
    real = (place < number[:, None])[..., None] & (index < lengths[:, None, None])
    return tf.minimum(index, steps - 1), real


def _mirrored(frames, modality: str):
    """`clips.mirrored` for tensors."""
    import tensorflow as tf

    frames = frames[..., ::-1, :]
    if modality != "flow":
        return frames
    dtype, frames = frames.dtype, tf.cast(frames, tf.float32)
    mirrored = tf.concat([tf.minimum(256 - frames[..., :1], 255.0), frames[..., 1:]], axis=-1)
    return tf.cast(mirrored, dtype)


def answer(classes, probabilities, timeline, lengths) -> "dict[str, tf.Tensor]":
    """Put labels to probabilities (N, K); "" for a clip without real frames."""
    import tensorflow as tf

    labels = tf.gather(tf.constant(list(classes)), tf.argmax(probabilities, axis=-1))
    return {
        "labels": tf.where(lengths > 0, labels, ""),
        "probabilities": probabilities,
        "timeline": timeline,
    }


def clip_spec(model: "ActivityRecognizer", name: str) -> "tf.TensorSpec":
    """Say what `clip_scores` takes of a model."""
    import tensorflow as tf

    frame = frame_spec(model, name)
    return tf.TensorSpec([None, None, *frame.shape[1:]], frame.dtype, name)


def frame_spec(model: "ActivityRecognizer", name: str) -> "tf.TensorSpec":
    """Say what ``model.advance`` takes: a frame of each of several streams."""
    import tensorflow as tf

    if model.backbone is None:
        return tf.TensorSpec([None, model.head.input_shape[-1]], tf.float32, name)
    dtype = tf.float32 if model.modality == "thermal" else tf.uint8
    channels = model.backbone.input_shape[-1]
    return tf.TensorSpec([None, *model.frame_size, channels], dtype, name)


def state_specs(model: "ActivityRecognizer", prefix: str = "") -> "list[tf.TensorSpec]":
    """Name the state of ``model.advance``: h1, c1, h2, ..."""
    import tensorflow as tf

    return [
        tf.TensorSpec([None, lstm.units], tf.float32, f"{prefix}{kind}{i + 1}")
        for i, lstm in enumerate(model.lstms)
        for kind in "hc"
    ]


def advance(model: "ActivityRecognizer", frames, flat_state):
    """Call ``model.advance`` with a state as `state_specs` lists it, and return one like it."""
    import tensorflow as tf

    count = tf.shape(frames)[0]
    shape = [1, *frames.shape[1:]]
    frames = tf.cond(count > 0, lambda: frames, lambda: tf.zeros(shape, frames.dtype))
    held = [tf.pad(x, [[0, tf.shape(frames)[0] - count], [0, 0]]) for x in flat_state]
    probabilities, state = model.advance(frames, list(zip(held[::2], held[1::2], strict=True)))
    return probabilities[:count], [x[:count] for pair in state for x in pair]
