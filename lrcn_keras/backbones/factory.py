"""`get`: the one way to a backbone."""

import contextlib
import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import keras

from lrcn_keras.backbones.backbone import Backbone
from lrcn_keras.backbones.network import Network
from lrcn_keras.backbones.own_model import copied
from lrcn_keras.backbones.registry import NETWORKS, names
from lrcn_keras.backbones.trainable import set_trainable
from lrcn_keras.backbones.weights import load_weights


def get(
    backbone: str | keras.Model,
    *,
    weights: str | Path | None = "imagenet",
    feature: str | None = None,
    image_size: int | None = None,
    channels: int = 3,
    trainable: bool | str = False,
    train_batch_norm: bool = False,
) -> keras.Model:
    """Make a CNN that turns images into features.

    Args:
        backbone: a name of `names`, or a model of your own: functional or Sequential, images
            (B, S, S, 3) in [0, 255] -> features (B, F) or a map, which is averaged. It is copied
            with its weights, so yours does not change (but a subclass with a ``call`` of its own
            is used as it is).
        weights: of a named network: ``"imagenet"``, None (random), or a path: ``.weights.h5`` of
            the whole network or of the backbone, a ``.keras`` file with layers of the same names,
            a model folder with ``card.json``. A model of your own brings its weights.
        feature: ``"pooled"`` (average of the last convolution's map), ``"conv"`` (that map),
            ``"fc6"``, ``"fc7"`` (after ReLU), ``"fc8"`` (logits), where the network has them, or
            the name of a layer. None: ``"pooled"`` where the network itself pools, else ``"fc8"``;
            your own model's output.
        image_size: height and width of the images in pixels; None: what the network was made for.
        channels: of the images; other than 3 only for networks that are made for it, such as
            ``small_cnn`` or a model of your own.
        trainable: False, True, or the name of the first layer that trains.
        train_batch_norm: let batch normalization that trains use and learn the statistics of its
            batches, and dropout drop, as a network from scratch needs it. Otherwise the backbone
            runs in inference mode even while its weights are trained.

    Returns:
        A functional float32 model (your own keeps its dtype): pixels in [0, 255] of shape
        (B, image_size, image_size, channels) -> the feature.

    Raises:
        ValueError: if a name, feature, layer or weight file is unknown or does not fit.

    Example:
        >>> from lrcn_keras import backbones
        >>> backbones.get("efficientnet_lite0", weights=None).output_shape
        (None, 1280)
    """
    if isinstance(backbone, keras.Model):
        model = _up_to(feature, copied(backbone, image_size, channels), {}, backbone.name)
    else:
        network = _network(backbone)
        with _float32():
            model = _named(
                backbone, network, weights, feature or network.feature, image_size, channels
            )
    if weights not in (None, "imagenet"):
        load_weights(model, weights)
    if not train_batch_norm:
        model = Backbone(model.inputs[0], model.outputs[0], name=model.name)
    set_trainable(model, trainable)
    return model


def _network(name: str) -> Network:
    if name in NETWORKS:
        return NETWORKS[name]
    near = difflib.get_close_matches(str(name), names())
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise ValueError(
        f"Unknown backbone {name!r}.{hint} Allowed: a keras.Model or {', '.join(names())}."
    )


@contextlib.contextmanager
def _float32() -> Iterator[None]:
    """Build in float32 whatever the policy: low precision makes depthwise convolutions slower."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)


def _named(name, network, weights, feature, image_size, channels) -> keras.Model:
    if channels != (network.channels or channels):
        free = [known for known in names() if NETWORKS[known].channels in (None, channels)]
        raise ValueError(
            f"{name} takes images of {network.channels} channels, not of {channels}. Allowed: a "
            f"keras.Model or {', '.join(free)}."
        )
    model = network.build(
        image_size or network.image_size,
        feature not in ("pooled", "conv"),  # these lie before the classifier
        weights == "imagenet",
        *(() if network.channels else (channels,)),
    )
    return _up_to(feature, model, network.layers, name)


def _up_to(
    feature: str | None, model: keras.Model, aliases: Mapping[str, str], name: str
) -> keras.Model:
    # A nested model's `output` belongs to its own graph: it can be a backbone, but no feature.
    layer_names = [layer.name for layer in model.layers if not isinstance(layer, keras.Model)]
    wanted = aliases.get(feature, feature)
    if wanted in layer_names:
        x = model.get_layer(wanted).output
    elif feature in (None, "pooled"):
        x = model.get_layer(aliases["conv"]).output if aliases else model.output
        if len(x.shape) == 4:
            x = keras.layers.GlobalAveragePooling2D(name="pooled")(x)
    else:
        allowed = ["pooled", *aliases]
        near = difflib.get_close_matches(str(feature), [*allowed, *layer_names])
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(
            f"{name} has no feature {feature!r}.{hint} Allowed: {', '.join(allowed)} or the name "
            "of a layer."
        )
    return keras.Model(model.inputs[0], x, name=name)
