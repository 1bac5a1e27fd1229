"""What of a model's card is read off the model, class by class."""

from typing import Any

import keras

from lrcn_keras.models import (
    ActivityRecognizer,
    ImageCaptioner,
    TwoStreamRecognizer,
    VideoDescriber,
)
from lrcn_keras.zoo.flops import captioner_flops, describer_flops, recognizer_flops

TASKS = {
    ImageCaptioner: "image-captioning",
    ActivityRecognizer: "activity-recognition",
    TwoStreamRecognizer: "activity-recognition",
    VideoDescriber: "video-description",
}


def task(model: keras.Model) -> str:
    """Return the task of a model.

    Raises:
        ValueError: for a model that is none of this package's.
    """
    for kind, name in TASKS.items():
        if isinstance(model, kind):
            return name
    allowed = ", ".join(kind.__name__ for kind in TASKS)
    raise ValueError(f"Only these can be saved: {allowed}; got {type(model).__name__}.")


def facts(model: keras.Model) -> dict[str, Any]:
    """Return the fields of a `Card` that are of the model's class alone."""
    if isinstance(model, ImageCaptioner):
        return {
            "backbone": _backbone(model),
            "image_size": None if model.backbone is None else model.image_size,
            "vocabulary_size": len(model.vocabulary),
            "flops": captioner_flops(model),
            "decoder": model.decoder.get_config(),
        }
    if isinstance(model, VideoDescriber):
        return {
            "backbone": _backbone(model),
            "image_size": None if model.backbone is None else model.image_size,
            "vocabulary_size": len(model.vocabulary),
            "variant": model.variant,
            "roles": None if model.roles is None else model.roles.sizes,
            "modality": model.entry.modality,
            "rate": model.entry.rate,
            "frames": model.entry.frames,
            "flops": describer_flops(model),
            "decoder": model.decoder.get_config(),
        }
    if isinstance(model, ActivityRecognizer):
        return {
            "backbone": _backbone(model),
            "image_size": None if model.backbone is None else model.image_size,
            "flops": {"frame": recognizer_flops(model)},
            "classes": list(model.classes),
            "modality": model.modality,
            "rate": model.rate,
            "protocol": model.protocol.get_config(),
        }
    streams = {"rgb": model.rgb, "flow": model.flow}
    return {
        "backbone": " and ".join(dict.fromkeys(str(_backbone(m)) for m in streams.values())),
        "image_size": max(m.image_size for m in streams.values()),
        # Of the networks: optical flow comes on top.
        "flops": {"frame": sum(map(recognizer_flops, streams.values()))},
        "classes": list(model.classes),
        "modality": "rgb and flow",
        "rate": model.rate,
        "protocol": model.rgb.protocol.get_config(),
        "fusion": dict(zip(streams, model.fusion, strict=True)),
    }


def _backbone(model: keras.Model) -> str | None:
    return None if model.backbone is None else model.backbone.name
