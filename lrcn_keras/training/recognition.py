"""Clip to action: a recognizer's recipe from start to card."""

from pathlib import Path
from typing import Any

import numpy as np

from lrcn_keras import datasets, zoo
from lrcn_keras.datasets import ClipDataset
from lrcn_keras.models import ActivityRecognizer, Recognition, TwoStreamRecognizer
from lrcn_keras.training.cross_validation import cross_validated
from lrcn_keras.training.recipe import Recipe
from lrcn_keras.training.recognition_results import result_row, scores_of, with_fusions
from lrcn_keras.training.recognition_stages import streams_of, trained_stream
from lrcn_keras.training.scoring import predict_clips, seen_by


def train_recognizer(
    recipe: Recipe, data_dir: str | Path, output_dir: Path, strategy: Any
) -> ActivityRecognizer | TwoStreamRecognizer:
    """Run a recognizer's recipe; see ``training.train``."""
    train_data = datasets.get(recipe.train, data_dir)
    dev_data = datasets.get(recipe.dev, data_dir) if recipe.dev else None
    test_data = datasets.get(recipe.test, data_dir)
    streams = {
        name: trained_stream(
            recipe, model, train_data, dev_data, output_dir / name, output_dir, strategy
        )
        for name, model in streams_of(recipe, {}).items()
    }
    for stream in streams.values():  # as they are published
        stream.set_weights([weight.astype(np.float16) for weight in stream.get_weights()])
    model = streams.get("")
    if model is None:
        name = recipe.name.replace("-", "_")
        model = TwoStreamRecognizer(streams["rgb"], streams["flow"], recipe.fusion, name=name)
    zoo.save(
        model,
        output_dir / "trained",
        card={
            "name": recipe.name,
            "description": recipe.description,
            "datasets": [{"name": recipe.train, "clips": len(train_data)}],
            "metrics": [
                *_tested(recipe, streams, test_data, output_dir),
                *cross_validated(recipe, data_dir, output_dir),
            ],
            **recipe.card,
        },
        recipe=recipe.text,
    )
    return model


def _tested(recipe: Recipe, streams, dataset: ClipDataset, cache_dir: Path) -> list[dict[str, Any]]:
    """Results of published weights on the clips that they never saw."""
    found = {}
    for stream, model in streams.items():
        answers = predict_clips(model, seen_by(model, dataset, cache_dir / "flow"))
        found[stream] = _probabilities(answers)
    name, _, split = recipe.test.partition(":")
    return [
        result_row(recipe, name, split, (title, view), [scores])
        for title, rows in with_fusions(recipe, found).items()
        for view, scores in scores_of(recipe, rows, dataset).items()
    ]


def _probabilities(answers: dict[str, Recognition]) -> dict[str, np.ndarray]:
    return {name: np.array(list(a.probabilities.values())) for name, a in answers.items()}
