import keras
import numpy as np
import pytest

from lrcn_keras.datasets import ClipCaptionDataset
from lrcn_keras.models import RoleHead, RoleRecognizer, observed_roles

ROLES = {"who": ["dog", "man", "cat"], "doing": ["running", "sitting"]}
CAPTIONS = [
    ["A dog runs.", "A dog", "The sky."],
    ["A man sits on a bench", "A cat sits on a bench"],
    ["The sky"],
]


@pytest.fixture(scope="module")
def features():
    return list(np.random.default_rng(0).normal(size=(3, 1, 4, 5)).astype("float32"))


@pytest.fixture(scope="module")
def model():
    """Without pixels, with random tables; read only."""
    keras.utils.set_random_seed(0)
    model = RoleRecognizer(ROLES, None, feature_size=5)
    (table,) = model.role_head.crf.tables
    table.assign(np.random.default_rng(1).normal(size=(3, 2)))
    model.compile()
    return model


def data(captions=CAPTIONS):
    names = [f"clip {number}" for number in range(len(captions))]
    return ClipCaptionDataset("clips", names, [None] * len(captions), captions)


def joint(model, features):
    """(N, 3, 2) probabilities of all pairs of labels, in numpy."""
    kernel, bias, table = model.role_head.get_weights()
    unaries = np.stack([(views[0] @ kernel + bias).mean(0) for views in features])
    scores = np.exp(unaries[:, :3, None] + unaries[:, None, 3:] + table)
    return scores / scores.sum((1, 2), keepdims=True)


def test_unaries_are_the_mean_of_the_real_frames_and_padding_never_counts(model):
    kernel, bias, _ = model.role_head.get_weights()
    frames = np.random.default_rng(2).normal(size=(2, 6, 5)).astype("float32")
    unaries = model({"features": frames, "frame_lengths": np.array([6, 2])})
    per_frame = frames @ kernel + bias
    expected = [per_frame[0].mean(0), per_frame[1, :2].mean(0)]
    np.testing.assert_allclose(unaries, expected, atol=1e-5)


def test_one_hots_name_the_labels_that_are_likeliest_together(model, features):
    head = model.role_head
    x = np.concatenate(features)
    unaries = head(x, np.full(3, 4))
    p = joint(model, features)
    best = np.array([np.unravel_index(each.argmax(), (3, 2)) for each in p])
    assert np.array_equal(head.map(unaries), best)
    hots = np.concatenate([np.eye(3)[best[:, 0]], np.eye(2)[best[:, 1]]], axis=1)
    assert np.array_equal(head.map_one_hots(unaries), hots)
    marginals = np.concatenate([p.sum(2), p.sum(1)], axis=1)
    np.testing.assert_allclose(head.marginals(unaries), marginals, atol=1e-5)
    alone = np.array(unaries)
    assert np.array_equal(
        head.argmax(unaries), np.stack([alone[:, :3].argmax(1), alone[:, 3:].argmax(1)], 1)
    )


def test_loss_is_the_mean_over_captions_that_name_a_role(model, features):
    found = model.evaluate(model.prepare(data(), 2, features=features), verbose=0, return_dict=True)
    p = joint(model, features)
    # By hand: dog running; dog; man sitting; cat sitting. "The sky" names nothing.
    said = [p[0, 0, 0], p[0, 0].sum(), p[1, 1, 1], p[1, 2, 1]]
    np.testing.assert_allclose(found["nll"], -np.log(said).mean(), rtol=1e-5)
    who, doing = np.unravel_index(p.reshape(3, 6).argmax(1), (3, 2))
    right = [who[0] == 0, doing[0] == 0, who[1] == 1, doing[1] == 1]  # man: the first of equals
    np.testing.assert_allclose(found["role_accuracy"], np.mean(right), rtol=1e-6)


def test_a_clip_that_cannot_be_read_counts_for_nothing(model, features):
    whole = model.prepare(data(CAPTIONS[:1]), 2, features=features[:1])
    broken = [features[0], np.full((1, 4, 5), np.nan, "float32")]
    with_bad = model.prepare(data(CAPTIONS[:2]), 2, features=broken)
    expected = model.evaluate(whole, verbose=0, return_dict=True)
    found = model.evaluate(with_bad, verbose=0, return_dict=True)
    assert found == pytest.approx(expected, rel=1e-6)


def test_annotated_roles_come_before_captions(model, features):
    roles = [{"who": "cat", "doing": "running"}, {"who": "bird"}, {}]
    annotated = ClipCaptionDataset("clips", list("abc"), [None] * 3, CAPTIONS, roles)
    (batch,) = model.prepare(annotated, 3, features=features)
    assert batch[1].numpy().tolist() == [[[2, 0]], [[-1, -1]], [[-1, -1]]]


def test_roles_are_learned_from_pixels(tiny_cnn):
    clips = [np.full((2, 32, 32, 3), shade, np.uint8) for shade in (0, 250, 20, 230)]
    said = [["A dog runs"], ["A man sits"]] * 2
    dataset = ClipCaptionDataset("shades", list("abcd"), clips, said)
    model = RoleRecognizer(ROLES, tiny_cnn, trainable_backbone=True, dropout=0.1)
    kernel = np.array(tiny_cnn.weights[0])
    model.compile(keras.optimizers.Adam(0.03))
    history = model.fit(model.prepare(dataset, 4, training=True), epochs=20, verbose=0).history
    assert history["nll"][-1] < history["nll"][0] / 2
    assert not np.array_equal(model.backbone.weights[0], kernel)
    again = RoleRecognizer.from_config(model.get_config())
    again.set_weights(model.get_weights())
    given = {"frames": np.ones((1, 1, 32, 32, 3)), "frame_lengths": np.array([1])}
    np.testing.assert_allclose(again(given), model(given), rtol=1e-6)
    assert again.roles == ROLES


def test_without_edges_map_is_each_roles_best():
    head = RoleHead(ROLES, edges=[])
    features = np.random.default_rng(0).normal(size=(4, 3, 5))
    unaries = head(features, np.full(4, 3))
    assert np.array_equal(head.map(unaries), head.argmax(unaries))
    again = keras.layers.deserialize(keras.layers.serialize(head))
    assert again.get_config() == head.get_config()


def test_label_smoothing_is_refused(model):
    other = RoleRecognizer.from_config(model.get_config())
    with pytest.raises(ValueError, match=r"no label smoothing, got 0\.1"):
        other.compile(label_smoothing=0.1)


def test_observed_roles_hide_and_corrupt_as_often_as_they_are_told():
    labels = np.stack([np.arange(3000) % 4, np.full(3000, -1), np.zeros(3000, int)], axis=1)
    seen = observed_roles(labels, [4, 3, 1], hidden=0.3, corrupted=0.1, seed=3)
    assert seen.shape == (3000, 8)
    assert not seen[:, 4:7].any()  # unknown labels stay unknown
    assert not (seen[:, :4].sum(1) > 1).any()
    hidden = seen[:, :4].sum(1) == 0
    right = seen[np.arange(3000), labels[:, 0]] == 1
    assert abs(hidden.mean() - 0.3) < 0.03  # 3.6 standard deviations
    assert abs((~hidden & ~right).mean() - 0.1) < 0.02
    wrong = (seen[~hidden & ~right, :4].argmax(1) - labels[~hidden & ~right, 0]) % 4
    assert set(wrong) == {1, 2, 3}
    assert abs(seen[:, 7].mean() - 0.7) < 0.03  # of one label there is no other
    assert np.array_equal(seen, observed_roles(labels, [4, 3, 1], seed=3))
    assert not np.array_equal(seen, observed_roles(labels, [4, 3, 1], seed=4))
    clear = observed_roles(labels, [4, 3, 1], hidden=0, corrupted=0)
    assert np.array_equal(clear[:, :4], np.eye(4)[labels[:, 0]])


@pytest.mark.parametrize(
    ("labels", "rates", "message"),
    [
        ([[0, 0]], (0.7, 0.4), "at most 1, got 0.7 and 0.4"),
        ([[0, 0]], (-0.1, 0.4), "at most 1"),
        ([[0, 2]], (0.1, 0.1), r"in \[-1, n\).*from 0 to 2"),
        ([[0]], (0.1, 0.1), r"\(N, 2\).*\(1, 1\)"),
    ],
)
def test_bad_observations_are_errors(labels, rates, message):
    with pytest.raises(ValueError, match=message):
        observed_roles(np.array(labels), [3, 2], *rates)
