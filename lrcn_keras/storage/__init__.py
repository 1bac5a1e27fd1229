"""Where models lie, and weights in and out of their SavedModel."""

from lrcn_keras.storage.locations import find_model, model_names
from lrcn_keras.storage.weights import (
    check_hashes,
    file_hashes,
    float16_module,
    read_weights,
    write_weight_order,
)

__all__ = [
    "check_hashes",
    "file_hashes",
    "find_model",
    "float16_module",
    "model_names",
    "read_weights",
    "write_weight_order",
]
