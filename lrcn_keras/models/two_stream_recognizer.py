"""Clip to action by what is seen and by what moves: an RGB and a flow recognizer, fused late."""

import keras
import numpy as np
from keras import ops

from lrcn_keras.models.activity_recognizer import ActivityRecognizer
from lrcn_keras.models.clips import resized, video_frames
from lrcn_keras.models.protocol import Protocol
from lrcn_keras.models.real_steps import step_mask
from lrcn_keras.models.recognition import Recognition
from lrcn_keras.models.recognizer_serving import export_recognizer

_CHUNK = 64  # frames of a video in memory at a time


@keras.saving.register_keras_serializable("lrcn_keras")
class TwoStreamRecognizer(keras.Model):
    """The weighted mean of an RGB and a flow model's probabilities, as in the paper.

    Args:
        rgb: an `ActivityRecognizer` of modality ``rgb``.
        flow: one of modality ``flow``, with the same classes and rate.
        weights: of the RGB and the flow model; they are divided by their sum. The paper has
            (1/2, 1/2) and, better, (1/3, 2/3).
        name: name of the model.

    Inputs: a dictionary of ``rgb`` and ``flow``, the inputs of the two. Output: probabilities
    (B, K) of the clips. The two are trained one by one.
    """

    def __init__(self, rgb, flow, weights=(1 / 3, 2 / 3), name="two_stream_recognizer"):
        super().__init__(name=name)
        for model, modality in ((rgb, "rgb"), (flow, "flow")):
            if model.modality != modality:
                raise ValueError(
                    f"The {modality} stream needs a model of that modality, got {model.modality!r}."
                )
        for what in ("classes", "rate"):
            if getattr(rgb, what) != getattr(flow, what):
                raise ValueError(
                    f"Both streams need the same {what}, got {getattr(rgb, what)} and "
                    f"{getattr(flow, what)}."
                )
        if len(weights) != 2 or min(weights) < 0 or sum(weights) <= 0:
            raise ValueError(f"weights are two positive numbers, got {weights}.")
        self.rgb = rgb
        self.flow = flow
        self.fusion = tuple(float(weight) / sum(weights) for weight in weights)
        self.built = True

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the actions."""
        return self.rgb.classes

    @property
    def rate(self) -> float | None:
        """Frames/s at which a video is looked at; None for its own."""
        return self.rgb.rate

    def call(self, inputs, training=False):
        means = []
        for name, model in (("rgb", self.rgb), ("flow", self.flow)):
            scores = ops.softmax(model(inputs[name], training=training))
            lengths = inputs[name]["lengths"]
            real = ops.cast(step_mask(lengths, ops.shape(scores)[1]), scores.dtype)
            total = ops.sum(scores * real[..., None], axis=1)
            means.append(total / ops.maximum(ops.sum(real, axis=1, keepdims=True), 1))
        return self.mixed(*means, (inputs["flow"]["lengths"] > 0)[:, None])

    def mixed(self, rgb, flow, flow_is_there=True):
        """Fuse probabilities (..., K), arrays or tensors.

        Args:
            rgb: the RGB model's.
            flow: the flow model's.
            flow_is_there: bool, broadcast to them; where it is False, only RGB counts.
        """
        fused = self.fusion[0] * rgb + self.fusion[1] * flow
        if flow_is_there is True:
            return fused
        return ops.where(flow_is_there, fused, rgb)

    def recognize(self, clips, protocol=None):
        """Tell what clips show; each is read once.

        Args:
            clips: one clip or a list of clips. A clip is a path or an array (T, H, W, 3) of RGB in
                [0, 255]; its flow is computed.
            protocol: a `Protocol` or its config, for both streams; None for the models' own.

        Returns:
            A `Recognition`, or a list of them for a list.

        Raises:
            lrcn_keras.MediaError: for a clip that cannot be read.
            ValueError: for a clip without frames.
        """
        if isinstance(clips, list | tuple):
            return [self.recognize(clip, protocol) for clip in clips]
        seen = _Stream(self.rgb, protocol)
        moved = _Stream(self.flow, protocol)
        from lrcn_keras.media import FlowStream

        flow_of = FlowStream()
        for frame in self._frames(clips):
            seen.add(resized(frame[None], self.rgb.frame_size)[0])
            image = flow_of(resized(frame[None], self.flow.frame_size)[0])
            if image is not None:
                moved.add(image)
        rgb = self.rgb.recognize_features([seen.features()], protocol)[0]
        if not moved.count:
            return rgb
        return self.fuse(rgb, self.flow.recognize_features([moved.features()], protocol)[0])

    def fuse(self, rgb: Recognition, flow: Recognition) -> Recognition:
        """Fuse what the two models say of one clip.

        Args:
            rgb: what the RGB model says.
            flow: what the flow model says; its timeline begins a frame later.
        """
        timeline = np.concatenate([rgb.timeline[:1], self.mixed(rgb.timeline[1:], flow.timeline)])
        means = ([r.probabilities[name] for name in self.classes] for r in (rgb, flow))
        return Recognition.of(self.mixed(*map(np.array, means)), timeline, self.classes)

    def initial_state(self, batch_size=1):
        """Return the state before the first frame of ``batch_size`` streams."""
        from lrcn_keras.media import FlowStream

        return {
            "rgb": self.rgb.initial_state(batch_size),
            "flow": self.flow.initial_state(batch_size),
            "frames": [FlowStream() for _ in range(batch_size)],
        }

    def step(self, frame, state):
        """Look at one frame more of each stream; its flow is computed here.

        Args:
            frame: (B, H, W, 3) uint8 array of RGB, of any size.
            state: from `initial_state` or from the last `step`; it must not be used again.

        Returns:
            Probabilities (B, K) float32, those of RGB alone for the first frame, and the state.
        """
        frame = np.asarray(frame)
        seen, rgb = self.rgb.step(resized(frame, self.rgb.frame_size), state["rgb"])
        small = resized(frame, self.flow.frame_size)
        images = [of(each) for of, each in zip(state["frames"], small, strict=True)]
        if images[0] is None:
            return seen, {**state, "rgb": rgb}
        moved, flow = self.flow.step(np.stack(images), state["flow"])
        return self.mixed(seen, moved), {**state, "rgb": rgb, "flow": flow}

    def load_weights_from(self, arrays) -> None:
        """Set all weights, the RGB model's first; see `ActivityRecognizer.load_weights_from`."""
        arrays = list(arrays)
        split = len(self.rgb.weights)
        self.rgb.load_weights_from(arrays[:split])
        self.flow.load_weights_from(arrays[split:])

    def export(self, filepath):
        """Write a SavedModel that TensorFlow Serving serves and `lrcn_keras.load` reads.

        As ``ActivityRecognizer.export``, with ``flows`` (N, T - 1, H, W, 3) uint8, the flow images
        (see ``media.flow_images``), beside ``clips``, and in ``step`` ``flows`` (N, H, W, 3) beside
        ``frames``; the state is ``rgb_h1``, ``rgb_c1``, ..., ``flow_h1``, ``flow_c1``, ...

        Args:
            filepath: folder to make, such as ``served/1``; a SavedModel there is replaced.
        """
        export_recognizer(self, filepath)

    def get_config(self):
        configs = {"rgb": self.rgb.get_config(), "flow": self.flow.get_config()}
        for config in configs.values():
            del config["classes"]
        return {
            **configs,
            "classes": list(self.classes),
            "weights": list(self.fusion),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        classes = config.pop("classes")
        for stream in ("rgb", "flow"):
            config[stream] = ActivityRecognizer.from_config({**config[stream], "classes": classes})
        return cls(**config)

    def _frames(self, clip):
        if isinstance(clip, np.ndarray):
            return iter(clip)
        # The clip's own size: the streams may want different ones.
        return video_frames(clip, "rgb", None, self.rate)


class _Stream:
    """The features of one stream's frames, made piece by piece."""

    def __init__(self, model: ActivityRecognizer, protocol: Protocol | dict | None):
        self.model = model
        self.protocol = protocol
        self.count = 0
        self._held, self._pieces = [], []

    def add(self, frame: np.ndarray) -> None:
        self._held.append(frame)
        self.count += 1
        if len(self._held) == _CHUNK:
            self._encode()

    def features(self) -> np.ndarray:
        if self._held:
            self._encode()
        if not self._pieces:
            raise ValueError("A clip has no frames.")
        return np.concatenate(self._pieces, axis=1)

    def _encode(self) -> None:
        self._pieces.append(self.model.encode_clip(np.stack(self._held), self.protocol))
        self._held = []
