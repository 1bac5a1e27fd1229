"""Files on disk as examples: photos or clips with captions, sentences, clips with their action."""

from lrcn_keras.datasets.captions import CaptionDataset
from lrcn_keras.datasets.charades import charades
from lrcn_keras.datasets.class_folders import class_folders
from lrcn_keras.datasets.clip_captions import ClipCaptionDataset
from lrcn_keras.datasets.clip_features import cached_clip_features
from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.coco_captions import coco_captions
from lrcn_keras.datasets.feature_cache import cached_features
from lrcn_keras.datasets.fights import fights
from lrcn_keras.datasets.fir16 import fir16
from lrcn_keras.datasets.flickr8k import flickr8k
from lrcn_keras.datasets.folder import clip_folder, folder
from lrcn_keras.datasets.frames import ClipPart
from lrcn_keras.datasets.grid import grid
from lrcn_keras.datasets.hmdb51 import hmdb51
from lrcn_keras.datasets.lookup import get
from lrcn_keras.datasets.msvd import msvd
from lrcn_keras.datasets.sentences import sentences
from lrcn_keras.datasets.similar_sentences import with_similar_sentences
from lrcn_keras.datasets.tacos import tacos
from lrcn_keras.datasets.tfds_coco import tfds_coco_captions
from lrcn_keras.datasets.tfds_ucf101 import tfds_ucf101
from lrcn_keras.datasets.ucf101 import ucf101
from lrcn_keras.datasets.weizmann import weizmann

__all__ = [
    "CaptionDataset",
    "ClipCaptionDataset",
    "ClipDataset",
    "ClipPart",
    "cached_clip_features",
    "cached_features",
    "charades",
    "class_folders",
    "clip_folder",
    "coco_captions",
    "fights",
    "fir16",
    "flickr8k",
    "folder",
    "get",
    "grid",
    "hmdb51",
    "msvd",
    "sentences",
    "tacos",
    "tfds_coco_captions",
    "tfds_ucf101",
    "ucf101",
    "weizmann",
    "with_similar_sentences",
]
