"""Where models lie, and weights and config in and out of their SavedModel."""

from lrcn_keras.storage.locations import find_model, local_models, model_names
from lrcn_keras.storage.saved_model import (
    on_stored_weights,
    read_config,
    replaced,
    write_saved_model,
)
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
    "local_models",
    "model_names",
    "on_stored_weights",
    "read_config",
    "read_weights",
    "replaced",
    "write_saved_model",
    "write_weight_order",
]
