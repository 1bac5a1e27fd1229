"""Layers: what Keras lacks, and faster versions of what it has."""

from lrcn_keras.layers.chrono import ChronoBias
from lrcn_keras.layers.dropout import Dropout
from lrcn_keras.layers.local_response_normalization import LocalResponseNormalization
from lrcn_keras.layers.lstm import LSTM
from lrcn_keras.layers.role_crf import RoleCRF
from lrcn_keras.layers.time_distributed import TimeDistributed

__all__ = [
    "LSTM",
    "ChronoBias",
    "Dropout",
    "LocalResponseNormalization",
    "RoleCRF",
    "TimeDistributed",
]
