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
    decoder, frame = model.word_decoder, 0
    if model.backbone is not None:
        frame = multiply_adds(model.backbone, tf.TensorSpec((1, *model.backbone.input_shape[1:])))
    names = {layer.name for layer in model.context.layers}
    once = 0
    if "projection" in names:
        once += math.prod(model.context.get_layer("projection").kernel.shape)
    if model.roles is not None:
        once += math.prod(model.role_head.unaries.kernel.shape)
    if model.variant == "a":
        encoder = model.context.get_layer("role_encoder")
        once += len(encoder.sizes) * sum(map(_multiply_adds_a_step, encoder.lstms))
        state = decoder.begin(1)
    elif model.variant == "s2vt":  # the projection too is a frame's
        frame, once = frame + once + sum(map(_multiply_adds_a_step, decoder.lstms)), 0
        state = {"lstms": [lstm.get_initial_state(1) for lstm in decoder.lstms]}
    else:
        static = tf.zeros((1, model.context.output["features"].shape[-1]))
        once += multiply_adds(lambda x: decoder.begin(1, x), tf.TensorSpec(static.shape))
        state = decoder.begin(1, static)
    specs = keras.tree.map_structure(tf.TensorSpec.from_tensor, state)
    word = multiply_adds(decoder.step, tf.TensorSpec((1,), tf.int32), specs)
    return {"frame": 2 * frame, "clip": 2 * once, "word": 2 * word}


def _multiply_adds_a_step(lstm: keras.layers.LSTM) -> int:
    return sum(math.prod(kernel.shape) for kernel in (lstm.cell.kernel, lstm.cell.recurrent_kernel))


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
