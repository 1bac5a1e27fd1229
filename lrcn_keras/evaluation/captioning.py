"""All metrics of a captioner at once, with their intervals, and two captioners compared."""

from collections.abc import Iterable

import numpy as np

from lrcn_keras.evaluation._checks import check_names
from lrcn_keras.evaluation.bleu import bleu_of_totals, bleu_statistics
from lrcn_keras.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from lrcn_keras.evaluation.cider_d import CiderD
from lrcn_keras.evaluation.diversity import diversity
from lrcn_keras.evaluation.meteor import meteor
from lrcn_keras.evaluation.ptb_tokenizer import ptb_tokenize
from lrcn_keras.evaluation.rouge_l import rouge_l_scores

_BLEUS = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4")


def evaluate_captions(
    predictions: dict[str, str],
    references: dict[str, list[str]],
    training_captions: Iterable[str] | None = None,
    resamples: int = 1000,
    seed: int = 0,
    with_meteor: bool = True,
) -> dict:
    """Compute the metrics of a captioner from raw captions.

    Captions are split by `ptb_tokenize` first. The intervals are 95 % percentile bootstrap
    intervals over images; CIDEr-D keeps its document frequencies.

    Args:
        predictions: name of an image -> its caption.
        references: name of an image -> its reference captions; the same names.
        training_captions: captions that the model was trained on.
        resamples: of the bootstrap.
        seed: of the bootstrap.
        with_meteor: whether to compute METEOR, which takes Java, seconds and 2 GB.

    Returns:
        Plain numbers, ready for JSON: "images"; "BLEU-1" to "BLEU-4", "ROUGE-L" in [0, 1],
        "CIDEr-D" in [0, 10]; "METEOR" in [0, 1] where it is computed, else None; "distinct",
        "repeated", "vocabulary" as `diversity` has them; "interval": metric -> [low, high].

    Raises:
        ValueError: for images with a prediction but no references or the reverse, or no images.

    Example:
        >>> scores = evaluate_captions(
        ...     {"a.jpg": "A dog."}, {"a.jpg": ["a dog", "the dog"]}, with_meteor=False
        ... )
        >>> scores["ROUGE-L"]
        1.0
    """
    candidates, captions = _tokenized(predictions, references)
    known = None if training_captions is None else map(ptb_tokenize, training_captions)
    bleus = bleu_statistics(candidates, captions)
    means = np.column_stack(
        [rouge_l_scores(candidates, captions), CiderD(captions).scores(candidates)]
    )
    names = (*_BLEUS, "ROUGE-L", "CIDEr-D")
    values = [*bleu_of_totals(bleus.sum(axis=0)), *means.mean(axis=0)]
    lows, highs = np.hstack(
        [
            bootstrap_interval(bleus, bleu_of_totals, resamples, seed),
            bootstrap_interval(means, None, resamples, seed),
        ]
    )
    return {
        "images": len(candidates),
        **{name: float(value) for name, value in zip(names, values, strict=True)},
        "METEOR": meteor(candidates, captions) if with_meteor else None,
        **diversity(candidates, known),
        "interval": {
            name: [float(low), float(high)]
            for name, low, high in zip(names, lows, highs, strict=True)
        },
    }


def compare_captions(
    predictions_a: dict[str, str],
    predictions_b: dict[str, str],
    references: dict[str, list[str]],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict]:
    """Compute by how much captioner A is better than captioner B on the same images.

    Args:
        predictions_a: name of an image -> caption of A.
        predictions_b: name of an image -> caption of B; the same names.
        references: name of an image -> its reference captions; the same names.
        resamples: of the paired bootstrap.
        seed: of the paired bootstrap.

    Returns:
        "BLEU-4" and "CIDEr-D", each {"difference": A minus B, "interval": [low, high]} with the
        paired 95 % percentile bootstrap interval over images.

    Raises:
        ValueError: as `evaluate_captions`.
    """
    candidates_a, captions = _tokenized(predictions_a, references)
    candidates_b, _ = _tokenized(predictions_b, references)
    bleus = [bleu_statistics(candidates, captions) for candidates in (candidates_a, candidates_b)]
    metric = CiderD(captions)
    ciders = [metric.scores(candidates) for candidates in (candidates_a, candidates_b)]
    bleu_4 = [_bleu_4(statistics.sum(axis=0)) for statistics in bleus]
    return {
        "BLEU-4": _difference(*bleu_4, paired_bootstrap(*bleus, _bleu_4, resamples, seed)),
        "CIDEr-D": _difference(
            *(scores.mean() for scores in ciders),
            paired_bootstrap(*ciders, None, resamples, seed),
        ),
    }


def _bleu_4(totals: np.ndarray) -> np.ndarray:
    return bleu_of_totals(totals)[..., -1]


def _difference(value_a: float, value_b: float, interval: np.ndarray) -> dict:
    return {"difference": float(value_a - value_b), "interval": [float(end) for end in interval]}


def _tokenized(
    predictions: dict[str, str], references: dict[str, list[str]]
) -> tuple[list[str], list[list[str]]]:
    """Tokens of the candidates and of the references, both in the references' order."""
    check_names(predictions, references)
    return (
        [ptb_tokenize(predictions[name]) for name in references],
        [[ptb_tokenize(caption) for caption in captions] for captions in references.values()],
    )
