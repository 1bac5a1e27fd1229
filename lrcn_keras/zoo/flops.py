"""How much work a model is."""

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from lrcn_keras.models import ActivityRecognizer, ImageCaptioner, VideoDescriber


def captioner_flops(model: ImageCaptioner) -> dict[str, int]:
    """Count a captioner's floating point operations, two for each multiply-add.

    Args:
        model: the captioner.

    Returns:
        ``image``: all that is done once a photo; ``word``: one step of one sentence.
    """
    decoder = model.word_decoder
    encode = model.encode if model.backbone is not None else lambda features: features
    entry = tf.TensorSpec((1, *model.inputs[0].shape[1:]))
    state = decoder.begin(1, encode(tf.zeros(entry.shape)))
    specs = keras.tree.map_structure(tf.TensorSpec.from_tensor, state)
    return {
        "image": 2 * multiply_adds(lambda image: decoder.begin(1, encode(image)), entry),
        "word": 2 * multiply_adds(decoder.step, tf.TensorSpec((1,), tf.int32), specs),
    }


def recognizer_flops(model: ActivityRecognizer) -> int:
    """Count a recognizer's floating point operations a frame, two for each multiply-add."""
    size = model.head.input_shape[-1]
    count = multiply_adds(model.advance_feature, tf.TensorSpec((1, size)), model.initial_state(1))
    if model.backbone is not None:
        count += multiply_adds(model.backbone, tf.TensorSpec((1, *model.backbone.input_shape[1:])))
    return 2 * count


def describer_flops(model: VideoDescriber) -> dict[str, int]:
    """Count a describer's floating point operations, two for each multiply-add.

    Args:
        model: the describer.

    Returns:
        ``frame``: all that is done with a frame; ``clip``: all that is done once a clip before the
        first word, but for the sums of the roles' CRF; ``word``: one step of one sentence.
    """
    decoder, size, one = model.word_decoder, model.entry.size, tf.ones((1,), tf.int32)

    def begin(features):
        return decoder.begin(1, **model.context([features, one]))

    def step(token, state):
        return decoder.step(token, state)

    state = begin(tf.zeros((1, 1, size)))
    specs = keras.tree.map_structure(tf.TensorSpec.from_tensor, state)
    word = multiply_adds(step, tf.TensorSpec((1,), tf.int32), specs)
    frame, clip = 0, multiply_adds(begin, tf.TensorSpec((1, 1, size)))
    if model.backbone is not None:
        frame = multiply_adds(model.backbone, tf.TensorSpec((1, *model.backbone.input_shape[1:])))
    if model.variant == "s2vt":  # all of it is done at each frame, and a loop's products are unseen
        frame, clip = frame + clip + _recurrent(decoder.lstms), 0
    if model.variant == "a":
        encoder = model.context.get_layer("role_encoder")
        clip += len(encoder.sizes) * _recurrent(encoder.lstms)
    return {"frame": 2 * frame, "clip": 2 * clip, "word": 2 * word}


def _recurrent(lstms: list[keras.layers.LSTM]) -> int:
    """The multiply-adds of LSTMs' recurrent kernels at a step."""
    return sum(math.prod(lstm.cell.recurrent_kernel.shape) for lstm in lstms)


def multiply_adds(function: Callable, *inputs: Any) -> int:
    """Count the multiply-adds of a function's convolutions and matrix products.

    Args:
        function: a function of tensors, such as a Keras model.
        *inputs: (nested structures of) ``tf.TensorSpec`` of known shapes, its arguments.
    """
    graph = tf.function(function, autograph=False).get_concrete_function(*inputs).graph
    return sum(_multiply_adds_of(operation) for operation in graph.get_operations())


def _multiply_adds_of(operation: tf.Operation) -> int:
    shapes = [tensor.shape.as_list() for tensor in operation.inputs]
    if operation.type == "Conv2D":
        *window, _ = shapes[1]  # (height, width, channels of a group, filters)
    elif operation.type == "DepthwiseConv2dNative":
        window = shapes[1][:2]
    elif operation.type == "MatMul":
        window = [shapes[0][0 if operation.get_attr("transpose_a") else 1]]
    elif operation.type == "BatchMatMulV2":
        window = [shapes[0][-2 if operation.get_attr("adj_x") else -1]]
    else:
        return 0
    return math.prod(operation.outputs[0].shape.as_list()) * math.prod(window)
