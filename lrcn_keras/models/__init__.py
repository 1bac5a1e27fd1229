"""Task models: photo to sentence, and the language model to start it from."""

from lrcn_keras.models.caption import Caption
from lrcn_keras.models.image_captioner import ImageCaptioner
from lrcn_keras.models.language_model import LanguageModel

__all__ = ["Caption", "ImageCaptioner", "LanguageModel"]
