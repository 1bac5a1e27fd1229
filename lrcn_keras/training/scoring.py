"""What models say of a whole data set, and its scores."""

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lrcn_keras.datasets import CaptionDataset, ClipDataset
from lrcn_keras.errors import MediaError
from lrcn_keras.evaluation import evaluate_captions, evaluate_recognition
from lrcn_keras.models import (
    ActivityRecognizer,
    Caption,
    ImageCaptioner,
    Protocol,
    Recognition,
    TwoStreamRecognizer,
)

_BATCH = 64  # photos
_CLIPS = 16  # in memory at a time


def predict_captions(
    model: ImageCaptioner,
    dataset: CaptionDataset,
    decoder=None,
    features: np.ndarray | None = None,
) -> dict[str, Caption]:
    """Caption every photo of a data set.

    Args:
        model: a captioner.
        dataset: the photos; one that cannot be decoded is named on stderr and left out.
        decoder: as for ``model.caption``.
        features: (N, views, F), for a model with ``backbone=None``; the first view is taken.

    Returns:
        A `Caption` by photo name.
    """
    captions = {}
    for names, decoded in _decoded(model, dataset, decoder, features):
        captions.update(zip(names, model.to_captions(decoded), strict=True))
    return captions


def score_captions(captions: dict[str, Caption], dataset: CaptionDataset, **kwargs) -> dict:
    """Score captions against a data set's references; a photo without a caption is left out.

    Args:
        captions: what `predict_captions` returned.
        dataset: the same data set.
        **kwargs: those of ``evaluation.evaluate_captions``.

    Returns:
        What ``evaluation.evaluate_captions`` returns.
    """
    references = {name: r for name, r in dataset.references.items() if name in captions}
    return evaluate_captions({n: c.text for n, c in captions.items()}, references, **kwargs)


def seen_by(
    model: ActivityRecognizer | TwoStreamRecognizer,
    dataset: ClipDataset,
    flow_cache: str | Path | None = None,
) -> ClipDataset:
    """Turn a data set into what a recognizer takes: clips at its rate, and of its modality.

    Args:
        model: the recognizer.
        dataset: the clips.
        flow_cache: folder in which the flow of videos is kept; None computes it at every reading.

    Raises:
        ValueError: for clips of another modality than the model's, or with other classes.
    """
    if tuple(dataset.classes) != model.classes:
        raise ValueError(
            f"{dataset.name} has the classes {list(dataset.classes)}, "
            f"the model {list(model.classes)}."
        )
    dataset = dataset if model.rate is None else dataset.at_rate(model.rate)
    modality = getattr(model, "modality", "rgb")  # two streams take what one of them sees
    if modality == "flow" and dataset.modality in ("rgb", "grey"):
        return dataset.flow(flow_cache)
    if modality != dataset.modality:
        raise ValueError(
            f"{dataset.name} has clips of modality {dataset.modality!r}, "
            f"the model takes {modality!r}."
        )
    return dataset


def predict_clips(
    model: ActivityRecognizer,
    dataset: ClipDataset,
    protocol=None,
    features: list[np.ndarray] | None = None,
) -> dict[str, Recognition]:
    """Recognize every clip of a data set.

    Args:
        model: a recognizer; of two streams, it takes RGB clips.
        dataset: the clips; one that cannot be read is named in a warning and left out.
        protocol: as for ``model.recognize``.
        features: (views, T, F) of each clip, for a model with ``backbone=None``; as many views
            are taken as the protocol has crops.

    Returns:
        A `Recognition` by clip name.
    """
    if features is not None:
        crops = (model.protocol if protocol is None else Protocol.of(protocol)).crops
        good = [n for n, views in enumerate(features) if views.shape[1]]
        found = model.recognize_features([features[n][:crops] for n in good], protocol)
        return {dataset.names[n]: each for n, each in zip(good, found, strict=True)}
    answers = {}
    size = getattr(model, "frame_size", None)  # streams may want different ones
    with ThreadPoolExecutor(os.cpu_count()) as readers:
        for start in range(0, len(dataset), _CLIPS):
            numbers = range(start, min(start + _CLIPS, len(dataset)))
            clips = readers.map(lambda number: _read_or_none(dataset, number, size), numbers)
            good = [(n, clip) for n, clip in zip(numbers, clips, strict=True) if clip is not None]
            found = model.recognize([clip for _, clip in good], protocol)
            answers |= {dataset.names[n]: each for (n, _), each in zip(good, found, strict=True)}
    return answers


def score_clips(
    answers: dict[str, Recognition], dataset: ClipDataset, by: str | None = None, **kwargs
) -> dict:
    """Score what was recognized against a data set's labels; a clip without answer is left out.

    Args:
        answers: what `predict_clips` returned.
        dataset: the same data set.
        by: field of its groups that the bootstrap draws; None draws clips.
        **kwargs: those of ``evaluation.evaluate_recognition``.

    Returns:
        What ``evaluation.evaluate_recognition`` returns.
    """
    labels = dict(zip(dataset.names, map(int, dataset.labels), strict=True))
    return evaluate_recognition(
        {name: np.array(list(each.probabilities.values())) for name, each in answers.items()},
        {name: labels[name] for name in answers},
        dataset.classes,
        None if by is None else dict(zip(dataset.names, dataset.groups[by], strict=True)),
        **kwargs,
    )


def _read_or_none(dataset: ClipDataset, number: int, size) -> np.ndarray | None:
    try:
        return dataset.read(number, size)
    except MediaError as error:
        warnings.warn(f"skipped, not a readable clip: {error}", stacklevel=2)
        return None


def _decoded(model, dataset, decoder, features) -> Iterator:
    generate = model.generator(decoder)
    names = np.array(dataset.names, object)
    if model.backbone is None:
        for start in range(0, len(dataset), _BATCH):
            batch = features[start : start + _BATCH, 0].astype("float32")
            yield names[start : start + _BATCH], generate(batch)
        return
    for start, (inputs, _) in enumerate(model.prepare(dataset, _BATCH)):
        batch = names[start * _BATCH : (start + 1) * _BATCH]
        ok = np.any(inputs["lengths"].numpy() > 0, axis=1)
        if ok.any():
            yield batch[ok], generate(inputs["image"].numpy()[ok])
