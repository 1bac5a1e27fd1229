"""Recognizers in the zoo's format: saved, loaded, served."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras.media import flow_images
from lrcn_keras.models import ActivityRecognizer, Protocol, TwoStreamRecognizer
from lrcn_keras.zoo.readme import render

pytest.importorskip("cv2")

SERVE = """
import json, sys
sys.modules["lrcn_keras"] = None  # as if it were not installed
import numpy as np, tensorflow as tf
with np.load(sys.argv[2]) as file:
    inputs = {name: tf.constant(file[name]) for name in file}
answer = tf.saved_model.load(sys.argv[1]).signatures["serving_default"](**inputs)
print(json.dumps({
    "labels": [label.decode() for label in answer["labels"].numpy()],
    "probabilities": answer["probabilities"].numpy().tolist(),
    "timeline": answer["timeline"].numpy().tolist(),
}))
"""
CLASSES = ["stand", "sit down", "geh weg, Ärger"]


def make(modality, seed, **arguments):
    """On a small CNN, with float16 weights that make its answers differ."""
    options = {"weights": None, "image_size": 24, "frame_size": (28, 32), "units": 8}
    options |= {"modality": modality, "rate": 15.0, **arguments}
    model = ActivityRecognizer(CLASSES, "small_cnn", **options)
    rng = np.random.default_rng(seed)
    for weight in model.head.weights:
        weight.assign(rng.normal(0, 0.8, weight.shape))
    model.set_weights([w.astype("float16").astype("float32") for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def rgb():
    return make("rgb", 0, num_layers=2, protocol=Protocol(6, 4, 10))


@pytest.fixture(scope="module")
def fused(rgb):
    return TwoStreamRecognizer(rgb, make("flow", 1, protocol=Protocol(6, 4, 2)))


@pytest.fixture(scope="module")
def saved(rgb, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "tiny-recognizer"
    row = {"dataset": "d", "split": "test", "protocol": rgb.protocol.get_config()}
    rows = [
        {**row, "model": "LRCN", "values": {"video accuracy": 0.75}},
        {**row, "model": "single frame", "values": {"video accuracy": 0.5}},
    ]
    lrcn_keras.save(rgb, folder, card={"metrics": rows})
    return folder


@pytest.fixture(scope="module")
def saved_fused(fused, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "fused-recognizer"
    lrcn_keras.save(fused, folder)
    return folder


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (n, 28, 32, 3), dtype=np.uint8) for n in (3, 13, 6, 8)]


@pytest.fixture(scope="module")
def padded(clips):
    """The clips as a server gets them."""
    frames = np.full((len(clips), 13, 28, 32, 3), 99, np.uint8)
    flows = np.full((len(clips), 12, 28, 32, 3), 99, np.uint8)
    for row, flow, clip in zip(frames, flows, clips, strict=True):
        row[: len(clip)] = clip
        flow[: len(clip) - 1] = flow_images(clip)
    lengths = np.array([len(clip) for clip in clips], np.int32)
    return {"clips": frames, "flows": flows, "lengths": lengths}


def assert_served(answer, expected):
    assert answer["labels"] == [each.label for each in expected]
    means = [list(each.probabilities.values()) for each in expected]
    np.testing.assert_allclose(answer["probabilities"], means, atol=1e-5)
    for row, each in zip(answer["timeline"], expected, strict=True):
        np.testing.assert_allclose(row[: len(each.timeline)], each.timeline, atol=1e-5)
        assert not np.any(row[len(each.timeline) :])


def test_loaded_models_equal_the_saved_ones(saved, saved_fused, rgb, fused, clips):
    for folder, model in ((saved, rgb), (saved_fused, fused)):
        loaded = lrcn_keras.load(folder)
        assert type(loaded) is type(model)
        assert loaded.classes == tuple(CLASSES)
        for one, other in zip(loaded.recognize(clips), model.recognize(clips), strict=True):
            assert one == other
            np.testing.assert_array_equal(one.timeline, other.timeline)


def test_labels_are_plain_text_and_another_models_are_refused(saved, tmp_path):
    folder = shutil.copytree(saved / "model", tmp_path / "model")
    path = folder / "assets.extra" / "labels.txt"
    assert path.read_text(encoding="utf-8").splitlines() == CLASSES
    path.write_text("a\nb\nc\n")
    with pytest.raises(ValueError, match=r"labels\.txt is not the model's"):
        lrcn_keras.load(folder)
    path.unlink()
    with pytest.raises(ValueError, match=r"labels\.txt is missing or damaged"):
        lrcn_keras.load(folder)


def test_a_loaded_cnn_can_be_thawed(saved, saved_fused):
    model = lrcn_keras.load(saved, trainable_backbone=True)
    assert model.backbone.trainable_weights
    assert not lrcn_keras.load(saved).backbone.trainable_weights
    fused = lrcn_keras.load(saved_fused, trainable_backbone="conv2")
    assert fused.rgb.backbone.trainable_weights and fused.flow.backbone.trainable_weights


def test_a_process_without_the_package_serves_the_same(saved, rgb, clips, padded, tmp_path):
    np.savez(tmp_path / "inputs.npz", clips=padded["clips"], lengths=padded["lengths"])
    done = subprocess.run(
        [sys.executable, "-I", "-c", SERVE, saved / "model", tmp_path / "inputs.npz"],
        capture_output=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert_served(json.loads(done.stdout), rgb.recognize(clips))


def test_two_streams_are_served_as_one(saved_fused, fused, clips, padded):
    served = tf.saved_model.load(str(saved_fused / "model")).signatures["serving_default"]
    answer = served(**{name: tf.constant(x) for name, x in padded.items()})
    labels = [label.decode() for label in answer["labels"].numpy()]
    numbers = {name: answer[name].numpy() for name in ("probabilities", "timeline")}
    assert_served({"labels": labels, **numbers}, fused.recognize(clips))


@pytest.mark.parametrize(("count", "steps"), [(0, 4), (0, 0), (2, 0), (2, 3)])
def test_nothing_is_answered_with_nothing(saved, count, steps):
    served = tf.saved_model.load(str(saved / "model")).signatures["serving_default"]
    clips = tf.zeros([count, steps, 28, 32, 3], tf.uint8)
    answer = served(clips=clips, lengths=tf.zeros([count], tf.int32))
    assert answer["labels"].numpy().tolist() == [b""] * count
    assert answer["timeline"].shape == (count, steps, 3)
    assert not answer["probabilities"].numpy().any()


def test_served_clips_are_turned_as_the_protocol_says(tmp_path):
    model = make(
        "thermal", 2, frame_size=(24, 30), rate=None, protocol=Protocol(crops=8, steps="last")
    )
    model.export(tmp_path / "1")
    clips = np.random.default_rng(0).normal(25, 20, (2, 5, 24, 30, 1)).astype("float32")
    served = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    answer = served(clips=tf.constant(clips), lengths=tf.constant([5, 3]))
    expected = model.recognize([clips[0], clips[1, :3]])
    for row, timeline, each in zip(
        answer["probabilities"].numpy(), answer["timeline"].numpy(), expected, strict=True
    ):
        np.testing.assert_allclose(row, list(each.probabilities.values()), atol=1e-5)
        np.testing.assert_allclose(timeline[: len(each.timeline)], each.timeline, atol=1e-5)
    upright = model.recognize(clips[0], Protocol(steps="last"))
    assert not np.allclose(upright.timeline, expected[0].timeline, atol=1e-3)


def test_served_steps_say_what_the_whole_clip_says(saved, rgb, clips):
    step = tf.saved_model.load(str(saved / "model")).signatures["step"]
    state = {name: tf.zeros([2, 8]) for name in ("h1", "c1", "h2", "c2")}
    both = np.stack([clips[1][:6], clips[2]])
    said = []
    for frames in both.swapaxes(0, 1):
        answer = step(frames=tf.constant(frames), **state)
        said.append(answer.pop("probabilities").numpy())
        state = {name.removeprefix("new_"): x for name, x in answer.items()}
    for number, answer in enumerate(rgb.recognize(list(both), Protocol())):
        np.testing.assert_allclose([row[number] for row in said], answer.timeline, atol=1e-5)


def test_every_weight_is_stored_once_in_float16(saved, rgb):
    reader = tf.train.load_checkpoint(str(saved / "model" / "variables" / "variables"))
    shapes = reader.get_variable_to_shape_map()
    shapes.pop("_CHECKPOINTABLE_OBJECT_GRAPH")
    types = reader.get_variable_to_dtype_map()
    assert {types[name] for name in shapes} == {tf.float16}
    assert sum(map(np.prod, shapes.values())) == rgb.count_params()


def test_the_card_says_how_clips_are_looked_at(saved, rgb, saved_fused):
    card = lrcn_keras.card(saved)
    assert card["task"] == "activity-recognition"
    assert card["class"] == "ActivityRecognizer"
    assert card["classes"] == CLASSES and card["modality"] == "rgb" and card["rate"] == 15
    assert Protocol.of(card["protocol"]) == rgb.protocol
    assert "vocabulary_size" not in card and "decoder" not in card
    text = (saved / "README.md").read_text(encoding="utf-8")
    assert text == render(card)
    assert 'model.recognize("clip.mp4")' in text
    assert "| sees | rgb, 15 frames/s |" in text
    assert "| data | model | protocol | video accuracy |" in text
    assert (
        "| d test | LRCN | 6-frame clips, stride 4, 10 crops, mean of all steps | 0.750 |" in text
    )
    fused = lrcn_keras.card(saved_fused)
    assert fused["fusion"] == {"rgb": pytest.approx(1 / 3), "flow": pytest.approx(2 / 3)}
    assert fused["parameters"] > card["parameters"]


def test_flops_are_two_for_each_multiply_add(tmp_path):
    model = ActivityRecognizer(["a", "b"], None, feature_size=5, units=7, num_layers=2)
    lrcn_keras.save(model, tmp_path / "head")
    lstms = (5 + 7) * 4 * 7 + (7 + 7) * 4 * 7
    assert lrcn_keras.card(tmp_path / "head")["flops"] == {"frame": 2 * (lstms + 7 * 2)}


def test_a_recognizer_has_no_decoder(rgb, tmp_path):
    with pytest.raises(ValueError, match="An? ActivityRecognizer has no decoder, got .*beam"):
        lrcn_keras.save(rgb, tmp_path / "x", decoder="beam")


def test_a_model_of_features_serves_features(tmp_path):
    model = ActivityRecognizer(
        ["a", "b"], None, feature_size=5, units=4, protocol=Protocol(4, 2, steps="last")
    )
    model.export(tmp_path / "1")
    features = np.random.default_rng(0).normal(size=(2, 7, 5)).astype("float32")
    served = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    answer = served(clips=tf.constant(features), lengths=tf.constant([7, 3]))
    again = lrcn_keras.load(tmp_path / "1")
    expected = again.recognize_features([features[:1], features[1:, :3]])
    for row, each in zip(answer["probabilities"].numpy(), expected, strict=True):
        np.testing.assert_allclose(row, list(each.probabilities.values()), atol=1e-5)
