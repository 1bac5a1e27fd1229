import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras import datasets, evaluation
from lrcn_keras.datasets import CaptionDataset, ClipCaptionDataset
from lrcn_keras.evaluation import captioning
from lrcn_keras.models import ImageCaptioner, VideoDescriber
from lrcn_keras.training import (
    Recipe,
    compare_variants,
    description,
    gold_roles,
    observed_features,
    predict_descriptions,
    predict_middle_frames,
    score_descriptions,
    variants,
    variants_compared,
)
from lrcn_keras.training.sentence_data import SentenceData

_RECIPE = """
name = "home-describer"
description = "A test."
task = "video-description"
train = "charades:train"
dev = "charades:test"
test = "charades:test"
min_count = 1
seed = 3
roles = { min_count = 2, hidden = 0.3, corrupted = 0.1 }
decoder = { name = "greedy", max_length = 8, forbidden = [1] }
[model]
backbone = "none"
variant = "c"
edges = [["scene", "action1"], ["scene", "object1"]]
units = 16
embedding_size = 16
max_length = 8
decoder = { name = "greedy", max_length = 8, forbidden = [1] }
[variants.independent]
edges = []
[[stage]]
name = "who"
kind = "roles"
epochs = 2
batch_size = 8
learning_rate = 0.1
label_smoothing = 0.0
mixed_bfloat16 = false
[[stage]]
name = "words"
kind = "features"
epochs = 2
batch_size = 8
mixed_bfloat16 = false
"""
_HEADER = "id,subject,scene,script,objects,descriptions,actions,length"
_SCENES = {"Kitchen": ("cup", "c000"), "Hall": ("bag", "c001"), "Bedroom": ("bed", "c001")}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with 30 and 12 descriptions of Charades, whose scene says all the rest."""
    folder = tmp_path_factory.mktemp("data") / "charades"
    folder.mkdir()
    (folder / "Charades_v1_classes.txt").write_text("c000 Drinking\nc001 Walking\n")
    for split, count in (("train", 10), ("test", 4)):
        rows = [
            f"{split}{number}{scene},P,{scene},x,{thing},A {thing} in the {scene}.,{act} 0 1,9"
            for number in range(count)
            for scene, (thing, act) in _SCENES.items()
        ]
        (folder / f"Charades_v1_{split}.csv").write_text("\n".join([_HEADER, *rows]))
    return folder.parent


@pytest.fixture(scope="module")
def recipe(tmp_path_factory) -> Recipe:
    path = tmp_path_factory.mktemp("recipe") / "recipe.toml"
    path.write_text(_RECIPE)
    return Recipe.load(path)


@pytest.fixture(scope="module")
def compared(home, recipe, tmp_path_factory):
    """The folder, and the results, of both models of the recipe: one trained, and one made up."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(captioning, "meteor", lambda *_: None)  # Java takes seconds to start
        (row,) = compare_variants(recipe, home, folder, "independent")
        assert row["model"] == "independent"
        kept = json.loads((folder / "variants" / "independent" / "seed 3.json").read_text())
        kept["sentences"] = {clip: f"{text} too" for clip, text in kept["sentences"].items()}
        kept["roles"] = {
            clip: {**labels, "scene": "Hall"} for clip, labels in kept["roles"].items()
        }
        (folder / "variants" / "model").mkdir()
        (folder / "variants" / "model" / "seed 3.json").write_text(json.dumps(kept))
        return folder, compare_variants(recipe, home, folder)


def test_rows_are_the_scores_of_what_each_model_said(home, recipe, compared):
    folder, rows = compared
    assert [row["model"] for row in rows] == ["model", "independent", "model minus independent"]
    references = datasets.get("charades:test", home).references
    kept = [
        json.loads((folder / "variants" / name / "seed 3.json").read_text())
        for name in ("model", "independent")
    ]
    for row, each in zip(rows, kept, strict=False):
        scores = evaluation.evaluate_descriptions(
            each["sentences"], references, each["roles"], each["gold"], with_meteor=False
        )
        assert row["values"]["seeds"] == 1
        for metric in ("CIDEr-D", "BLEU-4", "WER", "role accuracy"):
            assert row["values"][metric] == pytest.approx(scores[metric])
            if metric in row["interval"]:
                assert row["interval"][metric] == scores["interval"][metric]
        for number, share in enumerate(scores["slots"], 1):
            assert row["values"][f"word {number}"] == share
        assert row["values"]["role scene"] == scores["roles"]["scene"]
    gain = rows[2]["values"]["role accuracy"]
    assert gain == pytest.approx(
        rows[0]["values"]["role accuracy"] - rows[1]["values"]["role accuracy"]
    )


def test_over_seeds_values_and_the_ends_of_intervals_are_means(
    home, recipe, compared, tmp_path, monkeypatch
):
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)
    (kept,) = (compared[0] / "variants" / "independent").glob("*.json")
    one = json.loads(kept.read_text())
    references = datasets.get("charades:test", home).references
    said = {clip: texts[0] for clip, texts in references.items() if clip in one["sentences"]}
    other = {**one, "sentences": said | dict.fromkeys(list(said)[:2], "somebody")}
    folder = tmp_path / "variants" / "independent"
    folder.mkdir(parents=True)
    for seed, each in ((3, one), (4, other)):
        (folder / f"seed {seed}.json").write_text(json.dumps(each))
    (row,) = variants_compared(recipe, home, tmp_path)
    scores = [
        evaluation.evaluate_descriptions(each["sentences"], references, with_meteor=False)
        for each in (one, other)
    ]
    assert row["values"]["seeds"] == 2
    for metric in ("CIDEr-D", "BLEU-4"):
        assert scores[0][metric] != scores[1][metric]
        assert row["values"][metric] == pytest.approx(np.mean([each[metric] for each in scores]))
        ends = [each["interval"][metric] for each in scores]
        np.testing.assert_allclose(row["interval"][metric], np.mean(ends, axis=0))


def test_what_is_there_is_not_trained_again(home, recipe, compared, monkeypatch):
    folder, rows = compared
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)
    monkeypatch.setattr(variants, "begin", None)
    assert compare_variants(recipe, home, folder) == rows
    with pytest.raises(ValueError, match=r"has variants \['model', 'independent'\], got 'a'"):
        compare_variants(recipe, home, folder, "a")


def test_the_first_seed_of_the_model_is_the_one_that_train_goes_on_with(
    home, recipe, compared, tmp_path, monkeypatch
):
    folder, _ = compared
    other = folder / "variants" / "independent" / "seed 3"
    assert (other / "1-who" / "scores.json").exists()
    assert (other / "2-words" / "scores.json").exists()
    assert not list(other.rglob("*.npz"))
    begun = []

    def begin(data, overrides, seed, directory, *_):
        begun.append((overrides, seed, directory))
        raise KeyboardInterrupt

    monkeypatch.setattr(variants, "begin", begin)
    for name in ("model", "independent"):
        with pytest.raises(KeyboardInterrupt):
            compare_variants(recipe, home, tmp_path, name)
    assert begun == [
        ({}, 3, tmp_path),
        ({"edges": []}, 3, tmp_path / "variants" / "independent" / "seed 3"),
    ]


def test_means_and_spread_are_over_the_seeds(home, recipe, compared, tmp_path, monkeypatch):
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)
    folder, _ = compared
    for name in ("model", "independent"):
        kept = (folder / "variants" / name / "seed 3.json").read_text()
        path = tmp_path / "variants" / name
        path.mkdir(parents=True)
        (path / "seed 3.json").write_text(kept)
        changed = json.loads(kept)
        for clip, labels in changed["gold"].items():  # the second seed says all of it right
            changed["roles"][clip] |= labels
        (path / "seed 10.json").write_text(json.dumps(changed))
    first = {row["model"]: row["values"] for row in compared[1]}
    for row in variants_compared(recipe, home, tmp_path)[:2]:
        accuracies = [first[row["model"]]["role accuracy"], 1.0]
        assert row["values"]["seeds"] == 2
        assert row["values"]["role accuracy"] == pytest.approx(np.mean(accuracies))
        spread = np.std(accuracies, ddof=1)
        assert row["values"]["spread of role accuracy"] == pytest.approx(spread)
        assert row["values"]["spread of CIDEr-D"] == 0


def test_each_epoch_hides_other_labels(home, recipe, tmp_path):
    data = SentenceData.load(recipe, home)
    runner = description.begin(data, {}, 0, tmp_path, tmp_path, tf.distribute.get_strategy())
    given = runner._training_features(data.train, recipe.stages[0], 5)
    assert not np.array_equal(given(0), given(1))
    assert np.array_equal(given(1), given(1))
    expected = observed_features(runner.model, data.train, recipe.roles, 6)
    assert np.array_equal(given(1), expected)
    assert expected.shape == (30, 1, runner.model.entry.size)
    with pytest.raises(ValueError, match="has none"):
        photos = CaptionDataset("photos", ["a"], [b""], [["A cup."]])
        observed_features(runner.model, photos, {})


def test_annotated_labels_are_gold_and_else_those_of_most_captions():
    roles = {"who": ["dog", "man"], "scene": ["Hall"]}
    model = VideoDescriber(
        ["<eos>", "<unk>"], None, feature_size=3, variant="b", roles=roles, units=2
    )
    captions = [["A dog runs.", "A man runs.", "A man sits."], ["A cat sits."]]
    of_captions = ClipCaptionDataset("clips", ["a", "b"], [None, None], captions)
    assert gold_roles(model, of_captions) == {"a": {"who": "man"}, "b": {}}
    annotated = ClipCaptionDataset(
        "clips",
        ["a", "b"],
        [None, None],
        captions,
        [{"who": "dog"}, {"who": "cat", "scene": "Hall"}],
    )
    assert gold_roles(model, annotated) == {"a": {"who": "dog"}, "b": {"scene": "Hall"}}


@pytest.fixture(scope="module")
def clips() -> ClipCaptionDataset:
    """Four clips of one colour each, that gets brighter."""
    rng = np.random.default_rng(0)
    frames = [
        np.linspace(0, 200, 5 + n)[:, None, None, None] * (np.arange(3) == n % 3)
        + rng.integers(0, 40, (5 + n, 20, 24, 3))
        for n in range(4)
    ]
    names = ["red", "green", "blue", "red again"]
    captions = [[f"It is {name.split()[0]}."] for name in names]
    return ClipCaptionDataset("clips", names, [f.astype(np.uint8) for f in frames], captions)


def _cnn():
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 4, 4),
            keras.layers.Flatten(),
        ]
    )


@pytest.fixture(scope="module")
def describer(clips) -> VideoDescriber:
    keras.utils.set_random_seed(0)
    words = ["<eos>", "<unk>", "it", "is", "red", "green", "blue"]
    sizes = {"units": 8, "embedding_size": 8, "max_length": 6, "frames": 3}
    model = VideoDescriber(words, _cnn(), decoder={"name": "greedy"}, **sizes)
    for weight in model.word_decoder.weights:
        weight.assign(weight * 8)
    return model


def test_descriptions_of_a_data_set_are_the_models_and_a_bad_clip_costs_itself(
    describer, clips, tmp_path
):
    found = predict_descriptions(describer, clips)
    expected = describer.describe(clips.clips)
    assert list(found) == clips.names
    assert [each.text for each in found.values()] == [each.text for each in expected]
    bad = ClipCaptionDataset("bad", ["none"], [tmp_path / "none.mp4"], [["It is red."]])
    with pytest.warns(UserWarning, match="none.mp4"):
        found = predict_descriptions(describer, clips + bad)
    assert list(found) == clips.names
    scores = score_descriptions(describer, found, clips + bad, resamples=1, with_meteor=False)
    assert scores["images"] == 4
    assert len(scores["slots"]) == 3


def test_cached_features_are_those_of_the_frames_that_are_looked_at(
    describer, clips, recipe, tmp_path
):
    data = SentenceData(recipe, tmp_path, clips, clips, clips, {})
    strategy = tf.distribute.get_strategy()
    runner = description.DescriptionStages(describer, data, tmp_path, tmp_path, 0, strategy)
    for clip, views in zip(clips.clips, runner.given(clips, mirrored=True), strict=True):
        assert views.shape == (2, 3, describer.entry.size)
        both = [describer.encode_clip(clip)[0], describer.encode_clip(clip[:, :, ::-1])[0]]
        assert np.allclose(views, both, atol=2e-3)
    from_cache = predict_descriptions(
        describer.without_backbone(), clips, features=runner.given(clips)
    )
    assert [each.text for each in from_cache.values()] == [
        each.text for each in predict_descriptions(describer, clips).values()
    ]


def test_a_captioner_sees_the_middle_frame(describer, clips):
    config = {"units": 8, "embedding_size": 8, "max_length": 6, "decoder": {"name": "greedy"}}
    captioner = ImageCaptioner(describer.vocabulary, _cnn(), **config)
    found = predict_middle_frames(captioner, clips)
    for name, clip in zip(clips.names, clips.clips, strict=True):
        frame = clips.sampled(1).read(clips.names.index(name), (16, 16))[0]
        assert found[name] == captioner.caption(frame)
        assert np.array_equal(
            clips.sampled(1).read(clips.names.index(name))[0], clip[len(clip) // 2]
        )


def test_stages_that_would_train_nothing_are_refused(recipe, home, tmp_path):
    stage = dataclasses.replace(recipe.stages[1], kind="clips")
    data = SentenceData.load(recipe, home)
    runner = description.begin(data, {}, 0, tmp_path, tmp_path, tf.distribute.get_strategy())
    with pytest.raises(ValueError, match="roles train in stages of roles"):
        runner.run(1, stage, data.train)
    with pytest.raises(ValueError, match="The recipe home-describer, .model.: .*depth"):
        description.begin(data, {"depth": 3}, 0, tmp_path, tmp_path, tf.distribute.get_strategy())
