"""Clip to semantic roles: who does what, with what and where."""

import keras
import numpy as np
from keras import ops

from lrcn_keras.models.clip_entry import ClipEntry
from lrcn_keras.models.entry_batches import entry_batches
from lrcn_keras.models.role_head import RoleHead
from lrcn_keras.models.step_model import StepModel, over_replicas
from lrcn_keras.text import RoleLabels


@keras.saving.register_keras_serializable("lrcn_keras")
class RoleRecognizer(StepModel):
    """Learns the roles that a `VideoDescriber` writes from, by the CRF's log-likelihood.

    The loss is the mean over all real captions of the negative log-probability of the labels that
    a caption names, summed over those of the roles that it does not. A caption that names none,
    and a clip that cannot be read, count for nothing.

    Args:
        roles: a ``text.RoleLabels``, or {role: labels}.
        backbone: name of a CNN, a ``keras.Model`` or None, see `ClipEntry`.
        edges: pairs of roles that the CRF joins; None for all, ``[]`` for none.
        dropout: share of the features' entries dropped in training, in [0, 1).
        name: name of the model.
        **entry: how clips are seen, arguments of `ClipEntry`.

    Inputs: a dictionary of ``frames`` (B, T, S, S, C) in [0, 255], or ``features`` (B, T, F), and
    ``frame_lengths`` (B,) int32, real frames of each clip. `prepare` makes them.
    Output: unaries (B, L) float32, for ``role_head.map`` and ``role_head.marginals``.

    Example:
        >>> roles = {"who": ["dog", "man"], "doing": ["running", "sitting"]}
        >>> model = RoleRecognizer(roles, None, feature_size=3)
        >>> clip = {"features": np.ones((1, 4, 3)), "frame_lengths": np.array([4])}
        >>> tuple(model.role_head.map(model(clip)).shape)
        (1, 2)
    """

    def __init__(
        self,
        roles,
        backbone="efficientnet_lite0",
        *,
        edges=None,
        dropout=0.0,
        name="role_recognizer",
        **entry,
    ):
        self.entry = ClipEntry(backbone, **entry)
        self.role_head = RoleHead(roles, edges, dropout, name="role_head")
        unaries = self.role_head(self.entry.features, self.entry.inputs["frame_lengths"])
        super().__init__(self.entry.inputs, unaries, name=name)
        self.roles = self.role_head.roles

    @property
    def backbone(self):
        """The CNN, or None."""
        return self.entry.backbone

    def compile(self, optimizer=None, **kwargs):
        """Configure training; as ``StepModel.compile``, without label smoothing.

        The metric ``nll`` is in nats a caption. ``role_accuracy`` is the share of roles whose label
        is right in the labels that are likeliest together, where the right one is what most of a
        clip's captions name, the first of equals.
        """
        if kwargs.get("label_smoothing"):
            raise ValueError(f"Roles have no label smoothing, got {kwargs['label_smoothing']}.")
        self.role_accuracy = keras.metrics.Mean("role_accuracy")
        super().compile(optimizer, **kwargs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Return the mean negative log-likelihood of the global batch's captions, as a scalar.

        Args:
            x: the model's inputs.
            y: (B, K, R) int32, the labels that each of K captions names, -1 for none.
            y_pred: (B, L) unaries.
            sample_weight: (B, K) float, a factor on each caption's loss; None for ones.
            training: unused.
        """
        y = ops.cast(y, "int32")
        y = ops.where(x["frame_lengths"][:, None, None] > 0, y, -1)
        gold = _most_frequent(y)
        right = ops.cast(self.role_head.map(y_pred) == gold, "float32")
        self.role_accuracy.update_state(right, sample_weight=ops.cast(gold >= 0, "float32"))
        real = ops.cast(ops.any(y >= 0, axis=-1), "float32")  # (B, K)
        nll = -self.role_head.crf.log_likelihood(y_pred, y)
        self.nll.update_state(nll, sample_weight=real)
        if sample_weight is not None:
            nll = nll * sample_weight
        return ops.sum(nll * real) / ops.maximum(over_replicas(ops.sum(real)), 1.0)

    def prepare(
        self,
        dataset,
        batch_size=32,
        training=False,
        seed=0,
        first_epoch=0,
        first_step=0,
        features=None,
    ):
        """Make a data set into batches for ``fit`` and ``evaluate``.

        Args:
            dataset: a ``lrcn_keras.datasets.ClipCaptionDataset`` of the model's modality, or a
                ``CaptionDataset``, whose photos are clips of one frame. If it has annotations of
                the model's roles they are the labels; otherwise the captions name them, as
                ``text.RoleLabels.encode`` says.
            batch_size: clips a batch, each with all its captions.
            training: whether to shuffle, anew at each pass, and to vary clips at random.
            seed: order and variation are a function of it, epoch and step.
            first_epoch: number of the first pass.
            first_step: batches of the first pass to leave out.
            features: (views, T, F) float of each clip, or (N, views, F) of photos, for a model with
                ``backbone=None``; a random view is taken in training, the first otherwise.

        Returns:
            ``tf.data.Dataset`` of (inputs, labels (B, K, R) int32).

        Raises:
            ValueError: for a data set of another modality.
        """
        import tensorflow as tf

        labels = tf.constant(_labels(RoleLabels(self.roles), dataset))
        return entry_batches(
            self.entry,
            dataset,
            lambda inputs, index: (inputs, tf.gather(labels, index)),
            batch_size,
            training=training,
            seed=seed,
            first_epoch=first_epoch,
            first_step=first_step,
            features=features,
        )

    def get_config(self):
        head = self.role_head.get_config()
        own = {key: head[key] for key in ("roles", "edges", "dropout")}
        return {**self.entry.get_config(), **own, "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**ClipEntry.backbone_of(config))


def _most_frequent(labels):
    """(B, K, R) -> (B, R): what is said most often, the first of equals, -1 if nothing is."""
    same = ops.logical_and(labels[:, :, None] == labels[:, None], labels[:, :, None] >= 0)
    first = ops.argmax(ops.sum(ops.cast(same, "int32"), axis=2), axis=1)  # (B, R)
    return ops.take_along_axis(labels, ops.cast(first, "int32")[:, None], axis=1)[:, 0]


def role_examples(roles, dataset) -> list:
    """Find what names a clip's roles: its annotation, if there is one of these roles, or captions.

    Args:
        roles: a ``text.RoleLabels``.
        dataset: a ``lrcn_keras.datasets.ClipCaptionDataset`` or ``CaptionDataset``.

    Returns:
        For each clip a list of what ``roles.encode`` takes.
    """
    annotated = getattr(dataset, "roles", None) or [{}]
    if annotated[0].keys() & roles.labels.keys():
        return [[of_clip] for of_clip in annotated]
    return dataset.captions


def _labels(roles, dataset) -> np.ndarray:
    """What each clip's annotation, or each of its captions, names: (N, K, R) int32."""
    examples = role_examples(roles, dataset)
    labels = np.full((len(examples), max(map(len, examples)), len(roles.labels)), -1, np.int32)
    for row, each in zip(labels, examples, strict=True):
        row[: len(each)] = [roles.encode(example) for example in each]
    return labels
