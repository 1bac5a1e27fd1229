"""Clip to action: a CNN on every frame, LSTMs over time, a prediction at every step."""

import functools

import keras
import numpy as np
from keras import ops

from lrcn_keras import backbones
from lrcn_keras.layers import LSTM, Dropout
from lrcn_keras.models.augmentation import Augmentation
from lrcn_keras.models.clip_batches import clip_batches, labelled
from lrcn_keras.models.clips import (
    CHANNELS,
    centre,
    clip_view,
    feature_view,
    mirrored,
    read_chunks,
)
from lrcn_keras.models.frame_encoder import FrameEncoder
from lrcn_keras.models.looks import score_clips
from lrcn_keras.models.protocol import Protocol
from lrcn_keras.models.real_steps import real_steps, rising_factors, step_mask
from lrcn_keras.models.recognition import Recognition
from lrcn_keras.models.recognizer_serving import export_recognizer
from lrcn_keras.models.step_model import StepModel


@keras.saving.register_keras_serializable("lrcn_keras")
class ActivityRecognizer(StepModel):
    """The paper's recognizer (Donahue et al. 2017, section 4) on any CNN.

    Args:
        classes: names of the actions.
        backbone: name of a CNN (see ``lrcn_keras.backbones.names()``), a ``keras.Model`` from
            pixels to a feature, or None for a model on features made before.
        weights: ``"imagenet"``, None for random ones, or a path; for a named backbone.
        feature: which of the backbone's features; None for its default.
        feature_size: size of the feature; only for ``backbone=None``.
        image_size: height and width of the CNN's input in pixels; None for the backbone's default.
        frame_size: (height, width) that frames are stretched to, before ``image_size`` is cropped
            from them; None for ``image_size``.
        modality: ``rgb``, ``flow`` (flow images, see ``media.flow_images``), ``grey`` or
            ``thermal`` (degrees Celsius).
        rate: frames/s at which a video is looked at; None for its own.
        units: size of each LSTM; None for the single-frame baseline, which has none.
        num_layers: number of LSTMs.
        input_dropout: share of the feature's entries dropped before the first LSTM in training,
            in [0, 1); the single-frame baseline has no such dropout.
        dropout: share of entries dropped after each LSTM, in [0, 1).
        trainable_backbone: False, True, or the name of the first layer to train.
        train_batch_norm: whether the backbone's batch normalization, where it trains, uses and
            learns the statistics of its batches, as a CNN from scratch needs it.
        augmentation: an `Augmentation` or its config, how training varies clips; None for
            mirroring half of them.
        clip_length: frames of a training clip, cut out at a random place; None for whole clips.
        protocol: a `Protocol` or its config, how `recognize` looks at a clip; None for the whole
            clip and the centre crop.
        name: name of the model.

    Inputs: a dictionary of ``frames`` (B, T, S, S, C) in [0, 255] (``thermal``: degrees), or
    ``features`` (B, T, F); ``lengths`` (B,) int32, real frames of each clip. `prepare` makes them.
    Output: logits (B, T, K); those of padding mean nothing.

    Example:
        >>> model = ActivityRecognizer(["walk", "run"], "small_cnn", weights=None, image_size=32)
        >>> clip = np.zeros((5, 32, 32, 3), "uint8")
        >>> model.recognize(clip).timeline.shape
        (5, 2)
    """

    def __init__(
        self,
        classes,
        backbone="efficientnet_lite0",
        *,
        weights="imagenet",
        feature=None,
        feature_size=None,
        image_size=None,
        frame_size=None,
        modality="rgb",
        rate=None,
        units=256,
        num_layers=1,
        input_dropout=0.5,
        dropout=0.5,
        trainable_backbone=False,
        train_batch_norm=False,
        augmentation=None,
        clip_length=16,
        protocol=None,
        name="activity_recognizer",
    ):
        if modality not in CHANNELS:
            raise ValueError(f"Unknown modality {modality!r}, expected one of {list(CHANNELS)}.")
        if (backbone is None) != (feature_size is not None):
            raise ValueError(
                "feature_size belongs to backbone=None and to nothing else, "
                f"got backbone={backbone!r}, feature_size={feature_size}."
            )
        self.classes = tuple(classes)
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes):
            raise ValueError(f"classes are two or more different names, got {list(classes)}.")

        # === Layers ===
        self.backbone = self.encoder = None
        if backbone is not None:
            self.backbone = backbones.get(
                backbone,
                weights=weights,
                feature=feature,
                image_size=image_size,
                channels=CHANNELS[modality],
                trainable=trainable_backbone,
                train_batch_norm=train_batch_norm,
            )
            self.encoder = FrameEncoder(self.backbone, name="encoder")
            feature_size = self.backbone.output_shape[-1]
        self.lstms = [
            LSTM(units, return_sequences=True, name=f"lstm{i + 1}")
            for i in range(0 if units is None else num_layers)
        ]
        self.logits = keras.layers.Dense(len(self.classes), dtype="float32", name="logits")

        # === Functional model ===
        x = features = keras.Input((None, feature_size), name="features")
        if self.lstms:
            x = Dropout(input_dropout, name="dropout0")(x)
        # No mask: an LSTM that reads forward never sees the padding behind the real steps.
        for i, lstm in enumerate(self.lstms):
            x = lstm(x)
            if i + 1 < len(self.lstms):
                x = Dropout(dropout, name=f"dropout{i + 1}")(x)
        x = Dropout(dropout, name="dropout")(x)
        self.head = keras.Model(features, self.logits(x), name="head")

        lengths = keras.Input((), dtype="int32", name="lengths")
        if self.backbone is None:
            entry = keras.Input((None, feature_size), name="features")
            features = entry
        else:
            entry = keras.Input((None, *self.backbone.input_shape[1:]), name="frames")
            features = self.encoder(entry, lengths)
        super().__init__({entry.name: entry, "lengths": lengths}, self.head(features), name=name)

        # === Config ===
        self.modality = modality
        self.rate = rate
        self.clip_length = clip_length
        self.augmentation = Augmentation.of(augmentation)
        if self.augmentation.rotate and modality == "flow":
            raise ValueError("Flow images cannot be rotated: their motion would not turn.")
        self.protocol = self._resolved(protocol or {})
        self.frame_size = None
        if self.backbone is not None:
            self.frame_size = tuple(frame_size or (self.image_size, self.image_size))
            if min(self.frame_size) < self.image_size:
                raise ValueError(
                    f"frame_size must be at least image_size, {self.image_size} pixels, "
                    f"got {self.frame_size}."
                )
        self._config = {
            # A model is not kept here: Keras would count its weights beside its copy's.
            "backbone": "own" if isinstance(backbone, keras.Model) else backbone,
            "feature": feature,
            "feature_size": feature_size if backbone is None else None,
            "image_size": image_size,
            "frame_size": None if frame_size is None else list(frame_size),
            "modality": modality,
            "rate": rate,
            "units": units,
            "num_layers": num_layers,
            "input_dropout": input_dropout,
            "dropout": dropout,
            "trainable_backbone": trainable_backbone,
            "train_batch_norm": train_batch_norm,
            "clip_length": clip_length,
        }
        self._compiled = {}

    @classmethod
    def paper(cls, classes, modality="rgb", **kwargs):
        """Build the recognizer with the paper's sizes: its hybrid CNN, fc6, 16-frame clips.

        The LSTM has 256 units for ``rgb`` and 1024 for ``flow``. With the 101 classes of UCF101
        the model has 60,937,856 parameters up to fc6 and 4,483,429 after it (``flow``:
        21,079,141).

        Args:
            classes: as for the class.
            modality: ``rgb`` or ``flow``.
            **kwargs: further arguments of the class; ``weights`` is a path of the CNN's or None.
        """
        sizes = {
            "backbone": "lrcn_hybrid_flow" if modality == "flow" else "lrcn_hybrid",
            "weights": None,
            "feature": "fc6",
            "image_size": 227,
            "frame_size": (240, 320),
            "units": 1024 if modality == "flow" else 256,
            "input_dropout": 0.9,
            "dropout": 0.5,
            "trainable_backbone": True,
            "clip_length": 16,
            "protocol": Protocol(16, 8),
        }
        return cls(classes, modality=modality, **{**sizes, **kwargs})

    @property
    def image_size(self) -> int:
        """Height and width of the CNN's input in pixels."""
        return self.backbone.input_shape[1]

    # === Training ===

    def compile(self, optimizer=None, *, step_power=0.0, **kwargs):
        """Configure training; as ``StepModel.compile``, with two metrics more.

        ``frame_accuracy`` is the share of real frames, ``clip_accuracy`` the share of clips (by the
        mean of their frames' probabilities), whose likeliest class is right.

        Args:
            optimizer: as for ``StepModel.compile``.
            step_power: step t of T has in its clip's loss a weight in proportion to
                ``(t / T) ** step_power``. 0, equal weights, is the paper's; more is for clips
                that are judged at their last step, which has seen all of them.
            **kwargs: those of ``StepModel.compile``.
        """
        self.step_power = step_power
        self.frame_accuracy = keras.metrics.Mean("frame_accuracy")
        self.clip_accuracy = keras.metrics.Mean("clip_accuracy")
        super().compile(optimizer, **kwargs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean cross entropy over all real steps of the global batch, as a scalar.

        Steps have the weights that ``step_power`` says; those of a clip have the mean 1.

        Args:
            x: the model's inputs.
            y: (B,) int32, the clips' classes.
            y_pred: (B, T, K) logits.
            sample_weight: (B,) float, a factor on each clip's loss; None for ones.
            training: whether labels are smoothed.
        """
        lengths = x["lengths"]
        y = ops.cast(y, "int32")
        batch, steps = ops.shape(y_pred)[:2]
        real = ops.cast(step_mask(lengths, steps), "float32")  # (B, T)
        right = ops.cast(ops.argmax(y_pred, axis=-1), "int32") == y[:, None]
        self.frame_accuracy.update_state(right, sample_weight=real)
        total = ops.sum(ops.softmax(y_pred) * real[..., None], axis=1)  # (B, K)
        right = ops.cast(ops.argmax(total, axis=-1), "int32") == y
        self.clip_accuracy.update_state(right, sample_weight=ops.cast(lengths > 0, "float32"))
        weights = None if sample_weight is None else sample_weight[:, None, None]
        if self.step_power:
            factors = rising_factors(lengths, steps, self.step_power)[:, None]
            weights = factors if weights is None else weights * factors
        return super().compute_loss(
            {"lengths": lengths[:, None]},
            ops.broadcast_to(y[:, None, None], (batch, 1, steps)),
            real_steps(y_pred[:, None], lengths[:, None]),
            weights,
            training,
        )

    def prepare(
        self,
        dataset,
        batch_size=8,
        training=False,
        seed=0,
        first_epoch=0,
        first_step=0,
        features=None,
    ):
        """Make a data set into batches for ``fit`` and ``evaluate``.

        In training a clip is ``clip_length`` frames from a random place, with one random crop and
        one variation (see `Augmentation`) for all of them. Otherwise it is the whole clip, cropped
        at the centre. Clips are padded to the batch's longest. One that cannot be read is named on
        stderr and counts for nothing.

        Args:
            dataset: a ``lrcn_keras.datasets.ClipDataset`` of the model's modality and classes.
            batch_size: clips a batch.
            training: whether to shuffle, anew at each pass, and to cut, crop and mirror at random.
            seed: order and augmentation are a function of it, epoch and step.
            first_epoch: number of the first pass.
            first_step: batches of the first pass to leave out.
            features: (views, T, F) float of each clip, for a model with ``backbone=None``, as
                `encode_clip` makes them; a random view is taken in training, the first otherwise.

        Returns:
            ``tf.data.Dataset`` of (inputs, labels (B,) int32).

        Raises:
            ValueError: for a data set of another modality or with other classes.
        """
        if dataset.modality != self.modality:
            raise ValueError(
                f"{dataset.name} has clips of modality {dataset.modality!r}, "
                f"the model takes {self.modality!r}."
            )
        if tuple(dataset.classes) != self.classes:
            raise ValueError(
                f"{dataset.name} has the classes {list(dataset.classes)}, "
                f"the model {list(self.classes)}."
            )
        if (features is None) != (self.backbone is not None):
            raise ValueError("features are for a model without a backbone, which needs them.")
        if features is None:
            read = functools.partial(dataset.read, size=self.frame_size)
            look = functools.partial(
                clip_view,
                clip_length=self.clip_length,
                image_size=self.image_size,
                modality=self.modality,
                augmentation=self.augmentation,
            )
            dtype = "float32" if self.modality == "thermal" else "uint8"
        else:
            read, dtype = features.__getitem__, "float32"
            look = functools.partial(feature_view, clip_length=self.clip_length)
        (entry,) = (x for x in self.inputs if x.name != "lengths")
        return clip_batches(
            read,
            lambda clip, draws: (look(clip, draws),),
            dataset.names,
            [keras.KerasTensor(entry.shape, dtype)],
            labelled(entry.name, dataset.labels),
            batch_size,
            training=training,
            seed=seed,
            first_epoch=first_epoch,
            first_step=first_step,
        )

    # === Recognition ===

    def recognize(self, clips, protocol=None, batch_size=16):
        """Tell what clips show.

        Args:
            clips: one clip or a list of clips. A clip is a path or an array (T, H, W, C) of the
                model's modality: RGB or flow images in [0, 255], grey ones, degrees.
            protocol: a `Protocol` or its config; None for the model's own.
            batch_size: clips whose features are in memory at once.

        Returns:
            A `Recognition`, or a list of them for a list.

        Raises:
            lrcn_keras.MediaError: for a clip that cannot be read.
            ValueError: for a clip without frames.
        """
        if not isinstance(clips, list | tuple):
            return self.recognize([clips], protocol)[0]
        protocol = self._resolved(protocol)
        answers = []
        for start in range(0, len(clips), batch_size):
            features = [self.encode_clip(c, protocol) for c in clips[start : start + batch_size]]
            answers += self.recognize_features(features, protocol)
        return answers

    def recognize_features(self, features, protocol=None) -> list[Recognition]:
        """Tell what clips show from their features.

        Args:
            features: (views, T, F) of each clip, as `encode_clip` makes them; all views count.
            protocol: as for `recognize`; its crops do not matter here.
        """
        protocol = self._resolved(protocol)
        return score_clips(
            features,
            protocol,
            lambda x: ops.convert_to_numpy(self._call("classify", self.classify, x)),
            self.classes,
        )

    def encode_clip(self, clip, protocol=None) -> np.ndarray:
        """Turn a clip into features of all its frames, through each of a protocol's crops.

        Args:
            clip: as for `recognize`.
            protocol: as for `recognize`; its windows do not matter here.

        Returns:
            (crops, T, F) float32. A video is read piece by piece, so long ones fit into memory.
        """
        if self.backbone is None:
            raise ValueError("A model without a backbone sees features, not clips.")
        protocol = self._resolved(protocol)
        pieces = []
        for frames in read_chunks(clip, self.modality, self.frame_size, self.rate):
            crops = protocol.crop(frames, self.image_size, lambda x: mirrored(x, self.modality))
            features = self._call("encode", self.encoder.encode, np.concatenate(crops))
            features = ops.convert_to_numpy(features)
            pieces.append(features.reshape(len(crops), len(frames), -1))
        if not pieces:
            raise ValueError("A clip has no frames.")
        return np.concatenate(pieces, axis=1)

    def classify(self, features):
        """Turn features (B, T, F) into probabilities (B, T, K) float32, inside a graph."""
        return ops.softmax(ops.cast(self.head(features, training=False), "float32"))

    # === Streaming ===

    def initial_state(self, batch_size=1):
        """Return the state before the first frame: [h, c], each (batch_size, units), an LSTM."""
        return [lstm.get_initial_state(batch_size) for lstm in self.lstms]

    def step(self, frame, state):
        """Look at one frame more; the probabilities are those of the whole clip's timeline.

        A stream is seen through the centre crop, whatever the model's protocol says.

        Args:
            frame: (B, H, W, C), integers or floats, of the model's ``frame_size`` (the centre is
                cropped) or ``image_size``; or features (B, F) for a model with ``backbone=None``.
            state: from `initial_state` or from the last `step`.

        Returns:
            Probabilities (B, K) float32 and the new state.
        """
        return self._call("step", self.advance, frame, state)

    def advance(self, frame, state):
        """Do what `step` does, inside a graph."""
        if self.backbone is None:
            return self.advance_feature(frame, state)
        feature = self.encoder.encode(centre(frame, self.image_size))
        return self.advance_feature(feature, state)

    def advance_feature(self, feature, state):
        """Do what `step` does with a frame's feature (B, F), inside a graph."""
        x, new = feature, []
        for lstm, held in zip(self.lstms, state, strict=True):
            x, moved = lstm.step(x, held)
            new.append(moved)
        return ops.softmax(ops.cast(self.logits(x), "float32")), new

    def _resolved(self, protocol) -> Protocol:
        """A protocol, its config, or for None the model's own."""
        protocol = self.protocol if protocol is None else Protocol.of(protocol)
        if protocol.crops == 8 and self.modality == "flow":
            raise ValueError("Flow images cannot be turned for 8 crops: their motion would not.")
        return protocol

    def _call(self, key, function, *inputs):
        """Call a function compiled, which sees later changes of the weights."""
        if key not in self._compiled:
            if keras.backend.backend() == "tensorflow":
                import tensorflow as tf

                function = tf.function(function, autograph=False, reduce_retracing=True)
            self._compiled[key] = function
        return self._compiled[key](*keras.tree.map_structure(ops.convert_to_tensor, inputs))

    # === Variants, export and config ===

    def without_backbone(self) -> "ActivityRecognizer":
        """A recognizer on features made before, with a copy of this one's weights after the CNN."""
        config = self.get_config()
        config |= {"backbone": None, "feature_size": self.backbone.output_shape[-1]}
        copy = type(self).from_config(config)
        copy.head.set_weights(self.head.get_weights())
        return copy

    def with_classes(self, classes) -> "ActivityRecognizer":
        """A copy for other classes; those that both have keep what was learned of them."""
        copy = type(self).from_config({**self.get_config(), "classes": list(classes)})
        if self.backbone is not None:
            copy.backbone.set_weights(self.backbone.get_weights())
        for mine, theirs in zip(copy.lstms, self.lstms, strict=True):
            mine.set_weights(theirs.get_weights())
        shared = [name for name in copy.classes if name in self.classes]
        new = [copy.classes.index(name) for name in shared]
        old = [self.classes.index(name) for name in shared]
        for mine, theirs in zip(copy.logits.weights, self.logits.weights, strict=True):
            values = ops.convert_to_numpy(mine).copy()
            values[..., new] = ops.convert_to_numpy(theirs)[..., old]
            mine.assign(values)
        return copy

    def export(self, filepath):
        """Write a SavedModel that TensorFlow Serving serves and `lrcn_keras.load` reads.

        Signature ``serving_default``: ``clips`` (N, T, H, W, C) uint8 (``thermal``: float32
        degrees) of the model's ``frame_size``, padded, and ``lengths`` (N,) int32, real frames of
        each. It looks at them through the model's protocol and answers with ``labels`` (N,)
        string, ``probabilities`` (N, K) and ``timeline`` (N, T, K), in the order of
        ``assets.extra/labels.txt``; a clip of length 0 has the label "" and zeros.

        Signature ``step``: ``frames`` (N, H, W, C), the next of N streams, and their state, ``h1``
        and ``c1`` (N, units) of the first LSTM, and so on, zeros at the start. It answers with
        ``probabilities`` (N, K) and the new state, ``new_h1``, ``new_c1``, ...

        A model without a backbone takes features instead of frames. Weights are stored once, in
        float16.

        Args:
            filepath: folder to make, such as ``served/1``; a SavedModel there is replaced.

        Raises:
            ValueError: for a folder that holds something else than a SavedModel.
        """
        export_recognizer(self, filepath)

    def get_config(self):
        config = dict(self._config)
        if config["backbone"] == "own":
            config["backbone"] = keras.saving.serialize_keras_object(self.backbone)
        return {
            **config,
            "classes": list(self.classes),
            "augmentation": self.augmentation.get_config(),
            "protocol": self.protocol.get_config(),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if isinstance(config["backbone"], dict):
            config["backbone"] = keras.saving.deserialize_keras_object(config["backbone"])
        return cls(weights=None, **config)
