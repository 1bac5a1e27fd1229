"""How a model that describes clips sees them: which frames, which part of them, which CNN."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from lrcn_keras import backbones
from lrcn_keras.errors import MediaError
from lrcn_keras.media import is_photo, read_clip, read_photo
from lrcn_keras.models.augmentation import Augmentation
from lrcn_keras.models.clips import CHANNELS, centre, clip_view, read_chunks, resized
from lrcn_keras.models.frame_encoder import FrameEncoder
from lrcn_keras.models.frame_stack import FrameStack

_MODALITIES = ("rgb", "grey")


class ClipEntry:
    """The part of a model between a clip and the features (B, T, F) of its frames.

    Args:
        backbone: name of a CNN (see ``lrcn_keras.backbones.names()``), a ``keras.Model`` from
            pixels to a feature, or None for a model on features made before.
        weights: ``"imagenet"``, None for random ones, or a path; for a named backbone.
        feature: which of the backbone's features; None for its default. A map is averaged.
        feature_size: size of the feature; only for ``backbone=None``.
        image_size: height and width of the CNN's input in pixels; None for the backbone's default.
        frame_size: (height, width) that frames are stretched to, before ``image_size`` is cropped
            from them; None for ``image_size``.
        region: (top, left, bottom, right) of the part of the frames that is looked at, in
            fractions of their height and width, cut out before they are stretched; None: all.
        stack: frames that the CNN sees at once, as channels: 3 for the one before, the frame and
            the one after.
        modality: ``rgb`` or ``grey``.
        rate: frames/s at which a video is looked at, where ``frames`` is None; None for its own.
        frames: how many frames of a clip are looked at, from the middle of as many equal parts (in
            training from anywhere in them); None: all.
        trainable_backbone: False, True, or the name of the first layer to train.
        train_batch_norm: whether the backbone's batch normalization, where it trains, uses and
            learns the statistics of its batches, as a CNN from scratch needs it.
        augmentation: an `Augmentation` or its config, how training varies clips; None for
            mirroring half of them.

    Raises:
        ValueError: for arguments that are unknown or contradict each other.

    Attributes:
        inputs: a model's inputs by name: ``frames`` (B, T, S, S, C) in [0, 255] or ``features``
            (B, T, F), and ``frame_lengths`` (B,) int32, real frames of each clip.
        features: (B, T, F), symbolic like them.
    """

    def __init__(
        self,
        backbone="efficientnet_lite0",
        *,
        weights="imagenet",
        feature=None,
        feature_size=None,
        image_size=None,
        frame_size=None,
        region=None,
        stack=1,
        modality="rgb",
        rate=None,
        frames=8,
        trainable_backbone=False,
        train_batch_norm=False,
        augmentation=None,
    ):
        if modality not in _MODALITIES:
            raise ValueError(f"Unknown modality {modality!r}, expected one of {list(_MODALITIES)}.")
        if (backbone is None) != (feature_size is not None):
            raise ValueError(
                "feature_size belongs to backbone=None and to nothing else, "
                f"got backbone={backbone!r}, feature_size={feature_size}."
            )
        if frames is not None and frames < 1:
            raise ValueError(f"frames is a number from 1 on, or None for all, got {frames}.")
        self.region = _checked(region)
        self.modality = modality
        self.rate = rate
        self.frames = frames
        self.augmentation = Augmentation.of(augmentation)
        lengths = keras.Input((), dtype="int32", name="frame_lengths")
        self.backbone = self.encoder = self.stack = self.frame_size = None
        if backbone is None:
            self.features = entry = keras.Input((None, feature_size), name="features")
        else:
            channels = CHANNELS[modality]
            self.backbone = backbones.get(
                backbone,
                weights=weights,
                feature=feature,
                image_size=image_size,
                channels=stack * channels,
                trainable=trainable_backbone,
                train_batch_norm=train_batch_norm,
            )
            self.encoder = FrameEncoder(self.backbone, name="encoder")
            if stack != 1:
                self.stack = FrameStack(stack, name="stack")
            self.frame_size = tuple(frame_size or (self.image_size, self.image_size))
            if min(self.frame_size) < self.image_size:
                raise ValueError(
                    f"frame_size must be at least image_size, {self.image_size} pixels, "
                    f"got {self.frame_size}."
                )
            entry = keras.Input((None, self.image_size, self.image_size, channels), name="frames")
            self.features = self.encode(entry, lengths)
        self.name = entry.name
        self.inputs = {entry.name: entry, "frame_lengths": lengths}
        self._config = {
            # A model is not kept here: Keras would count its weights beside its copy's.
            "backbone": "own" if isinstance(backbone, keras.Model) else backbone,
            "feature": feature,
            "feature_size": feature_size,
            "image_size": image_size,
            "frame_size": None if frame_size is None else list(frame_size),
            "region": None if region is None else list(region),
            "stack": stack,
            "modality": modality,
            "rate": rate,
            "frames": frames,
            "trainable_backbone": trainable_backbone,
            "train_batch_norm": train_batch_norm,
        }
        self._compiled = {}

    @property
    def image_size(self) -> int:
        """Height and width of the CNN's input in pixels."""
        return self.backbone.input_shape[1]

    @property
    def size(self) -> int:
        """F."""
        return self.features.shape[-1]

    @property
    def read_size(self) -> tuple[int, int] | None:
        """(H, W) to which a reader should stretch whole frames; None: it should leave them."""
        return self.frame_size if self.region is None else None

    def encode(self, frames, lengths):
        """Turn frames (B, T, S, S, C) into features (B, T, F), inside a graph."""
        if self.stack is not None:
            frames = self.stack(frames, lengths)
        return self.encoder(frames, lengths)

    def crop(self, frames):
        """Crop frames (..., H, W, C) of ``frame_size`` at the centre, arrays or tensors."""
        return centre(frames, self.image_size)

    def encode_clip(self, clip) -> np.ndarray:
        """Turn a clip into features of the frames that are looked at.

        Args:
            clip: as for `read`.

        Returns:
            (1, t, F) float32: one view.
        """
        if self.backbone is None:
            raise ValueError("A model without a backbone sees features, not clips.")
        frames = self.read(clip)[None]
        given = (ops.convert_to_tensor(frames), ops.convert_to_tensor([frames.shape[1]], "int32"))
        return ops.convert_to_numpy(self._compile(frames.dtype)(*given))

    def _compile(self, dtype):
        """Compile `encode` for frames of a type; it sees later changes of the weights."""
        if dtype not in self._compiled:
            encode = self.encode
            if keras.backend.backend() == "tensorflow":
                import tensorflow as tf

                shape = self.inputs["frames"].shape
                signature = [tf.TensorSpec(shape, dtype), tf.TensorSpec((None,), tf.int32)]
                encode = tf.function(encode, signature, autograph=False)
            self._compiled[dtype] = encode
        return self._compiled[dtype]

    def read(self, clip) -> np.ndarray:
        """Read the frames of a clip that are looked at, or a photo as a clip of one frame.

        Args:
            clip: path of a clip or a photo, array (T, H, W, C) or, of a photo, (H, W, C) of the
                modality in [0, 255], encoded bytes or a ``PIL.Image`` of a photo.

        Returns:
            (t, S, S, C).

        Raises:
            lrcn_keras.MediaError: for a file that cannot be read, or a photo's for a model that
                takes no photos.
            ValueError: for an array of another shape, a clip without frames, or a photo that is no
                file for a model that takes no photos.
        """
        if isinstance(clip, str | Path) and not is_photo(clip):
            if self.frames is None:
                return self._read_whole(clip)
            grey = self.modality == "grey"
            return self.look(read_clip(clip, size=self.read_size, grey=grey, count=self.frames))
        if np.ndim(clip if hasattr(clip, "shape") else None) != 4:
            if isinstance(clip, str | Path) and not self.takes_photos:
                raise MediaError(clip, "is a photo: this model looks at clips only")
            self.check_photos()
            return np.asarray(read_photo(clip, self.image_size))[None]
        clip = np.asarray(clip)
        channels = CHANNELS[self.modality]
        if clip.shape[-1] != channels or not len(clip):
            raise ValueError(
                f"A {self.modality} clip has shape (T, H, W, {channels}), got {clip.shape}."
            )
        return self.look(clip)

    def _read_whole(self, path) -> np.ndarray:
        """Read all frames; a few whole ones are in memory at a time, however long the video is."""
        pieces = read_chunks(path, self.modality, self.read_size, self.rate)
        # Copies: a view would keep the whole frames that it is cut from.
        return np.concatenate([self.look(piece).copy() for piece in pieces])

    @property
    def takes_photos(self) -> bool:
        """Whether a photo can be looked at as a clip of one frame."""
        return self.modality == "rgb" and self.region is None

    def check_photos(self) -> None:
        """Refuse photos where a model looks at clips only.

        Raises:
            ValueError: for grey frames or a region of them.
        """
        if not self.takes_photos:
            raise ValueError(
                "Photos are for models that look at whole RGB frames, this one has "
                f"modality={self.modality!r}, region={self.region}."
            )

    def look(self, frames: np.ndarray, draws: np.ndarray | None = None) -> np.ndarray:
        """Choose, cut, stretch and crop frames, and vary them where there are draws.

        Args:
            frames: (T, H, W, C), whole frames of any size.
            draws: (4,) in [0, 1), as for `clip_view`.

        Returns:
            (t, S, S, C).
        """
        return clip_view(
            self.cut(frames[self.chosen(len(frames), draws)]),
            draws,
            clip_length=None,
            image_size=self.image_size,
            modality=self.modality,
            augmentation=self.augmentation,
        )

    def cut(self, frames: np.ndarray) -> np.ndarray:
        """Cut the region that is looked at out of frames (T, H, W, C), and stretch it."""
        if self.region is not None:
            height, width = frames.shape[1:3]
            top, left, bottom, right = (
                round(edge * side)
                for edge, side in zip(self.region, (height, width) * 2, strict=True)
            )
            frames = frames[:, top : max(bottom, top + 1), left : max(right, left + 1)]
        return resized(frames, self.frame_size)

    def read_count(self, training: bool) -> int | None:
        """Tell how many frames of a clip to read; in training every other is then left out."""
        return self.frames and self.frames * (2 if training else 1)

    def chosen(self, count: int, draws: np.ndarray | None = None) -> np.ndarray:
        """Choose which of ``count`` frames to look at; all where there are no more than wanted."""
        if self.frames is None or count <= self.frames:
            return np.arange(count)
        place = 0.5
        if draws is not None:
            place = np.random.default_rng([*draws.view(np.uint32), 1]).random(self.frames)
        return ((np.arange(self.frames) + place) * count / self.frames).astype(int)

    def get_config(self) -> dict:
        """Return the arguments but for ``weights``."""
        config = dict(self._config)
        if config["backbone"] == "own":
            config["backbone"] = keras.saving.serialize_keras_object(self.backbone)
        return {**config, "augmentation": self.augmentation.get_config()}

    @staticmethod
    def backbone_of(config: dict) -> dict:
        """Make the backbone in a model's config, where it is one of its own; weights are random."""
        config = {**config, "weights": None}
        if isinstance(config["backbone"], dict):
            config["backbone"] = keras.saving.deserialize_keras_object(config["backbone"])
        return config


def _checked(region) -> tuple[float, float, float, float] | None:
    if region is None:
        return None
    region = tuple(region)
    if len(region) != 4 or not (
        0 <= region[0] < region[2] <= 1 and 0 <= region[1] < region[3] <= 1
    ):
        raise ValueError(
            "region is (top, left, bottom, right) in fractions of the frame, with top < bottom and "
            f"left < right, got {region}."
        )
    return region
