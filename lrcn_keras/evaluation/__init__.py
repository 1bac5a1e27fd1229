"""Metrics of captions, retrieval and actions, with bootstrap intervals: numpy in, numbers out."""

from lrcn_keras.evaluation.bleu import bleu, bleu_of_totals, bleu_statistics
from lrcn_keras.evaluation.bootstrap import bootstrap_interval, paired_bootstrap
from lrcn_keras.evaluation.captioning import compare_captions, evaluate_captions
from lrcn_keras.evaluation.cider_d import CiderD, cider_d
from lrcn_keras.evaluation.description import compare_descriptions, evaluate_descriptions
from lrcn_keras.evaluation.diversity import diversity
from lrcn_keras.evaluation.fusion import fuse, merge_classes
from lrcn_keras.evaluation.meteor import meteor
from lrcn_keras.evaluation.plots import plot_class_gain, plot_confusion, plot_timeline
from lrcn_keras.evaluation.ptb_tokenizer import ptb_tokenize
from lrcn_keras.evaluation.recognition import (
    accuracy,
    class_gain,
    compare_recognition,
    confusion_matrix,
    evaluate_recognition,
    per_class_accuracy,
)
from lrcn_keras.evaluation.retrieval import retrieval
from lrcn_keras.evaluation.role_accuracy import compare_roles, evaluate_roles
from lrcn_keras.evaluation.rouge_l import rouge_l, rouge_l_scores
from lrcn_keras.evaluation.word_accuracy import (
    compare_words,
    edit_distance,
    evaluate_words,
    words_per_sentence,
)

__all__ = [
    "CiderD",
    "accuracy",
    "bleu",
    "bleu_of_totals",
    "bleu_statistics",
    "bootstrap_interval",
    "cider_d",
    "class_gain",
    "compare_captions",
    "compare_descriptions",
    "compare_recognition",
    "compare_roles",
    "compare_words",
    "confusion_matrix",
    "diversity",
    "edit_distance",
    "evaluate_captions",
    "evaluate_descriptions",
    "evaluate_recognition",
    "evaluate_roles",
    "evaluate_words",
    "fuse",
    "merge_classes",
    "meteor",
    "paired_bootstrap",
    "per_class_accuracy",
    "plot_class_gain",
    "plot_confusion",
    "plot_timeline",
    "ptb_tokenize",
    "retrieval",
    "rouge_l",
    "rouge_l_scores",
    "words_per_sentence",
]
