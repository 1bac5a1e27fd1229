"""Task models: photo or clip to sentence, clip to action, and a language model to start from."""

from lrcn_keras.models.activity_recognizer import ActivityRecognizer
from lrcn_keras.models.caption import Caption
from lrcn_keras.models.description import Description
from lrcn_keras.models.image_captioner import ImageCaptioner
from lrcn_keras.models.language_model import LanguageModel
from lrcn_keras.models.protocol import Protocol
from lrcn_keras.models.recognition import Recognition
from lrcn_keras.models.role_head import RoleHead
from lrcn_keras.models.role_observations import observed_roles
from lrcn_keras.models.role_recognizer import RoleRecognizer
from lrcn_keras.models.two_stream_recognizer import TwoStreamRecognizer
from lrcn_keras.models.video_describer import VideoDescriber

__all__ = [
    "ActivityRecognizer",
    "Caption",
    "Description",
    "ImageCaptioner",
    "LanguageModel",
    "Protocol",
    "Recognition",
    "RoleHead",
    "RoleRecognizer",
    "TwoStreamRecognizer",
    "VideoDescriber",
    "observed_roles",
]
