"""CNNs by name or a user's own, each with its preprocessing inside."""

from lrcn_keras.backbones.factory import get
from lrcn_keras.backbones.registry import names
from lrcn_keras.backbones.trainable import set_trainable

__all__ = ["get", "names", "set_trainable"]
