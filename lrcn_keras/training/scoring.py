"""Captions for a whole data set, and their scores."""

from collections.abc import Iterator

import numpy as np

from lrcn_keras.datasets import CaptionDataset
from lrcn_keras.evaluation import evaluate_captions
from lrcn_keras.models import Caption, ImageCaptioner

_BATCH = 64


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
