"""Training a captioner on the metric itself."""

import keras
import numpy as np
import tensorflow as tf

from lrcn_keras.decoding import Sampling
from lrcn_keras.evaluation import CiderD, ptb_tokenize
from lrcn_keras.models import ImageCaptioner
from lrcn_keras.models.token_model import clip_over_replicas


class CiderReward:
    """CIDEr-D of sampled captions against the training captions.

    Args:
        captions: the reference captions of each photo.
        vocabulary: turns ids into words.
    """

    def __init__(self, captions, vocabulary):
        self._metric = CiderD([[ptb_tokenize(text) for text in texts] for texts in captions])
        self._vocabulary = vocabulary

    def __call__(self, photos: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """Score samples: photo numbers (B,) and ids (B, n, L) -> rewards (B, n) float32."""
        batch, samples, _ = tokens.shape
        texts = [
            ptb_tokenize(self._vocabulary.decode(ids))
            for ids in tokens.reshape(batch * samples, -1)
        ]
        scores = self._metric.scores(texts, np.repeat(photos, samples))
        return scores.reshape(batch, samples).astype(np.float32)


class SelfCritical(keras.Model):
    """Raises the probability of samples that score better than the photo's other samples.

    Self-critical sequence training (Rennie et al. 2017) with the mean of the other samples as the
    baseline: the gradient is that of the expected CIDEr-D.

    Args:
        captioner: a model with ``backbone=None``, which is trained.
        reward: photo numbers (B,), ids (B, n, L) -> (B, n) float32, a numpy function.
        samples: captions drawn a photo.
        seed: of the draws.
    """

    def __init__(self, captioner: ImageCaptioner, reward, samples: int, seed: int):
        super().__init__(name="self_critical")
        self.captioner = captioner
        self.seeds = keras.random.SeedGenerator(seed)
        self.reward_tracker = keras.metrics.Mean("loss")
        self._reward = reward
        self._sampler = Sampling(
            samples=samples,
            max_length=captioner.max_length,
            forbidden=(captioner.vocabulary.unknown_id,),
            seed=self.seeds,
        )
        self.build()

    def build(self, input_shape=None):
        self.built = True

    def compile(self, optimizer, *, label_smoothing=0.0):
        """Configure training; targets are the model's own samples, so nothing is smoothed."""
        self.captioner.compile()
        super().compile(optimizer, jit_compile=False)
        clip_over_replicas(self.optimizer)

    @property
    def metrics(self):
        return [self.reward_tracker]

    def train_step(self, data):
        features, photos = data["features"], data["photos"]
        drawn = self.captioner.generate_from_features(features, self._sampler)
        rewards = tf.numpy_function(self._reward, [photos, drawn.tokens], tf.float32)
        rewards = tf.ensure_shape(rewards, (None, self._sampler.samples))
        others = tf.reduce_sum(rewards, axis=1, keepdims=True) - rewards
        advantage = rewards - others / (self._sampler.samples - 1)

        targets = drawn.tokens[..., : tf.reduce_max(drawn.lengths)]
        inputs = {
            "features": features,
            "tokens": tf.pad(targets[..., :-1], ((0, 0), (0, 0), (1, 0))),  # 0 is the start
            "lengths": drawn.lengths,
        }
        with tf.GradientTape() as tape:
            # Without dropout, as the samples were drawn: the gradient belongs to this policy.
            logits = self.captioner(inputs, training=False)
            loss = self.captioner.compute_loss(
                inputs, targets, logits, sample_weight=advantage, training=False
            )
        variables = self.captioner.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        self.reward_tracker.update_state(-tf.reduce_mean(rewards))
        return {"loss": self.reward_tracker.result()}
