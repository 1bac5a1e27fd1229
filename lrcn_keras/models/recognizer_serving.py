"""Recognizers as SavedModels: clips in, labels out, or one frame and a state."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lrcn_keras import storage
from lrcn_keras.models.exporting import export_model
from lrcn_keras.models.labels import labels_hash, write_labels
from lrcn_keras.models.recognition_graph import (
    advance,
    answer,
    clip_scores,
    clip_spec,
    frame_spec,
    state_specs,
)

if TYPE_CHECKING:
    import tensorflow as tf

    from lrcn_keras.models.activity_recognizer import ActivityRecognizer
    from lrcn_keras.models.two_stream_recognizer import TwoStreamRecognizer

    Signatures = dict[str, tf.types.experimental.PolymorphicFunction]


def export_recognizer(
    model: "ActivityRecognizer | TwoStreamRecognizer", directory: str | Path
) -> None:
    """Write what the ``export`` of a recognizer describes.

    Args:
        model: the recognizer.
        directory: folder to make; a SavedModel that is there already is replaced.

    Raises:
        ValueError: as `export_model`.
    """
    make = fused_signatures if hasattr(model, "flow") else recognition_signatures
    config = model.get_config()
    del config["classes"]
    export_model(
        model,
        directory,
        lambda module: make(model, module),
        {"config": config, "labels": labels_hash(model.classes)},
        lambda new: write_labels(new, model.classes),
    )


def recognition_signatures(model: "ActivityRecognizer", module: "tf.Module") -> "Signatures":
    """Make ``serving_default`` and ``step`` of a recognizer.

    Args:
        model: the recognizer.
        module: a `storage.float16_module` of its weights.
    """
    import tensorflow as tf

    states = state_specs(model)

    def recognize(clips, lengths):
        return answer(model.classes, *clip_scores(model, clips, lengths), lengths)

    def step(frames, *state):
        probabilities, state = advance(model, frames, state)
        return {"probabilities": probabilities, **_named(states, state)}

    lengths = tf.TensorSpec([None], tf.int32, "lengths")
    return {
        "serving_default": _function(
            recognize, model, module, [clip_spec(model, "clips"), lengths]
        ),
        "step": _function(step, model, module, [frame_spec(model, "frames"), *states]),
    }


def fused_signatures(model: "TwoStreamRecognizer", module: "tf.Module") -> "Signatures":
    """Make ``serving_default`` and ``step`` of two streams.

    Args:
        model: the recognizer.
        module: a `storage.float16_module` of its weights.
    """
    import tensorflow as tf

    rgb, flow = model.rgb, model.flow
    rgb_states, flow_states = state_specs(rgb, "rgb_"), state_specs(flow, "flow_")

    def recognize(clips, flows, lengths):
        seen, timeline = clip_scores(rgb, clips, lengths)
        moved, flow_timeline = clip_scores(flow, flows, tf.maximum(lengths - 1, 0))
        # There is no flow before the first frame.
        flow_timeline = tf.pad(flow_timeline, [[0, 0], [1, 0], [0, 0]])
        flow_timeline = flow_timeline[:, : tf.shape(timeline)[1]]
        after_first = tf.range(tf.shape(timeline)[1])[:, None] > 0
        return answer(
            model.classes,
            model.mixed(seen, moved, (lengths > 1)[:, None]),
            model.mixed(timeline, flow_timeline, after_first),
            lengths,
        )

    def step(frames, flows, *state):
        split = len(rgb_states)
        seen, rgb_state = advance(rgb, frames, state[:split])
        moved, flow_state = advance(flow, flows, state[split:])
        new = _named([*rgb_states, *flow_states], [*rgb_state, *flow_state])
        return {"probabilities": model.mixed(seen, moved), **new}

    lengths = tf.TensorSpec([None], tf.int32, "lengths")
    clips = [clip_spec(rgb, "clips"), clip_spec(flow, "flows"), lengths]
    frames = [frame_spec(rgb, "frames"), frame_spec(flow, "flows"), *rgb_states, *flow_states]
    return {
        "serving_default": _function(recognize, model, module, clips),
        "step": _function(step, model, module, frames),
    }


def _function(function: Callable, model, module, specs):
    import tensorflow as tf

    on_stored = storage.on_stored_weights(function, model.weights, module)
    return tf.function(on_stored, input_signature=specs, autograph=False)


def _named(specs, tensors) -> dict:
    # TensorFlow gives an output that is named like an input a name of its own.
    return {f"new_{spec.name}": x for spec, x in zip(specs, tensors, strict=True)}
