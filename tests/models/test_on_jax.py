import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from lrcn_keras import datasets

_ON_JAX = """
import json, sys
import keras, numpy as np
from lrcn_keras import datasets
from lrcn_keras.models import ImageCaptioner


model = ImageCaptioner.from_config(json.load(open(sys.argv[2] + "/config.json")))
data = datasets.folder(sys.argv[1])
model.compile(keras.optimizers.Adam(0.01))
history = model.fit(model.prepare(data, 12, training=True), epochs=6, verbose=0).history["nll"]
nll = model.evaluate(model.prepare(data, 12), verbose=0, return_dict=True)["nll"]
caption = model.caption(data.photos[0])
np.savez(sys.argv[2] + "/weights.npz", *model.get_weights())
print(json.dumps([keras.backend.backend(), history, nll, caption.text, caption.log_prob]))
"""


def test_a_model_trained_on_jax_is_the_same_under_tensorflow(
    tiny_captioner, photo_folder, tmp_path
):
    pytest.importorskip("jax")
    (tmp_path / "config.json").write_text(json.dumps(tiny_captioner.get_config()))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_ON_JAX), str(photo_folder), str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    backend, history, nll, text, log_prob = json.loads(done.stdout.splitlines()[-1])
    assert backend == "jax"
    assert history[-1] < history[0]
    with np.load(tmp_path / "weights.npz") as archive:
        tiny_captioner.load_weights_from([archive[name] for name in archive.files])
    tiny_captioner.compile()
    data = datasets.folder(photo_folder)
    batches = tiny_captioner.prepare(data, 12)
    again = tiny_captioner.evaluate(batches, verbose=0, return_dict=True)["nll"]
    np.testing.assert_allclose(again, nll, rtol=1e-5)
    caption = tiny_captioner.caption(data.photos[0])
    assert caption.text == text
    np.testing.assert_allclose(caption.log_prob, log_prob, rtol=1e-5)


_RECOGNIZER_ON_JAX = """
import json, sys
import keras, numpy as np
from lrcn_keras.models import ActivityRecognizer

model = ActivityRecognizer.from_config(json.load(open(sys.argv[1] + "/config.json")))
with np.load(sys.argv[1] + "/weights.npz") as archive:
    model.load_weights_from([archive[name] for name in archive.files])
with np.load(sys.argv[1] + "/clip.npz") as archive:
    clip = archive["clip"]
state, said = model.initial_state(1), []
for frame in clip:
    probabilities, state = model.step(frame[None], state)
    said.append(np.array(probabilities)[0].tolist())
print(json.dumps([keras.backend.backend(), model.recognize(clip).timeline.tolist(), said]))
"""


def test_a_recognizer_says_the_same_on_jax(recognizer, clips, tmp_path):
    pytest.importorskip("jax")
    (tmp_path / "config.json").write_text(json.dumps(recognizer.get_config()))
    np.savez(tmp_path / "weights.npz", *recognizer.get_weights())
    np.savez(tmp_path / "clip.npz", clip=clips[0])
    done = subprocess.run(
        [sys.executable, "-c", _RECOGNIZER_ON_JAX, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    backend, timeline, said = json.loads(done.stdout.splitlines()[-1])
    assert backend == "jax"
    expected = recognizer.recognize(clips[0]).timeline
    np.testing.assert_allclose(timeline, expected, atol=1e-4)
    np.testing.assert_allclose(said, expected, atol=1e-4)
