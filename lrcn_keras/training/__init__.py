"""From a recipe to a trained model: stages, resume, many devices."""

from lrcn_keras.training.cross_validation import cross_validate, cross_validated
from lrcn_keras.training.description_scores import (
    gold_roles,
    observed_features,
    predict_descriptions,
    predict_middle_frames,
    score_descriptions,
)
from lrcn_keras.training.devices import strategy_for
from lrcn_keras.training.folds import Folds
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.scoring import (
    predict_captions,
    predict_clips,
    score_captions,
    score_clips,
    seen_by,
)
from lrcn_keras.training.train import train
from lrcn_keras.training.variants import compare_variants, variants_compared

__all__ = [
    "Folds",
    "Recipe",
    "Stage",
    "compare_variants",
    "cross_validate",
    "cross_validated",
    "gold_roles",
    "observed_features",
    "predict_captions",
    "predict_clips",
    "predict_descriptions",
    "predict_middle_frames",
    "score_captions",
    "score_clips",
    "score_descriptions",
    "seen_by",
    "strategy_for",
    "train",
    "variants_compared",
]
