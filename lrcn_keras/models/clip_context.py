"""What a describer's sentence is written from, by variant."""

import keras

from lrcn_keras.layers import Dropout
from lrcn_keras.models.mean_pool import MeanPool
from lrcn_keras.models.role_reader import RoleEncoder, RoleReader
from lrcn_keras.models.two_way_lstm import TwoWayLSTM

# variant: how it reads roles, if it does.
VARIANTS = {
    "a": "labels",
    "b": "one_hots",
    "c": "marginals",
    "mean_pool": None,
    "s2vt": None,
}


def clip_context(
    variant,
    size,
    role_head,
    num_layers,
    role_scale,
    projection,
    two_way_units,
    input_dropout,
    sizes,
):
    """Make the model between the features of a clip's frames and the LSTMs that write.

    Args:
        variant: a key of `VARIANTS`.
        size: of a frame's feature.
        role_head: a `RoleHead`, for the variants with roles.
        num_layers: number of LSTMs that write.
        role_scale: factor on the one-hots or marginals of roles.
        projection: size of a linear layer on what is described; None for none.
        two_way_units: of ``s2vt``: size of a `TwoWayLSTM` on the frames' features; None for none.
        input_dropout: share of its entries dropped in training.
        sizes: ``units``, ``embedding_size`` and ``dropout`` of what writes.

    Returns:
        A functional model: features (B, T, F) and frame lengths (B,) -> a dictionary of arguments
        for the call and ``begin`` of the describer's `WordDecoder` or `S2VT`.
    """
    features = keras.Input((None, size), name="features")
    frame_lengths = keras.Input((), dtype="int32", name="frame_lengths")
    x = features
    if role_head is not None:
        reader = RoleReader(role_head, VARIANTS[variant], role_scale, name="role_reader")
        x = reader(x, frame_lengths)
    elif variant == "mean_pool":
        x = MeanPool(name="mean_pool")(x, frame_lengths)
    if variant == "a":
        encoder = RoleEncoder(role_head.sizes, num_layers, name="role_encoder", **sizes)
        context = {"initial_states": encoder(x)}
    else:
        x = Dropout(input_dropout, name="input_dropout")(x)
        if projection is not None:
            x = keras.layers.Dense(projection, name="projection")(x)
        context = {"features": x}
    if variant == "s2vt":
        if two_way_units is not None:
            x = TwoWayLSTM(two_way_units, name="two_way_lstm")(x, frame_lengths)
            context["features"] = Dropout(input_dropout, name="two_way_dropout")(x)
        # A functional model's output may not be its very input.
        context["frame_lengths"] = keras.layers.Identity(dtype="int32")(frame_lengths)
    return keras.Model([features, frame_lengths], context, name="context")


def check_variant(variant, roles, num_layers, projection, two_way_units, frame_loss) -> None:
    """Refuse arguments of a describer that do not go together.

    Raises:
        ValueError: which they are.
    """
    if variant not in VARIANTS:
        raise ValueError(f"Unknown variant {variant!r}, expected one of {list(VARIANTS)}.")
    if (roles is not None) != (VARIANTS[variant] is not None):
        raise ValueError(
            f"roles belong to the variants a, b and c, got variant={variant!r}, roles={roles}."
        )
    if variant == "a" and projection is not None:
        raise ValueError(f"The variant 'a' has nothing to project, got projection={projection}.")
    if variant == "s2vt" and num_layers != 2:
        raise ValueError(f"The variant 's2vt' has 2 LSTMs, got num_layers={num_layers}.")
    if two_way_units is not None and variant != "s2vt":
        raise ValueError(f"two_way_units belongs to the variant 's2vt', got variant={variant!r}.")
    if frame_loss and variant != "s2vt":
        raise ValueError(f"frame_loss belongs to the variant 's2vt', got variant={variant!r}.")
