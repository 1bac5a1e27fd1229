"""Layers: what Keras lacks, and faster versions of what it has."""

from lrcn_keras.layers.lstm import LSTM

__all__ = ["LSTM"]
