"""Where the files of a data set are, as examples: photos with their captions, and sentences alone."""

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.coco_captions import coco_captions
from lrcn_keras.datasets.flickr8k import flickr8k
from lrcn_keras.datasets.folder import folder
from lrcn_keras.datasets.lookup import get
from lrcn_keras.datasets.sentences import sentences
from lrcn_keras.datasets.tfds_coco import tfds_coco_captions

__all__ = [
    "CaptionDataset",
    "coco_captions",
    "flickr8k",
    "folder",
    "get",
    "sentences",
    "tfds_coco_captions",
]
