"""What there is to know of a model, beside its weights."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Measured on the model itself, whatever a person says of them.
_MEASURED = (
    "class_name",
    "backbone",
    "image_size",
    "vocabulary_size",
    "classes",
    "modality",
    "rate",
    "protocol",
    "fusion",
    "variant",
    "roles",
    "frames",
    "parameters",
    "size",
    "flops",
    "decoder",
    "sha256",
    "created_by",
)
_NEEDED_OF_METRICS = ("dataset", "split", "values")
_HOW = ("decoding", "protocol")  # a result says one of them
# Left out of a card where they say nothing.
_OF_SOME = (
    *("vocabulary_size", "decoder", "classes", "modality", "rate", "protocol", "fusion"),
    *("variant", "roles", "frames"),
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """The content of ``card.json``; ``class_name`` is called ``class`` there.

    Args:
        name: name of the model and of its folder.
        task: ``image-captioning``, ``activity-recognition`` or ``video-description``.
        description: one sentence.
        class_name: the model's class.
        backbone: name of its CNN; None for a model on features.
        image_size: height and width of its input in pixels; None for a model on features.
        vocabulary_size: number of a captioner's or describer's tokens, the two specials included.
        classes: names of a recognizer's actions.
        modality: what a recognizer or describer sees, such as ``rgb``.
        rate: frames/s at which it looks at a video; None for the video's own.
        protocol: how a recognizer looks at a clip, config of a `Protocol`.
        fusion: weights of the streams of a recognizer that has two.
        variant: what a describer writes from, such as ``mean_pool``.
        roles: number of labels of each of a describer's roles.
        frames: how many frames of a clip a describer looks at; None for all.
        parameters: number of its weights' entries.
        size: of all files under ``model/`` together, in bytes.
        flops: two for each multiply-add of convolutions and matrix products; of a captioner
            ``image``, for all that is done once a photo, and ``word``, for one step of one
            sentence; of a recognizer ``frame``; of a describer ``frame``, ``clip``, for all else
            that is done once a clip, and ``word``.
        decoder: config of a captioner's or describer's default decoder.
        licence: of the weights, as an SPDX identifier or in words.
        datasets: what it was trained on, each a dictionary of ``name``, ``licence`` and
            ``photos``, ``sentences`` or ``clips``, the number that was used.
        intended_use: what it is good for.
        limits: what it is not good for, and where it is known to fail.
        metrics: results, each a dictionary of ``dataset``, ``split``, ``decoding`` or, for a
            recognizer, ``protocol``, ``values`` {metric: number}, and, where there is one,
            ``stage`` of the training, ``model``, which one of several that are compared, and
            ``interval`` {metric: [low, high]} at 95 %.
        origin: where weights that it started from come from, and their notices.
        sha256: file, relative to the folder -> its SHA-256 in hexadecimal.
        created_by: version of the program that wrote it.
    """

    name: str
    task: str
    description: str = ""
    class_name: str
    backbone: str | None
    image_size: int | None
    vocabulary_size: int | None = None
    classes: list[str] | None = None
    modality: str | None = None
    rate: float | None = None
    protocol: dict[str, Any] | None = None
    fusion: dict[str, float] | None = None
    variant: str | None = None
    roles: dict[str, int] | None = None
    frames: int | None = None
    parameters: int
    size: int
    flops: dict[str, int]
    decoder: dict[str, Any] | None = None
    licence: str = "not stated"
    datasets: list[dict[str, Any]] = field(default_factory=list)
    intended_use: str = ""
    limits: str = ""
    metrics: list[dict[str, Any]] = field(default_factory=list)
    origin: dict[str, Any] = field(default_factory=dict)
    sha256: dict[str, str]
    created_by: str

    @classmethod
    def check(cls, said: Mapping[str, Any]) -> dict[str, Any]:
        """Check what a person says on a card.

        Args:
            said: fields of a card, another model's for example.

        Returns:
            Those that are not measured.

        Raises:
            ValueError: for a field that no card has, or a result that lacks something.
        """
        known = {f.name for f in dataclasses.fields(cls)} - set(_MEASURED)
        unknown = sorted(said.keys() - known - {"class", *_MEASURED})
        if unknown:
            raise ValueError(f"A card has no field {unknown}, allowed are {sorted(known)}.")
        for result in said.get("metrics", ()):
            lacking = [key for key in _NEEDED_OF_METRICS if key not in result]
            if not any(key in result for key in _HOW):
                lacking.append(" or ".join(_HOW))
            if lacking:
                raise ValueError(f"A result on a card needs {lacking}, got {result}.")
        return {key: value for key, value in said.items() if key in known}

    def to_dict(self) -> dict[str, Any]:
        """Return the content of ``card.json``."""
        return {
            "class" if key == "class_name" else key: value
            for key, value in dataclasses.asdict(self).items()
            if value is not None or key not in _OF_SOME
        }
