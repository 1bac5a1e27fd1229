"""Files on disk as examples: photos with their captions, and sentences alone."""

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.coco_captions import coco_captions
from lrcn_keras.datasets.feature_cache import cached_features
from lrcn_keras.datasets.flickr8k import flickr8k
from lrcn_keras.datasets.folder import folder
from lrcn_keras.datasets.lookup import get
from lrcn_keras.datasets.sentences import sentences
from lrcn_keras.datasets.tfds_coco import tfds_coco_captions

__all__ = [
    "CaptionDataset",
    "cached_features",
    "coco_captions",
    "flickr8k",
    "folder",
    "get",
    "sentences",
    "tfds_coco_captions",
]
