"""From a recipe to a trained model: stages, resume, many devices."""

from lrcn_keras.training.devices import strategy_for
from lrcn_keras.training.recipe import Recipe, Stage
from lrcn_keras.training.scoring import predict_captions, score_captions
from lrcn_keras.training.train import train

__all__ = ["Recipe", "Stage", "predict_captions", "score_captions", "strategy_for", "train"]
