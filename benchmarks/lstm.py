"""Time a training step of a language model with our LSTM, Keras's and PyTorch's.

    python benchmarks/lstm.py [rounds]

Embedding 512, two LSTMs of 512, 22 steps, batch 128, 2,917 words, cross entropy, plain SGD. The
contenders take turns, so that other load on the machine meets all alike; "least" is the least
disturbed round, "CPU" the processor time of the median round, which counts all threads.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console
from rich.table import Table

import lrcn_keras.layers

try:
    import torch
except ImportError:
    torch = None

STEPS, BATCH, UNITS, WORDS, LAYERS, RATE = 22, 128, 512, 2917, 2, 0.01


def keras_step(lstm, dtype, tokens, targets):
    """A function that trains one step with the given LSTM class and returns the loss."""
    policy = "mixed_bfloat16" if dtype == "bfloat16" else dtype
    layers = [keras.Input((STEPS,)), keras.layers.Embedding(WORDS, UNITS, dtype=policy)]
    layers += [lstm(UNITS, return_sequences=True, dtype=policy) for _ in range(LAYERS)]
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


def torch_step(dtype, tokens, targets):
    embedding = torch.nn.Embedding(WORDS, UNITS)
    lstm = torch.nn.LSTM(UNITS, UNITS, LAYERS, batch_first=True)
    dense = torch.nn.Linear(UNITS, WORDS)
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


def measure(contenders, rounds):
    """Wall and CPU time of every contender, {name: (rounds, 2) ms}; two rounds warm up."""
    times = {name: [] for name in contenders}
    for _ in range(rounds + 2):
        for name, step in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            step()
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {name: 1e3 * np.array(values[2:]) for name, values in times.items()}


def main(rounds=20):
    rng = np.random.default_rng(0)
    tokens, targets = rng.integers(0, WORDS, (2, BATCH, STEPS), dtype="int32")
    table = Table("type", "LSTM", "median ms", "least ms", "CPU ms", "Keras's median / this")
    for dtype in ("float32", "bfloat16"):
        contenders = {
            "ours": keras_step(lrcn_keras.layers.LSTM, dtype, tokens, targets),
            "Keras": keras_step(keras.layers.LSTM, dtype, tokens, targets),
        }
        if torch is not None:
            contenders["PyTorch"] = torch_step(dtype, tokens, targets)
        times = measure(contenders, rounds)
        keras_median = np.median(times["Keras"][:, 0])
        for name, values in times.items():
            (wall, cpu), least = np.median(values, axis=0), values[:, 0].min()
            numbers = (f"{wall:.0f}", f"{least:.0f}", f"{cpu:.0f}", f"{keras_median / wall:.2f}")
            table.add_row(dtype, name, *numbers)
    Console().print(table)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
