"""A recipe: everything that decides what a training ends with, in one TOML file."""

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TASKS = ("image-captioning", "activity-recognition", "video-description")
STAGE_KINDS = ("sentences", "roles", "features", "photos", "clips")
OPTIMIZERS = ("adamw", "sgd")
SCHEDULES = ("cosine", "step")
OWN_CAPTIONS = "own"  # in the place of a file of similar sentences
ROLE_OPTIONS = ("min_count", "max_labels", "dropout", "hidden", "corrupted")


@dataclass(frozen=True)
class Stage:
    """One stretch of training, which starts from the weights that the stage before chose.

    Args:
        name: what the stage is called.
        kind: ``sentences`` trains the language model alone; ``roles`` a describer's unaries and CRF
            on cached features or, with ``trainable_backbone``, from pixels; ``features`` the LSTMs
            on the frozen CNN's cached features; ``photos`` and ``clips`` from pixels.
        epochs: passes over the data.
        batch_size: sentences, captions, clips, or photos (each with all its captions).
        learning_rate: the highest one.
        schedule: ``cosine``: the learning rate falls as a half cosine to a hundredth; ``step``: to
            a tenth every ``decay_steps`` steps.
        warmup_steps: of ``cosine``: steps in which the learning rate rises from 0.
        decay_steps: of ``step``.
        optimizer: ``adamw``, or the paper's ``sgd`` with momentum, see `CaffeSGD`.
        momentum: of ``sgd``.
        head_rate: of ``sgd``: factor on the learning rate of the last layer.
        label_smoothing: share of the target's probability spread over all words, in [0, 1).
        clip_norm: largest global norm of a gradient; 0 for any.
        weight_decay: of ``adamw`` decoupled; of ``sgd`` in the loss.
        ema: momentum of the averaged weights that are scored and kept; 0 for none.
        mixed_bfloat16: whether the LSTMs compute in bfloat16.
        trainable_backbone: of ``roles``, ``photos`` and ``clips``: False, True or the first layer
            that trains.
        step_power: of recognizers: how much more late steps count, see
            `ActivityRecognizer.compile`.
        single_frame: of ``clips``: whether to train, on one frame of each clip, the CNN with a
            classifier and no LSTM; the recipe's model takes the CNN over. The name of a feature,
            such as ``fc7``, puts the classifier there.
        stream: the only one that goes through this stage, ``rgb`` or ``flow``; None for both.
        train: data set of this stage; None for the recipe's.
        similar: text file below the data folder, whose sentences join the captions of the photos
            that they fit, see `datasets.with_similar_sentences`; ``own`` for the photos' captions,
            each for another photo that it fits; None for none.
        mirrored: of ``features``: whether mirrored photos or clips are training views, too.
    """

    name: str
    kind: str
    epochs: int
    batch_size: int = 128
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup_steps: int = 200
    decay_steps: int = 0
    optimizer: str = "adamw"
    momentum: float = 0.9
    head_rate: float = 1.0
    label_smoothing: float = 0.1
    clip_norm: float = 1.0
    weight_decay: float = 0.0
    ema: float = 0.0
    mixed_bfloat16: bool = True
    trainable_backbone: bool | str = False
    step_power: float = 0.0
    single_frame: bool | str = False
    stream: str | None = None
    train: str | None = None
    similar: str | None = None
    mirrored: bool = True

    def __post_init__(self):
        allowed = {"kind": STAGE_KINDS, "optimizer": OPTIMIZERS, "schedule": SCHEDULES}
        for name, values in allowed.items():
            value = getattr(self, name)
            if value not in values:
                raise ValueError(
                    f"Stage {self.name!r}: {name} must be one of {list(values)}, got {value!r}."
                )
        if (self.schedule == "step") != (self.decay_steps > 0):
            raise ValueError(
                f"Stage {self.name!r}: decay_steps, a positive number, belongs to schedule = "
                f'"step", got {self.decay_steps} and {self.schedule!r}.'
            )
        if self.head_rate != 1 and self.optimizer != "sgd":
            raise ValueError(f'Stage {self.name!r}: head_rate belongs to optimizer = "sgd".')
        if self.single_frame and self.kind != "clips":
            raise ValueError(f'Stage {self.name!r}: single_frame belongs to kind = "clips".')


@dataclass(frozen=True)
class Recipe:
    """What `train` follows.

    Args:
        name: name of the model.
        description: one sentence for its card.
        train: data set that is trained on, such as ``flickr8k:train`` or ``a:train+b:train``.
        test: data set that is reported, never chosen on.
        stages: in the order in which they run.
        task: ``image-captioning``, ``activity-recognition`` or ``video-description``.
        dev: data set on whose CIDEr-D or accuracy the epoch is chosen; a recognizer's may be None,
            where there is too little data to choose on: the last epoch's weights are kept then.
        sentences: text files below the data folder for the vocabulary and language stages.
        min_count: how often a word must occur to get into the vocabulary.
        model: arguments of `ImageCaptioner`, `ActivityRecognizer` or `VideoDescriber`; in a file
            "none" is None.
        roles: of a describer with semantic roles: how often a label must occur, ``min_count``, how
            many a role has at most, ``max_labels``, and the share of the features' entries that
            is dropped while roles are learned, ``dropout``. Of data without pixels, where the
            labels themselves are what is seen: the share of them that is ``hidden``, and the share
            that is ``corrupted``, replaced by another label.
        streams: of a two-stream recognizer, what differs in ``rgb``'s and ``flow``'s model.
        fusion: weights of the RGB and the flow stream.
        variants: models to compare with, name -> what differs in the model's arguments, such as
            ``units = "none"`` for the single-frame baseline.
        cross_validate: field of the clips' groups by which ``lrcn evaluate RECIPE`` leaves one
            group out at a time.
        merge: class -> what it is merged into, for further results with fewer classes.
        interval_by: field of the clips' groups that a bootstrap draws, such as ``source``; None
            draws clips.
        decoder: config of the published model's decoder; None for beam search with 5 beams, which
            also chooses the epoch on dev.
        card: what only a person can say on the model's card, such as ``licence`` and ``limits``.
        start: name or path of a published captioner of the same sizes, whose weights are taken
            over; words that it does not know start at random, and so does an ``s2vt`` describer,
            but for the CNN. None for ImageNet's CNN alone.
        seed: decides initial weights, order, augmentation and dropout.
        text: the recipe's source, kept beside the model it makes.
    """

    name: str
    description: str
    train: str
    test: str
    stages: tuple[Stage, ...]
    task: str = "image-captioning"
    dev: str | None = None
    sentences: tuple[str, ...] = ()
    min_count: int = 5
    model: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    streams: dict[str, dict[str, Any]] = field(default_factory=dict)
    fusion: tuple[float, float] = (1 / 3, 2 / 3)
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    cross_validate: str | None = None
    merge: dict[str, str] = field(default_factory=dict)
    interval_by: str | None = None
    decoder: dict[str, Any] | None = None
    card: dict[str, Any] = field(default_factory=dict)
    start: str | None = None
    seed: int = 0
    text: str = field(default="", repr=False)

    def __post_init__(self):
        if self.task not in TASKS:
            raise ValueError(f"{self.name}: task is one of {list(TASKS)}, got {self.task!r}.")
        if self.task != "activity-recognition" and self.dev is None:
            raise ValueError(f"{self.name}: the epoch is chosen on dev, which is missing.")
        if self.task != "activity-recognition" and any(stage.step_power for stage in self.stages):
            raise ValueError(f"{self.name}: step_power is for activity-recognition alone.")
        unknown = sorted(set(self.roles) - set(ROLE_OPTIONS))
        if unknown:
            raise ValueError(f"{self.name}: roles have {list(ROLE_OPTIONS)}, got {unknown}.")
        if set(self.streams) - {"rgb", "flow"}:
            raise ValueError(f"{self.name}: streams are rgb and flow, got {list(self.streams)}.")
        absent = [
            stage.stream for stage in self.stages if stage.stream not in (None, *self.streams)
        ]
        if absent:
            raise ValueError(f"{self.name}: stages of streams that it has not, {absent}.")

    def build(self, kind: Callable[..., Any], *args: Any, **arguments: Any) -> Any:
        """Make the recipe's model.

        Args:
            kind: its class.
            *args: what the class takes before the arguments of ``model``.
            **arguments: those of ``model``.

        Raises:
            ValueError: for an argument that the class does not have.
        """
        try:
            return kind(*args, **arguments, name=self.name.replace("-", "_"))
        except TypeError as error:
            raise ValueError(f"The recipe {self.name}, [model]: {error}") from error

    @classmethod
    def load(cls, path: str | Path) -> "Recipe":
        """Read a recipe.

        Args:
            path: a TOML file: the fields above, and a ``[[stage]]`` table a stage.

        Raises:
            ValueError: for what is not TOML, and for unknown, missing or wrong fields.
        """
        text = Path(path).read_text(encoding="utf-8")
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path} is not TOML: {error}") from error
        stages = tuple(_filled(Stage, entry, path) for entry in table.pop("stage", []))
        if not stages:
            raise ValueError(f"{path} has no [[stage]].")
        table["sentences"] = tuple(table.get("sentences", ()))
        for name in ("model", "streams", "variants"):
            table[name] = _with_none(table.get(name, {}))
        return _filled(cls, {**table, "stages": stages, "text": text}, path)


def _with_none(value: Any) -> Any:
    """TOML cannot say None: "none" stands for it."""
    if isinstance(value, dict):
        return {key: _with_none(entry) for key, entry in value.items()}
    return None if value == "none" else value


def _filled(kind: type, entries: dict[str, Any], path: str | Path) -> Any:
    fields = dataclasses.fields(kind)
    known = {f.name for f in fields}
    unknown = sorted(set(entries) - known)
    if unknown:
        raise ValueError(
            f"{path}: unknown {kind.__name__.lower()} fields {unknown}, known are {sorted(known)}."
        )
    needed = {
        f.name
        for f in fields
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    }
    missing = sorted(needed - set(entries))
    if missing:
        raise ValueError(f"{path}: {kind.__name__.lower()} lacks {missing}.")
    return kind(**entries)
