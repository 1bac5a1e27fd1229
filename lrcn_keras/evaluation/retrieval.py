"""Retrieval between images and captions: recall at 1, 5, 10 and the median rank."""

from collections.abc import Sequence

import numpy as np

_CUTS = (1, 5, 10)


def retrieval(scores: np.ndarray, image_of_caption: Sequence[int]) -> dict[str, dict[str, float]]:
    """Measure retrieval in both directions.

    The rank of an image's captions is that of its best one, as published numbers have it. Ties
    count against the right answer: equal scores everywhere find nothing.

    Args:
        scores: (images, captions), higher is better, finite or infinite.
        image_of_caption: (captions,) the row of the image that each caption describes. Every
            image has at least one caption.

    Returns:
        "image_to_caption" and "caption_to_image", each with "R@1", "R@5", "R@10" (shares in
        [0, 1]) and "median_rank" (from 1).

    Raises:
        ValueError: for shapes that do not fit, NaN scores, or an image without captions.

    Example:
        >>> retrieval(np.array([[2.0, 1.0], [3.0, 4.0]]), [0, 1])["caption_to_image"]
        {'R@1': 0.5, 'R@5': 1.0, 'R@10': 1.0, 'median_rank': 1.5}
    """
    scores = np.asarray(scores, float)
    owner = np.asarray(image_of_caption)
    if scores.ndim != 2 or owner.shape != scores.shape[1:]:
        raise ValueError(
            "scores must be (images, captions) and image_of_caption (captions,): got shapes "
            f"{scores.shape} and {owner.shape}."
        )
    images, captions = scores.shape
    if not np.array_equal(np.unique(owner), np.arange(images)) or not images:
        raise ValueError(
            f"image_of_caption must name each image of 0 to {images - 1} at least once."
        )
    if np.isnan(scores).any():
        raise ValueError("scores must not hold NaN.")
    right = owner == np.arange(images)[:, None]  # (images, captions)

    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    captions_before = ((scores >= best) & ~right).sum(axis=1)
    own = scores[owner, np.arange(captions)]
    images_before = ((scores >= own) & ~right).sum(axis=0)
    return {
        "image_to_caption": _summary(1 + captions_before),
        "caption_to_image": _summary(1 + images_before),
    }


def _summary(ranks: np.ndarray) -> dict[str, float]:
    recalls = {f"R@{cut}": float((ranks <= cut).mean()) for cut in _CUTS}
    return {**recalls, "median_rank": float(np.median(ranks))}
