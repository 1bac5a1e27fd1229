"""tf.function with an unknown batch size, SavedModel, jax.jit: the same tokens as eagerly."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from lrcn_keras.decoding import BeamSearch, Greedy, Sampling

DECODERS = [
    Greedy(max_length=6),
    BeamSearch(3, max_length=6, n_best=2, length_penalty=0.5),
    Sampling(samples=4, top_k=5, max_length=6, seed=7),
]
by_name = pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)
on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="graphs of TensorFlow"
)


def graph_of(decoder, model):
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def generate(images):
        return decoder(model.step, model.state(images), tf.shape(images)[0], model.vocabulary)

    return generate


@on_tensorflow
@by_name
def test_one_graph_serves_every_batch_size(decoder, tiny_rnn):
    model = tiny_rnn(4, vocabulary=70, images=5)
    generate = graph_of(decoder, model)
    for count in (1, 5, 0):
        images = model.images[:count]
        graph = generate(images)
        eager = decoder(model.step, model.state(images), count, model.vocabulary)
        for got, expected in zip(graph, eager, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5)
    assert generate.experimental_get_tracing_count() == 1


@on_tensorflow
@by_name
def test_a_saved_model_decodes_without_variables(decoder, tiny_rnn, tmp_path):
    import tensorflow as tf

    model = tiny_rnn(4, vocabulary=70)
    module = tf.Module()
    module.generate = graph_of(decoder, model)
    assert not module.generate.get_concrete_function().variables
    tf.saved_model.save(module, str(tmp_path / "decoder"))
    loaded = tf.saved_model.load(str(tmp_path / "decoder"))
    expected = module.generate(model.images)
    for got, same in zip(loaded.generate(model.images), expected, strict=True):
        np.testing.assert_array_equal(got, same)


SCRIPT = """
import json
import sys
sys.path.insert(0, sys.argv[1])
import jax
import numpy as np
from conftest import TinyRNN
from lrcn_keras import decoding

results = []
for config in json.loads(sys.argv[2]):
    model, decoder = TinyRNN(4, vocabulary=70), decoding.get(config)
    def generate(images):
        return decoder(model.step, model.state(images), len(images), model.vocabulary)
    tokens, log_probs, lengths = (np.asarray(x) for x in jax.jit(generate)(model.images))
    results.append([tokens.tolist(), log_probs.tolist(), lengths.tolist()])
print(json.dumps(results))
"""


def test_jax_compiles_it_to_the_same_tokens(tiny_rnn):
    pytest.importorskip("jax")
    folder = Path(__file__).parent
    configs = json.dumps([decoder.get_config() for decoder in DECODERS])
    path = os.pathsep.join([str(folder.parents[1]), os.environ.get("PYTHONPATH", "")])
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), configs],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    model = tiny_rnn(4, vocabulary=70)
    for decoder, result in zip(DECODERS, json.loads(process.stdout), strict=True):
        tokens, log_probs, lengths = (np.array(x) for x in result)
        for image, i in np.ndindex(lengths.shape):
            caption = tokens[image, i, : lengths[image, i]]
            np.testing.assert_allclose(
                log_probs[image, i], model.log_prob(image, caption), rtol=1e-4
            )
        if decoder.name != "sample":  # draws are the backend's own
            here = decoder(model.step, model.state(), 3, model.vocabulary)
            np.testing.assert_array_equal(np.asarray(here.tokens), tokens)
