"""Describers in the zoo's format: saved, loaded, served."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras.models import VideoDescriber
from lrcn_keras.zoo.readme import render

pytest.importorskip("cv2")

ROLES = {"who": ["dog", "cat"], "doing": ["geht weg", "sitting", "running"]}
WORDS = ["<eos>", "<unk>", "a", "dog", "cat", "runs", "Ärger"]


@pytest.fixture(scope="module")
def describer():
    """On a small CNN, with float16 weights that make its sentences differ."""
    keras.utils.set_random_seed(1)  # its CNN is the same whatever was tested before
    model = VideoDescriber(
        WORDS, "small_cnn", weights=None, image_size=24, frame_size=(26, 28), variant="c",
        roles=ROLES, frames=4, stack=3, units=8, embedding_size=8, max_length=6,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    for weight in (*model.context.weights, *model.word_decoder.weights):
        weight.assign(rng.normal(0, 1.5, weight.shape))
    model.set_weights([w.astype("float16").astype("float32") for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def saved(describer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "tiny-describer"
    lrcn_keras.save(describer, folder, card={"description": "Says what moves."})
    return folder


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    scales = (40, 256, 90, 200)
    return [
        rng.integers(0, scale, (n, 26, 28, 3), dtype=np.uint8)
        for n, scale in zip((2, 4, 11, 1), scales, strict=True)
    ]


def test_a_loaded_describer_says_the_same(describer, saved, clips):
    loaded = lrcn_keras.load(saved)
    for mine, found in zip(describer.describe(clips), loaded.describe(clips), strict=True):
        assert found.text == mine.text
        assert found.labels == mine.labels
        np.testing.assert_allclose(found.log_prob, mine.log_prob, rtol=1e-5)
    assert loaded.get_config() == describer.get_config()


def test_the_same_is_served(describer, saved, clips):
    signature = tf.saved_model.load(str(saved / "model")).signatures["serving_default"]
    padded = np.zeros((5, 12, 26, 28, 3), np.uint8)
    for row, clip in zip(padded, clips, strict=False):
        row[: len(clip)] = clip
    lengths = np.array([*map(len, clips), 0], np.int32)
    answer = signature(frames=tf.constant(padded), frame_lengths=tf.constant(lengths))
    answer = {name: x.numpy() for name, x in answer.items()}
    expected = describer.describe(clips)
    assert len({d.text for d in expected}) > 1  # otherwise it would prove little
    assert [x.decode() for x in answer["sentences"]] == [*(d.text for d in expected), ""]
    log_probs = [d.log_prob for d in expected]
    np.testing.assert_allclose(answer["log_probs"], [*log_probs, -np.inf], rtol=1e-3)
    labels = [[label.decode() for label in row] for row in answer["roles"]]
    assert labels == [*(list(d.labels.values()) for d in expected), ["", ""]]
    for marginals, texts, description in zip(
        answer["role_marginals"], answer["alternatives"], expected, strict=False
    ):
        assert [x.decode() for x in texts] == [text for text, _ in description.alternatives]
        named = [description.roles[role][label] for role, of in ROLES.items() for label in of]
        np.testing.assert_allclose(marginals, named, atol=1e-3)
    assert not answer["role_marginals"][4].any()
    none = signature(frames=tf.constant(padded[:0, :0]), frame_lengths=tf.constant(lengths[:0]))
    assert {name: tuple(x.shape) for name, x in none.items()} == {
        "sentences": (0,), "log_probs": (0,), "alternatives": (0, 4),
        "alternative_log_probs": (0, 4), "roles": (0, 2), "role_marginals": (0, 5),
    }  # fmt: skip


def test_the_card_says_what_a_describer_is(describer, saved):
    card = lrcn_keras.card(saved)
    assert card["task"] == "video-description"
    assert (card["variant"], card["frames"], card["roles"]) == ("c", 4, {"who": 2, "doing": 3})
    assert card["parameters"] == describer.count_params()
    # A step: 8 + 8 inputs, 8 + 8 states, 4 gates of 8 units and 7 words; the second LSTM sees the
    # 5 marginals once.
    assert card["flops"]["word"] == 2 * (2 * (8 + 8) * 32 + 8 * 7)
    assert card["flops"]["clip"] == 2 * (describer.entry.size * 5 + 5 * 32)
    text = render(card)
    assert 'model.describe("clip.mp4")' in text
    assert "| roles | who (2), doing (3) |" in text
    assert "| sees | rgb, 4 frames a clip |" in text


def test_roles_of_another_model_are_refused(saved, tmp_path):
    copy = tmp_path / "model"
    shutil.copytree(saved / "model", copy)
    (copy / "assets.extra" / "roles.txt").write_text("who\tdog\nwho\tcat\n")
    with pytest.raises(ValueError, match=r"roles\.txt is not the model's"):
        lrcn_keras.load(copy)
    (copy / "assets.extra" / "roles.txt").unlink()
    with pytest.raises(ValueError, match=r"roles\.txt is missing"):
        lrcn_keras.load(copy)
