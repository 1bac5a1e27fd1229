"""Time frames to actions: whole clips, one frame at a time, and flow.

    python benchmarks/recognition.py [--rounds 5] [--frames 64]

EfficientNet-Lite0 and an LSTM of 256 units on frames of 224 x 224 pixels, float32, with random
weights behind the CNN. Decoding a video is not timed.

- whole clip: ``model.recognize``; the same layers in Keras with a ``predict`` call a frame and one
  for the LSTM, as in keras-io's example on video classification; PyTorch (pytorch_recognizer.py).
- streaming: one frame and the LSTM's state in, probabilities and the new state out.
- flow: OpenCV's DIS on the same frames alone, and a model of both streams, flow included.

Before anything is timed, all must say the same of every frame. On a machine with other load set
OMP_NUM_THREADS and TF_NUM_INTRAOP_THREADS to 1: threads that wait for each other cost PyTorch most.
"""

import argparse

import lrcn_keras  # before TensorFlow, whose start-up notices it keeps off

# isort: split
import keras
import numpy as np
from inputs import moving_frames
from pytorch_recognizer import Recognizer
from timing import conditions, markdown, take_turns

_CLASSES = [f"action {number}" for number in range(101)]


def keras_by_frames(model):
    """A function that calls ``predict`` for the CNN on each frame, then for the LSTM."""

    def timeline(clip):
        features = np.stack([model.backbone.predict(frame[None], verbose=0)[0] for frame in clip])
        return keras.ops.softmax(model.head.predict(features[None], verbose=0))[0]

    return timeline


def one_by_one(step, state):
    """A function that gives a step function all frames of a clip, one by one."""

    def timeline(clip):
        held, rows = state(), []
        for frame in clip:
            probabilities, held = step(frame[None], held)
            rows.append(np.asarray(probabilities)[0])
        return np.stack(rows)

    return timeline


def contenders():
    """{(what is done, who does it): function of a clip that returns a timeline or flow}."""
    keras.utils.set_random_seed(0)
    rgb = lrcn_keras.ActivityRecognizer(_CLASSES)
    flow = lrcn_keras.ActivityRecognizer(_CLASSES, modality="flow")
    both = lrcn_keras.TwoStreamRecognizer(rgb, flow)
    peer = Recognizer(rgb.backbone.get_weights(), rgb.head.get_weights())
    return {
        ("whole clip", "lrcn_keras"): lambda clip: rgb.recognize(clip).timeline,
        ("whole clip", "Keras, a call a frame"): keras_by_frames(rgb),
        ("whole clip", "PyTorch"): peer.timeline,
        ("streaming", "lrcn_keras"): one_by_one(rgb.step, rgb.initial_state),
        ("streaming", "PyTorch"): one_by_one(peer.step, lambda: None),
        ("flow alone", "OpenCV, DIS"): lrcn_keras.media.flow_images,
        ("both streams, whole clip", "lrcn_keras"): lambda clip: both.recognize(clip).timeline,
        ("both streams, streaming", "lrcn_keras"): one_by_one(both.step, both.initial_state),
    }


def check(runs, clip):
    """Stop unless all that look at the same say the same."""
    answers = {key: np.asarray(run(clip)) for key, run in runs.items()}
    ours = {
        "whole clip": answers["whole clip", "lrcn_keras"],
        "both streams, whole clip": answers["both streams, whole clip", "lrcn_keras"],
    }
    ours["streaming"] = ours["whole clip"]
    ours["both streams, streaming"] = ours["both streams, whole clip"]
    for (what, who), answer in answers.items():
        if what in ours and not np.allclose(answer, ours[what], atol=1e-4):
            worst = np.abs(answer - ours[what]).max()
            raise SystemExit(f"{what} by {who} differs by {worst:.1e}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--frames", type=int, default=64)
    args = parser.parse_args()
    clip = moving_frames(args.frames, 224)
    runs = contenders()
    check(runs, clip)
    runs = {key: lambda run=run: run(clip) for key, run in runs.items()}
    times = take_turns(runs, args.rounds, warm_up=0)  # the check has warmed up
    rows = []
    for (what, who), values in times.items():
        (wall, cpu), least = np.median(values, axis=0), values[:, 0].min()
        numbers = (f"{x / args.frames:.1f}" for x in (wall, least, cpu))
        peer = times.get((what, "PyTorch"))
        ratio = "" if peer is None else f"{np.median(peer[:, 0]) / wall:.2f}"
        rows.append([what, who, f"{1e3 * args.frames / wall:.0f}", *numbers, ratio])
    header = ["what", "who", "frames/s", "median ms a frame", "least", "CPU", "times PyTorch"]
    print(markdown(header, rows))
    print(f"\nA clip of {args.frames} frames a round. {conditions(args.rounds)}")


if __name__ == "__main__":
    main()
