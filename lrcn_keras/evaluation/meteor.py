"""METEOR (Denkowski & Lavie 2014), which exists in Java only."""

import importlib.util
import shutil

from lrcn_keras.evaluation._checks import check_pairs


def meteor(candidates: list[str], references: list[list[str]]) -> float | None:
    """Compute METEOR 1.5 of a corpus of captions through pycocoevalcap and Java.

    One Java process scores the whole corpus; it takes 2 GB of memory at most.

    Args:
        candidates: (N,) captions as tokens joined by spaces, see `ptb_tokenize`.
        references: (N,) lists of reference captions in the same form.

    Returns:
        The score in [0, 1], or None where pycocoevalcap or Java is not installed.

    Raises:
        ValueError: for corpora of different lengths, or without references.
    """
    check_pairs(candidates, references)
    if shutil.which("java") is None or importlib.util.find_spec("pycocoevalcap") is None:
        return None
    from pycocoevalcap.meteor.meteor import Meteor

    scorer = Meteor()
    try:
        score, _ = scorer.compute_score(
            dict(enumerate(references)),
            {index: [candidate] for index, candidate in enumerate(candidates)},
        )
    finally:
        scorer.meteor_p.stdout.close()
        scorer.meteor_p.stderr.close()
    return float(score)
