"""Whole clips, streams, training and sizes of the recognizer."""

import keras
import numpy as np
import pytest
from keras import ops

from lrcn_keras import backbones
from lrcn_keras.datasets import ClipDataset
from lrcn_keras.errors import MediaError
from lrcn_keras.media import flow_images
from lrcn_keras.models import ActivityRecognizer, Protocol

CLASSES = ("left", "right")


def test_the_papers_sizes():
    # Donahue et al.'s released files: hybrid to fc6, LSTM, 101 classes.
    classes = [f"action {i}" for i in range(101)]
    for modality, head in (("rgb", 4_483_429), ("flow", 21_079_141)):
        model = ActivityRecognizer.paper(
            classes, modality, backbone=None, feature=None, feature_size=4096, image_size=None
        )
        assert model.count_params() == head
        assert model.protocol == Protocol(16, 8)
        assert model.clip_length == 16


def test_the_papers_cnn_has_the_right_red_mean_and_flow_is_centred_at_128():
    # (One of the released files subtracts 128.68 from red.)
    with_fc6 = backbones.get("lrcn_hybrid", weights=None, feature="minus_mean", image_size=64)
    mean = np.full((1, 64, 64, 3), [123.68, 116.779, 103.939], "float32")
    np.testing.assert_allclose(with_fc6(mean), 0, atol=1e-4)
    for_flow = backbones.get("lrcn_hybrid_flow", weights=None, feature="minus_mean", image_size=64)
    rest = np.full((1, 64, 64, 3), [128, 130, 129], "float32")
    np.testing.assert_allclose(for_flow(rest)[0, 0, 0], [0, 2, 1], atol=1e-5)


def test_a_timeline_is_what_a_stream_says(recognizer, clips):
    found = recognizer.recognize(clips)
    for clip, answer in zip(clips, found, strict=True):
        state, said = recognizer.initial_state(1), []
        for frame in clip:
            probabilities, state = recognizer.step(frame[None], state)
            said.append(ops.convert_to_numpy(probabilities)[0])
        np.testing.assert_allclose(said, answer.timeline, atol=1e-5)
        means = np.mean(said, axis=0)
        np.testing.assert_allclose(list(answer.probabilities.values()), means, atol=1e-5)
        assert answer.label == CLASSES[int(np.argmax(means))]
        assert answer.probability == max(answer.probabilities.values())


def test_padding_never_changes_a_result(recognizer, clips):
    whole = recognizer.recognize(clips)
    padded = np.full((len(clips), 30, 32, 32, 3), 200, np.uint8)
    for row, clip in zip(padded, clips, strict=True):
        row[: len(clip)] = clip[:, 2:34, 4:36]
    lengths = np.array([len(clip) for clip in clips], "int32")
    logits = ops.convert_to_numpy(recognizer({"frames": padded, "lengths": lengths}))
    for row, answer in zip(logits, whole, strict=True):
        scores = np.exp(row[: len(answer.timeline)])
        scores /= scores.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(scores, answer.timeline, atol=1e-5)


def test_loss_and_metrics_are_those_of_real_frames(recognizer, data):
    inputs, labels = next(iter(recognizer.prepare(data, 5)))
    # A clip that could not be read counts for nothing.
    inputs = {name: x.numpy() for name, x in inputs.items()}
    inputs["lengths"][2] = 0
    recognizer.compile()
    logits = ops.convert_to_numpy(recognizer(inputs))
    loss = recognizer.compute_loss(inputs, labels, logits)
    log_probs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    steps, frames, videos = [], [], []
    for row, label, length in zip(log_probs, data.labels, inputs["lengths"], strict=True):
        steps += [-step[label] for step in row[:length]]
        frames += [step.argmax() == label for step in row[:length]]
        if length:
            videos.append(np.exp(row[:length]).mean(axis=0).argmax() == label)
    np.testing.assert_allclose(loss, np.mean(steps), rtol=1e-5)
    np.testing.assert_allclose(recognizer.frame_accuracy.result(), np.mean(frames), rtol=1e-5)
    np.testing.assert_allclose(recognizer.clip_accuracy.result(), np.mean(videos), rtol=1e-5)


def test_a_step_power_counts_late_steps_more(recognizer, data):
    inputs, labels = next(iter(recognizer.prepare(data, 5)))
    inputs = {name: x.numpy() for name, x in inputs.items()}
    inputs["lengths"][4] = 0  # could not be read
    factors = np.array([1, 0, 2, 1, 0.5], "float32")
    logits = recognizer(inputs)
    recognizer.compile(step_power=2)
    loss = recognizer.compute_loss(inputs, labels, logits, factors)
    nll = -keras.ops.convert_to_numpy(keras.ops.log_softmax(logits))
    total = 0
    for row, label, length, factor in zip(nll, labels, inputs["lengths"], factors, strict=True):
        weights = np.arange(1, length + 1) ** 2.0
        if length:
            total += factor * np.sum(row[:length, label] * weights / weights.mean())
    np.testing.assert_allclose(loss, total / np.sum(inputs["lengths"]), rtol=1e-5)


def test_only_an_lstm_tells_motion_from_its_mirror_image(motion):
    # One frame of a bar that moves looks the same whichever way it goes.
    accuracies = []
    for units in (16, None):
        keras.utils.set_random_seed(1)
        cnn = keras.Sequential(
            [
                keras.Input((16, 16, 1)),
                keras.layers.Rescaling(1 / 255),
                keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
                keras.layers.Flatten(),
            ]
        )
        model = ActivityRecognizer(
            CLASSES, cnn, modality="grey", units=units, input_dropout=0.0, dropout=0.0,
            trainable_backbone=True, augmentation={"mirror": False}, clip_length=6,
        )  # fmt: skip
        model.compile(keras.optimizers.Adam(0.02))
        model.fit(model.prepare(motion, 8, training=True), epochs=8, verbose=0)
        scores = model.evaluate(model.prepare(motion, 8), verbose=0, return_dict=True)
        accuracies.append(scores["clip_accuracy"])
    with_lstm, single_frame = accuracies
    assert with_lstm > 0.95
    assert single_frame < 0.8


def test_a_frozen_cnn_keeps_its_weights_and_gives_no_gradient(clips, data):
    model = ActivityRecognizer(
        CLASSES, "small_cnn", weights=None, image_size=32, frame_size=(36, 40), units=4
    )
    before = model.backbone.get_weights()
    model.compile()
    model.fit(model.prepare(data, 5, training=True), verbose=0)
    for old, new in zip(before, model.backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    import tensorflow as tf

    frames = tf.constant(clips[0][None, :, :32, :32], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(frames)
        loss = tf.reduce_sum(model({"frames": frames, "lengths": tf.constant([len(clips[0])])}))
    assert tape.gradient(loss, frames) is None


def test_features_made_before_give_the_same_answers(recognizer, clips, data):
    head = recognizer.without_backbone()
    features = [recognizer.encode_clip(clip) for clip in clips]
    for one, other in zip(
        head.recognize_features(features), recognizer.recognize(clips), strict=True
    ):
        np.testing.assert_allclose(one.timeline, other.timeline, atol=1e-5)
    inputs, labels = next(iter(head.prepare(data, 3, features=features)))
    assert inputs["features"].shape == (3, 20, features[0].shape[-1])
    assert labels.numpy().tolist() == data.labels[:3].tolist()
    with pytest.raises(ValueError, match="features are for a model without a backbone"):
        head.prepare(data)


def test_a_video_and_its_frames_get_one_answer(recognizer, clips, make_clip, tmp_path):
    pytest.importorskip("av")
    from lrcn_keras.media import read_clip

    path = make_clip(tmp_path / "clip.mp4", clips[1])
    frames = read_clip(path, size=(36, 40))
    from_path, from_frames = recognizer.recognize([path, frames])
    np.testing.assert_allclose(from_path.timeline, from_frames.timeline, atol=1e-5)
    with pytest.raises(MediaError, match="none.mp4"):
        recognizer.recognize(tmp_path / "none.mp4")


def test_the_flow_of_a_video_is_computed(clips, make_clip, tmp_path):
    pytest.importorskip("av")
    from lrcn_keras.media import read_clip

    model = ActivityRecognizer(
        CLASSES, "small_cnn", weights=None, image_size=32, frame_size=(36, 40), modality="flow"
    )
    path = make_clip(tmp_path / "clip.mp4", clips[1])
    flow = flow_images(read_clip(path, size=(36, 40)))
    from_path, from_flow = model.recognize(path), model.recognize(flow)
    assert len(from_path.timeline) == len(clips[1]) - 1
    np.testing.assert_allclose(from_path.timeline, from_flow.timeline, atol=1e-5)
    one_frame = make_clip(tmp_path / "one.mp4", clips[1][:1])
    with pytest.raises(MediaError, match="one.mp4"):
        model.recognize(one_frame)


def test_other_classes_keep_what_the_shared_ones_know(recognizer, clips):
    other = recognizer.with_classes(["stand", "right", "left"])
    bias = other.logits.bias.numpy()
    bias[0] = -1e9  # impossible: what is left is the old distribution
    other.logits.bias.assign(bias)
    old, new = recognizer.recognize(clips[1]), other.recognize(clips[1])
    np.testing.assert_allclose(new.timeline[:, [2, 1]], old.timeline, atol=1e-5)


def test_config_round_trip(recognizer, clips):
    config = recognizer.get_config()
    again = ActivityRecognizer.from_config(config)
    assert again.get_config() == config
    again.load_weights_from(recognizer.get_weights())
    assert again.recognize(clips[0]) == recognizer.recognize(clips[0])


def test_a_users_cnn_works(clips):
    cnn = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(4, 5, strides=4)])
    model = ActivityRecognizer(CLASSES, cnn, units=None)
    again = ActivityRecognizer.from_config(model.get_config())
    again.set_weights(model.get_weights())
    frames = clips[0][:, :32, :32]
    assert again.recognize(frames) == model.recognize(frames)


def test_what_does_not_belong_together_is_named(recognizer, data):
    with pytest.raises(ValueError, match="Unknown modality 'sound'"):
        ActivityRecognizer(CLASSES, None, feature_size=4, modality="sound")
    with pytest.raises(ValueError, match="feature_size belongs to backbone=None"):
        ActivityRecognizer(CLASSES, None)
    with pytest.raises(ValueError, match="two or more different names"):
        ActivityRecognizer(["a", "a"], None, feature_size=4)
    with pytest.raises(ValueError, match=r"at least image_size, 32 pixels, got \(16, 64\)"):
        ActivityRecognizer(CLASSES, "small_cnn", weights=None, image_size=32, frame_size=(16, 64))
    with pytest.raises(ValueError, match="takes images of 3 channels, not of 1.*small_cnn"):
        ActivityRecognizer(CLASSES, weights=None, modality="grey")
    with pytest.raises(ValueError, match="cannot be turned for 8 crops"):
        ActivityRecognizer(CLASSES, None, feature_size=4, modality="flow", protocol={"crops": 8})
    with pytest.raises(ValueError, match="has the classes"):
        recognizer.with_classes(["a", "b"]).prepare(data)
    with pytest.raises(ValueError, match="modality 'grey', the model takes 'rgb'"):
        grey = ClipDataset("g", ["g"], [np.zeros((2, 36, 40, 1), "uint8")], [0], CLASSES,
                           modality="grey")  # fmt: skip
        recognizer.prepare(grey)
