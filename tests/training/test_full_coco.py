import dataclasses
from pathlib import Path

import keras
import pytest

from lrcn_keras.evaluation import captioning
from lrcn_keras.training import Recipe, train

_RECIPE = Path(__file__).parents[2] / "zoo" / "coco-captioner" / "recipe-full-coco.toml"


def test_the_recipe_for_all_of_coco_runs_on_data_laid_out_like_it(
    photo_folder, write_tfds_coco, tmp_path, monkeypatch
):
    pytest.importorskip("tensorflow_datasets")
    monkeypatch.setattr(captioning, "meteor", lambda *arguments: None)  # Java is slow to start
    paths = sorted((photo_folder / "photos").iterdir())
    split_of = {"train": paths[:6], "restval": paths[6:8], "val": paths[8:10], "test": paths[10:]}
    write_tfds_coco(
        tmp_path,
        {
            split: {
                path.name: (path.read_bytes(), [f"a {path.stem.replace('-', ' ')}", "a picture"])
                for path in members
            }
            for split, members in split_of.items()
        },
    )
    recipe = Recipe.load(_RECIPE)
    # All of the recipe but its size: a small CNN, every word, one epoch a stage.
    cnn = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 5, strides=4),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )
    sizes = {"backbone": cnn, "units": 8, "embedding_size": 8}
    recipe = dataclasses.replace(
        recipe,
        min_count=1,
        model={**recipe.model, **sizes},
        stages=tuple(dataclasses.replace(s, epochs=1, batch_size=4) for s in recipe.stages),
    )
    model = train(recipe, tmp_path, tmp_path / "run")
    assert "circle" in model.vocabulary
    assert (tmp_path / "run" / "trained" / "card.json").exists()
