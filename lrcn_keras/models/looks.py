"""The looks that make up a clip's score: windows of its features, through each crop."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lrcn_keras.models.protocol import Protocol
from lrcn_keras.models.recognition import Recognition

_FRAMES = 4096  # frames, with padding, that the LSTMs work on at once


def score_clips(
    features: Sequence[np.ndarray],
    protocol: Protocol,
    classify: Callable[[np.ndarray], np.ndarray],
    classes: tuple[str, ...],
) -> list[Recognition]:
    """Average what a classifier says of all windows of all views of clips.

    Args:
        features: (views, T, F) of each clip.
        protocol: gives the windows.
        classify: features (B, t, F) float32 -> probabilities (B, t, K); later steps must not count
            for earlier ones.
        classes: the K names.

    Raises:
        ValueError: for a clip without frames.
    """
    features = [np.asarray(views) for views in features]
    if not all(views.shape[1] for views in features):
        raise ValueError("A clip has no frames.")
    clips = [np.zeros(len(classes)) for _ in features]
    sums = [np.zeros((views.shape[1], len(classes))) for views in features]
    counts = [np.zeros((views.shape[1], 1)) for views in features]
    looks = [
        (clip, view, start, stop)
        for clip, views in enumerate(features)
        for view in range(len(views))
        for start, stop in protocol.windows(views.shape[1])
    ]
    for batch in _batches(looks):
        longest = max(stop - start for _, _, start, stop in batch)
        padded = np.zeros((len(batch), longest, features[0].shape[-1]), np.float32)
        for row, (clip, view, start, stop) in zip(padded, batch, strict=True):
            row[: stop - start] = features[clip][view, start:stop]
        for (clip, _, start, stop), scores in zip(batch, classify(padded), strict=True):
            scores = scores[: stop - start]
            sums[clip][start:stop] += scores
            counts[clip][start:stop] += 1
            # A frame that more windows look at counts more, as in the paper.
            clips[clip] += scores[-1] if protocol.steps == "last" else scores.sum(axis=0)
    return [
        Recognition.of(clip / clip.sum(), total / count.clip(min=1), classes)
        for clip, total, count in zip(clips, sums, counts, strict=True)
    ]


def _batches(looks: list[tuple[int, int, int, int]]) -> Iterator[list[tuple[int, int, int, int]]]:
    """Looks of similar length together, so that little is padded."""
    looks = sorted(looks, key=lambda look: look[3] - look[2])
    while looks:
        count = max(1, _FRAMES // (looks[-1][3] - looks[-1][2]))
        looks, batch = looks[:-count], looks[-count:]
        yield batch
