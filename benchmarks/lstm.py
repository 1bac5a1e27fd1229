"""Time a training step of a language model with our LSTM, Keras's and PyTorch's.

    python benchmarks/lstm.py [--rounds 20] [--units 512]

Embeddings as wide as the LSTMs, two LSTMs, 22 steps, batch 128, 2,917 words, cross entropy, plain
SGD. "Least" is the least disturbed round, "CPU" the median processor time of all threads.
"""

import argparse

import lrcn_keras  # before TensorFlow, whose start-up notices it keeps off

# isort: split
import keras
import numpy as np
import tensorflow as tf
from timing import conditions, markdown, take_turns

try:
    import torch
except ImportError:
    torch = None

STEPS, BATCH, WORDS, LAYERS, RATE = 22, 128, 2917, 2, 0.01


def keras_step(lstm, dtype, units, tokens, targets):
    """A function that trains one step with the given LSTM class and returns the loss."""
    policy = "mixed_bfloat16" if dtype == "bfloat16" else dtype
    layers = [keras.Input((STEPS,)), keras.layers.Embedding(WORDS, units, dtype=policy)]
    layers += [lstm(units, return_sequences=True, dtype=policy) for _ in range(LAYERS)]
    model = keras.Sequential([*layers, keras.layers.Dense(WORDS, dtype=policy)])
    weights = [w.value for w in model.trainable_weights]
    tokens, targets = tf.constant(tokens), tf.constant(targets)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            logits = tf.cast(model(tokens, training=True), tf.float32)
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
            )
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(RATE * tf.convert_to_tensor(gradient))
        return loss

    return lambda: float(step())


def torch_step(dtype, units, tokens, targets):
    embedding = torch.nn.Embedding(WORDS, units)
    lstm = torch.nn.LSTM(units, units, LAYERS, batch_first=True)
    dense = torch.nn.Linear(units, WORDS)
    weights = [w for module in (embedding, lstm, dense) for w in module.parameters()]
    optimizer = torch.optim.SGD(weights, RATE)
    tokens = torch.from_numpy(tokens).long()
    targets = torch.from_numpy(targets).long().flatten()

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
            logits = dense(lstm(embedding(tokens))[0])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), targets)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--units", type=int, default=512)
    args = parser.parse_args()
    tokens, targets = np.random.default_rng(0).integers(0, WORDS, (2, BATCH, STEPS), dtype="int32")
    rows = []
    for dtype in ("float32", "bfloat16"):
        given = (dtype, args.units, tokens, targets)
        contenders = {
            "lrcn_keras": keras_step(lrcn_keras.layers.LSTM, *given),
            "Keras": keras_step(keras.layers.LSTM, *given),
        }
        if torch is not None:
            contenders["PyTorch"] = torch_step(*given)
        times = take_turns(contenders, args.rounds)
        keras_median = np.median(times["Keras"][:, 0])
        for name, values in times.items():
            (wall, cpu), least = np.median(values, axis=0), values[:, 0].min()
            numbers = map("{:.0f}".format, (wall, least, cpu))
            rows.append([dtype, name, *numbers, f"{keras_median / wall:.2f}"])
    print(markdown(["type", "LSTM", "median ms", "least", "CPU", "times Keras"], rows))
    print(f"\n{conditions(args.rounds)}")


if __name__ == "__main__":
    main()
