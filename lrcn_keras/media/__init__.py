"""Files to pixels and back."""

from importlib import import_module

from lrcn_keras.media.annotate import annotate, annotate_sentence
from lrcn_keras.media.contact_sheet import contact_sheet
from lrcn_keras.media.find import find_clips, find_media, find_photos, is_photo
from lrcn_keras.media.flow import FlowStream, flow_images, mirror_flow, optical_flow
from lrcn_keras.media.flow_cache import FlowReport, cached_flow, compute_flows
from lrcn_keras.media.storyboard import storyboard
from lrcn_keras.media.video import ClipInfo, Frame, clip_info, iter_frames, read_clip
from lrcn_keras.media.video_writer import VideoWriter

__all__ = [
    "ClipInfo",
    "FlowReport",
    "FlowStream",
    "Frame",
    "VideoWriter",
    "annotate",
    "annotate_sentence",
    "cached_flow",
    "clip_info",
    "compute_flows",
    "contact_sheet",
    "decode_photo",
    "decode_photos",
    "find_clips",
    "find_media",
    "find_photos",
    "flow_images",
    "is_photo",
    "iter_frames",
    "mirror_flow",
    "optical_flow",
    "read_clip",
    "read_photo",
    "storyboard",
]


def __getattr__(name: str) -> object:
    """Imports TensorFlow on first use: all but decoding photos does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.images"), name)
