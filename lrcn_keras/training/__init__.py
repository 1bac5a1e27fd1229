"""From a recipe to a trained model: stages, resume, many devices."""

from lrcn_keras.training.devices import strategy_for
from lrcn_keras.training.folds import Folds
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.recognition import cross_validate, cross_validated
from lrcn_keras.training.scoring import (
    predict_captions,
    predict_clips,
    score_captions,
    score_clips,
    seen_by,
)
from lrcn_keras.training.train import train

__all__ = [
    "Folds",
    "Recipe",
    "Stage",
    "cross_validate",
    "cross_validated",
    "predict_captions",
    "predict_clips",
    "score_captions",
    "score_clips",
    "seen_by",
    "strategy_for",
    "train",
]
