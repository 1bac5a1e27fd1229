"""Files to pixels and back."""

from lrcn_keras.media.contact_sheet import contact_sheet
from lrcn_keras.media.find import find_photos

__all__ = ["contact_sheet", "decode_photo", "decode_photos", "find_photos", "read_photo"]


def __getattr__(name: str) -> object:
    """Imports TensorFlow on first use: finding and drawing photos do without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lrcn_keras.media import images

    return getattr(images, name)
