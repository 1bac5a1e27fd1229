"""Time the captioner's training on features beside the same model in plain Keras.

    python benchmarks/training_step.py [--rounds 3] [--captions 2560] [--units 512]

The paper's factored captioner: two LSTMs, the second sees the image; embeddings as wide as the
LSTMs, 2,917 words, features of 1,280 numbers, dropout 0.5, Adam, clipped gradients, batches of 128
captions as long as Flickr8k's. Each round both train on the same captions, data pipeline included.

Plain Keras: `keras.layers.LSTM` on the word joined with the repeated image feature, batches in
random order padded to 20 steps (the longest of practically every batch), logits at all of them and
a loss with weights. XLA is off, and no mask is given to the LSTMs: both would make it slower. Both
models give the first batch the same loss, which is checked before anything is timed.
"""

import argparse

import lrcn_keras  # before TensorFlow, whose start-up notices it keeps off

# isort: split
import keras
import numpy as np
import tensorflow as tf
from keras import layers
from timing import conditions, markdown, take_turns

WORDS, FEATURE, BATCH, DROPOUT, CAPTIONS_A_PHOTO = 2917, 1280, 128, 0.5, 5
# Of 1,000 captions of Flickr8k's train split, how many have so many steps: words and end token,
# cut at 20. The mean is 11.9.
LENGTHS = {
    3: 1, 4: 4, 5: 11, 6: 28, 7: 64, 8: 82, 9: 94, 10: 109, 11: 108, 12: 102, 13: 92, 14: 79,
    15: 62, 16: 47, 17: 33, 18: 24, 19: 19, 20: 41,
}  # fmt: skip
STEPS = max(LENGTHS)


def random_captions(count):
    """A list of word numbers a caption, with Flickr8k's lengths."""
    rng = np.random.default_rng(0)
    shares = np.array(list(LENGTHS.values())) / sum(LENGTHS.values())
    steps = rng.choice(list(LENGTHS), count, p=shares)
    return [rng.integers(2, WORDS, n - 1).tolist() for n in steps]


class Ours:
    def __init__(self, captions, features, units):
        self.model = lrcn_keras.ImageCaptioner(
            lrcn_keras.Vocabulary(f"w{i}" for i in range(2, WORDS)),
            None,
            feature_size=FEATURE,
            units=units,
            embedding_size=units,
            dropout=DROPOUT,
        )
        self.model.compile()
        names = [str(i) for i in range(len(features))]
        sentences = [" ".join(f"w{i}" for i in ids) for ids in captions]
        owned = [
            sentences[i : i + CAPTIONS_A_PHOTO] for i in range(0, len(captions), CAPTIONS_A_PHOTO)
        ]
        self.dataset = lrcn_keras.datasets.CaptionDataset(
            "random", names, [b""] * len(names), owned
        )
        self.features = features[:, None]  # one view of each photo
        self.batches = self._prepared(training=True)

    def first_loss(self):
        inputs, targets = next(iter(self._prepared(training=False)))
        return float(self.model.compute_loss(inputs, targets, self.model(inputs), training=False))

    def train(self, steps=None):
        self.model.fit(self.batches, steps_per_epoch=steps, verbose=0)

    def _prepared(self, training):
        return self.model.prepare(self.dataset, BATCH, training, features=self.features)


class PlainKeras:
    def __init__(self, captions, features, units):
        tokens = keras.Input((STEPS,), dtype="int32")
        image = keras.Input((FEATURE,))
        x = layers.Dropout(DROPOUT)(layers.Embedding(WORDS, units)(tokens))
        x = layers.Dropout(DROPOUT)(layers.LSTM(units, return_sequences=True)(x))
        x = layers.Concatenate()([x, layers.RepeatVector(STEPS)(image)])
        x = layers.Dropout(DROPOUT)(layers.LSTM(units, return_sequences=True)(x))
        self.model = keras.Model([tokens, image], layers.Dense(WORDS)(x))
        self.model.compile(
            keras.optimizers.Adam(1e-3, global_clipnorm=1.0),
            keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight"
            ),
            jit_compile=False,
        )
        rows, weights = np.zeros((2, len(captions), STEPS + 1), "int32")
        for row, weight, ids in zip(rows, weights, captions, strict=True):
            row[1 : len(ids) + 1] = ids
            weight[: len(ids) + 1] = 1
        owners = np.arange(len(captions)) // CAPTIONS_A_PHOTO
        table = tf.constant(features)
        self.examples = tf.data.Dataset.from_tensor_slices(
            (rows[:, :-1], owners, rows[:, 1:], weights[:, :-1].astype("float32"))
        )
        self.assemble = lambda tokens, owner, targets, weights: (
            (tokens, tf.gather(table, owner)),
            targets,
            weights,
        )
        self.batches = self._batched(self.examples.shuffle(len(captions)))

    def first_loss(self):
        inputs, targets, weights = next(iter(self._batched(self.examples)))
        return float(self.model.loss(targets, self.model(inputs), weights))

    def train(self, steps=None):
        self.model.fit(self.batches, steps_per_epoch=steps, shuffle=False, verbose=0)

    def _batched(self, examples):
        return examples.batch(BATCH).map(self.assemble, tf.data.AUTOTUNE).prefetch(2)


def contenders(dtype, captions, features, units):
    """Both trainings, from the same weights, which must give the same loss."""
    keras.config.set_dtype_policy("mixed_bfloat16" if dtype == "bfloat16" else dtype)
    ours, plain = (kind(captions, features, units) for kind in (Ours, PlainKeras))
    plain.model.set_weights(ours.model.get_weights())
    losses = ours.first_loss(), plain.first_loss()
    if not np.isclose(*losses, rtol=1e-5 if dtype == "float32" else 1e-3):
        raise SystemExit(f"The models differ: their losses in {dtype} are {losses}.")
    for each in (ours, plain):
        each.train(steps=2)  # a whole round would only prolong the warm-up
    return {"lrcn_keras": ours.train, "plain Keras": plain.train}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--captions", type=int, default=2560)
    parser.add_argument("--units", type=int, default=512)
    args = parser.parse_args()
    captions = random_captions(args.captions)
    photos = -(-args.captions // CAPTIONS_A_PHOTO)
    features = np.abs(np.random.default_rng(1).normal(size=(photos, FEATURE))).astype("float32")
    steps, rows = -(-args.captions // BATCH), []
    for dtype in ("float32", "bfloat16"):
        times = take_turns(contenders(dtype, captions, features, args.units), args.rounds, 0)
        peer = np.median(times["plain Keras"][:, 0])
        for name, values in times.items():
            (wall, cpu), least = np.median(values, axis=0), values[:, 0].min()
            numbers = (wall / steps, least / steps, cpu / steps)
            speed = f"{1e3 * args.captions / wall:.0f}"
            rows.append([dtype, name, speed, *map("{:.0f}".format, numbers), f"{peer / wall:.2f}"])
    header = [
        "type",
        "model",
        "captions/s",
        "median ms a step",
        "least",
        "CPU",
        "times plain Keras",
    ]
    print(markdown(header, rows))
    print(f"\n{args.captions} captions, {steps} steps a round. {conditions(args.rounds)}")


if __name__ == "__main__":
    main()
