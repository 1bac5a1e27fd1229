import json
import subprocess
import sys
import textwrap

import pytest

_RECIPE = """
name = "tiny"
description = "A test."
train = "folder"
dev = "folder"
test = "folder"
min_count = 1
seed = 4
sentences = ["sentences.txt"]
[model]
units = 8
embedding_size = 8
dropout = 0.3
[[stage]]
name = "language"
kind = "sentences"
epochs = 1
batch_size = 8
[[stage]]
name = "frozen"
kind = "features"
epochs = 2
batch_size = 8
ema = 0.9
[[stage]]
name = "end-to-end"
kind = "photos"
epochs = 2
batch_size = 5
ema = 0.9
trainable_backbone = "second"
"""


def _run(code, *arguments):
    """Run in a process of its own: determinism and logical devices cannot be undone."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def data_dir(photo_folder, tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "photos").symlink_to(photo_folder / "photos")
    (data_dir / "captions.json").symlink_to(photo_folder / "captions.json")
    (data_dir / "sentences.txt").write_text("A red square.\nThere is a blue circle.\n" * 8)
    (tmp_path / "recipe.toml").write_text(_RECIPE)
    return data_dir


def test_a_killed_training_ends_with_the_weights_of_an_unkilled_one(data_dir, tmp_path):
    out = _run(
        """
        import sys, dataclasses
        import keras, numpy as np, tensorflow as tf
        tf.config.experimental.enable_op_determinism()
        from lrcn_keras.evaluation import captioning
        from lrcn_keras.training import Recipe, callbacks, stages, train
        captioning.meteor = lambda *arguments: None  # Java takes seconds to start
        stages._SAVE_EVERY = 2
        keras.utils.set_random_seed(0)
        cnn = keras.Sequential([
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(6, 5, strides=4, name="first"),
            keras.layers.Conv2D(6, 3, name="second"),
            keras.layers.GlobalAveragePooling2D(),
        ])
        root = sys.argv[1]
        recipe = Recipe.load(f"{root}/recipe.toml")
        recipe = dataclasses.replace(recipe, model={**recipe.model, "backbone": cnn})
        whole = train(recipe, f"{root}/data", f"{root}/whole").get_weights()

        class Killed(BaseException):
            pass

        def deaths(step):
            kept = callbacks.Checkpoint.on_train_batch_end
            seen = 0
            def dies(self, batch, logs=None):
                nonlocal seen
                kept(self, batch, logs)
                seen += 1
                if seen == step:
                    callbacks.Checkpoint.on_train_batch_end = kept
                    raise Killed
            callbacks.Checkpoint.on_train_batch_end = dies

        kills = 0
        for step in (3, 5, 4, 3, 1000):
            deaths(step)
            try:
                again = train(recipe, f"{root}/data", f"{root}/killed").get_weights()
            except Killed:
                kills += 1
        print(kills, all(np.array_equal(a, b) for a, b in zip(whole, again, strict=True)))
        """,
        tmp_path,
    )
    assert out.split()[-2:] == ["4", "True"]
    scores = json.loads((tmp_path / "whole" / "3-end-to-end" / "scores.json").read_text())
    assert [entry["epoch"] for entry in scores] == [1, 2]


def test_two_devices_give_the_weights_of_one(photo_folder):
    out = _run(
        """
        import sys
        import keras, numpy as np
        from lrcn_keras.training import strategy_for
        strategy = strategy_for("cpu:2")
        from lrcn_keras import datasets
        from lrcn_keras.models import ImageCaptioner
        from lrcn_keras.text import Vocabulary
        data = datasets.folder(sys.argv[1])
        # Captions of very different lengths fall on the replicas; batches of 5 are uneven, too.
        for number, captions in enumerate(data.captions):
            captions[0] += " and more of it" * (number % 3)
            del captions[1:1 + number % 2]
        vocabulary = Vocabulary.from_captions(sum(data.captions, []), min_count=1)

        def trained():
            keras.utils.set_random_seed(0)
            cnn = keras.Sequential([
                keras.Input((32, 32, 3)),
                keras.layers.Rescaling(1 / 255),
                keras.layers.Conv2D(4, 5, strides=8),
                keras.layers.GlobalAveragePooling2D(),
            ])
            model = ImageCaptioner(vocabulary, cnn, units=8, embedding_size=8, dropout=0.0,
                                   trainable_backbone=True)
            model.compile(keras.optimizers.SGD(0.1, momentum=0.9, global_clipnorm=1.0))
            model.fit(model.prepare(data, 5, training=True), epochs=3, verbose=0)
            nll = model.evaluate(model.prepare(data, 5), verbose=0, return_dict=True)["nll"]
            return [*model.get_weights(), np.array(nll)]

        one = trained()
        with strategy.scope():
            two = trained()
        print(max(np.abs(a - b).max() for a, b in zip(one, two, strict=True)))
        """,
        photo_folder,
    )
    assert float(out.split()[-1]) < 1e-5


@pytest.mark.parametrize("devices", ["cpu:0", "tpu:0", "gpu:", "gpu:x", "cpu", "gpu:7"])
def test_devices_that_are_not_there_are_refused(devices):
    from lrcn_keras.training import strategy_for

    with pytest.raises(ValueError, match=devices):
        strategy_for(devices)
