import numpy as np
import pytest
from keras import ops

from lrcn_keras.media import flow_images
from lrcn_keras.models import ActivityRecognizer, Protocol, TwoStreamRecognizer

pytest.importorskip("cv2")


@pytest.fixture(scope="module")
def flow():
    model = ActivityRecognizer(
        ["left", "right"], "small_cnn", weights=None, image_size=32, frame_size=(32, 32), units=8,
        modality="flow", protocol=Protocol(4, 2),
    )  # fmt: skip
    for weight in model.head.weights:
        weight.assign(weight * 4)
    return model


@pytest.fixture(scope="module")
def fused(recognizer, flow):
    return TwoStreamRecognizer(recognizer, flow)


def _mean(answer):
    return np.array(list(answer.probabilities.values()))


def test_probabilities_are_the_weighted_mean_of_both(fused, recognizer, flow, clips):
    for clip, answer in zip(clips, fused.recognize(clips), strict=True):
        small = np.stack([_stretched(frame) for frame in clip])
        seen, moved = recognizer.recognize(clip), flow.recognize(flow_images(small))
        np.testing.assert_allclose(_mean(answer), _mean(seen) / 3 + _mean(moved) * 2 / 3, rtol=1e-5)
        np.testing.assert_allclose(answer.timeline[0], seen.timeline[0], rtol=1e-5)
        expected = seen.timeline[1:] / 3 + moved.timeline * 2 / 3
        np.testing.assert_allclose(answer.timeline[1:], expected, rtol=1e-5)


def _stretched(frame):
    from lrcn_keras.media.resize import resize

    return resize(frame, (32, 32))


def test_one_frame_is_judged_by_what_is_seen(fused, recognizer, clips):
    frame = clips[0][:1]
    assert fused.recognize(frame).probabilities == recognizer.recognize(frame).probabilities


def test_a_stream_says_what_the_whole_clip_says(fused, clips):
    both = np.stack([clips[1], clips[2][:9]])
    state, said = fused.initial_state(2), []
    for frames in both.swapaxes(0, 1):
        probabilities, state = fused.step(frames, state)
        said.append(ops.convert_to_numpy(probabilities))
    for number, clip in enumerate(both):
        timeline = fused.recognize(clip, Protocol()).timeline
        np.testing.assert_allclose([row[number] for row in said], timeline, atol=1e-5)


def test_a_video_is_what_its_frames_are(fused, clips, make_clip, tmp_path):
    pytest.importorskip("av")
    from lrcn_keras.media import read_clip

    path = make_clip(tmp_path / "clip.mp4", clips[1])
    from_path, from_frames = fused.recognize([path, read_clip(path)])
    np.testing.assert_allclose(from_path.timeline, from_frames.timeline, atol=1e-5)


def test_weights_are_shares(recognizer, flow, clips):
    one_sided = TwoStreamRecognizer(recognizer, flow, weights=(3, 0))
    assert one_sided.fusion == (1.0, 0.0)
    expected = recognizer.recognize(clips[1]).timeline
    np.testing.assert_allclose(one_sided.recognize(clips[1]).timeline, expected, rtol=1e-5)


def test_config_round_trip(fused, clips):
    again = TwoStreamRecognizer.from_config(fused.get_config())
    assert again.get_config() == fused.get_config()
    again.load_weights_from(fused.get_weights())
    assert again.recognize(clips[0]) == fused.recognize(clips[0])


def test_streams_that_do_not_fit_are_refused(recognizer, flow):
    with pytest.raises(ValueError, match="The flow stream needs .*got 'rgb'"):
        TwoStreamRecognizer(recognizer, recognizer)
    with pytest.raises(ValueError, match="the same classes"):
        TwoStreamRecognizer(recognizer, flow.with_classes(["a", "b"]))
    with pytest.raises(ValueError, match="two positive numbers"):
        TwoStreamRecognizer(recognizer, flow, (0, 0))
