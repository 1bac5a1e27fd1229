"""Bootstrap intervals of corpus metrics: images, or groups of them, are drawn with replacement."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

_CHUNK = 64  # resamples at once: bounds memory at 64 rows of one count an image
Metric = Callable[[np.ndarray], np.ndarray]


def bootstrap_interval(
    statistics: np.ndarray,
    metric: Metric | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    groups: Sequence[str] | None = None,
) -> np.ndarray:
    """Compute percentile intervals of metrics that are functions of summed statistics.

    Nothing is scored again: a resample is the images' statistics, weighted by how often each
    image was drawn.

    Args:
        statistics: (N, K) or (N,) what each image adds, for example `bleu_statistics`, or scores.
        metric: function from sums over a resample's images (R, K) to metrics (R,) or (R, M), for
            example `bleu_of_totals`. Left out: the means of the statistics.
        resamples: how many sets of N images to draw.
        seed: of the draw. The same seed and N draw the same images.
        level: share of the resamples inside the interval.
        groups: (N,) what an image belongs to, such as the camera of a clip. Then groups are drawn,
            as many as there are, each with all of its images: what is alike within a group is no
            independent evidence. Left out: every image by itself.

    Returns:
        (2,) or (2, M) float64: the low and the high ends. (2, K) of means, (2,) for one (N,) score.

    Raises:
        ValueError: for no images, no resamples, a level outside (0, 1), or groups of other images.

    Example:
        >>> bootstrap_interval(np.array([0.5, 0.5, 0.5]))
        array([0.5, 0.5])
    """
    values = _resampled(statistics, metric, resamples, seed, groups)
    return _percentiles(values, level)


def paired_bootstrap(
    statistics_a: np.ndarray,
    statistics_b: np.ndarray,
    metric: Metric | None = None,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    groups: Sequence[str] | None = None,
) -> np.ndarray:
    """Compute percentile intervals of the difference of two models on the same images.

    Both models are scored on the same resamples, so that what makes an image hard cancels.

    Args:
        statistics_a: (N, K) or (N,) of model A, as in `bootstrap_interval`.
        statistics_b: the same of model B, the images in the same order.
        metric: as in `bootstrap_interval`.
        resamples: as in `bootstrap_interval`.
        seed: as in `bootstrap_interval`.
        level: as in `bootstrap_interval`.
        groups: as in `bootstrap_interval`.

    Returns:
        (2,) or (2, M) float64: the low and the high ends of the metric of A minus that of B.

    Raises:
        ValueError: as `bootstrap_interval`, and for different shapes.
    """
    if np.shape(statistics_a) != np.shape(statistics_b):
        raise ValueError(
            "The two models need statistics of the same images: got shapes "
            f"{np.shape(statistics_a)} and {np.shape(statistics_b)}."
        )
    values_a = _resampled(statistics_a, metric, resamples, seed, groups)
    values_b = _resampled(statistics_b, metric, resamples, seed, groups)
    return _percentiles(values_a - values_b, level)


def resampled_images(images: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """Draw the images of each resample.

    Args:
        images: N, how many there are.
        resamples: how many sets to draw.
        seed: of the draw.

    Yields:
        (N,) int64 indices of images, for each resample.
    """
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield generator.integers(0, images, images)


def _resampled(
    statistics: np.ndarray,
    metric: Metric | None,
    resamples: int,
    seed: int,
    groups: Sequence[str] | None,
) -> np.ndarray:
    statistics = np.asarray(statistics, float)
    if len(statistics) < 1 or resamples < 1:
        raise ValueError(
            f"At least one image and one resample are needed: got {len(statistics)} and "
            f"{resamples}."
        )
    sizes = np.ones(len(statistics))
    if groups is not None:
        statistics, sizes = _summed(statistics, groups)
    units = len(sizes)
    sums, images, counts = [], [], []
    for number, drawn in enumerate(resampled_images(units, resamples, seed), start=1):
        counts.append(np.bincount(drawn, minlength=units))
        if len(counts) == _CHUNK or number == resamples:
            weights = np.stack(counts).astype(float)
            sums.append(weights @ statistics)  # (chunk, K) or (chunk,)
            images.append(weights @ sizes)
            counts = []
    totals = np.concatenate(sums)
    if metric is None:
        return (totals.T / np.concatenate(images)).T
    return np.asarray(metric(totals))


def _summed(statistics: np.ndarray, groups: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Sums over each group, and how many images it has."""
    if len(groups) != len(statistics):
        raise ValueError(
            f"Each image needs a group: got {len(groups)} groups for {len(statistics)} images."
        )
    _, member = np.unique(np.asarray(groups, str), return_inverse=True)
    sizes = np.bincount(member).astype(float)
    sums = np.zeros((len(sizes), *statistics.shape[1:]))
    np.add.at(sums, member, statistics)
    return sums, sizes


def _percentiles(values: np.ndarray, level: float) -> np.ndarray:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1: got {level}.")
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
