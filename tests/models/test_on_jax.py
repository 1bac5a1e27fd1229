import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from lrcn_keras import datasets
from lrcn_keras.models import VideoDescriber

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


_CLIPS_ON_JAX = """
import json, sys
import keras, numpy as np
from lrcn_keras.models import ActivityRecognizer, VideoDescriber

def stored(kind, name):
    model = kind.from_config(json.load(open(f"{sys.argv[1]}/{name}.json")))
    with np.load(f"{sys.argv[1]}/{name}.npz") as archive:
        model.load_weights_from([archive[name] for name in archive.files])
    return model

with np.load(sys.argv[1] + "/given.npz") as given:
    clip, features = given["clip"], [given["long"], given["short"]]
model = stored(ActivityRecognizer, "recognizer")
state, steps = model.initial_state(1), []
for frame in clip:
    probabilities, state = model.step(frame[None], state)
    steps.append(np.array(probabilities)[0].tolist())
descriptions = {}
for variant in ("c", "s2vt"):
    found = stored(VideoDescriber, variant).describe_features(features, "greedy")
    descriptions[variant] = [[d.text, d.log_prob, d.roles] for d in found]
timeline = model.recognize(clip).timeline.tolist()
print(json.dumps([keras.backend.backend(), timeline, steps, descriptions]))
"""


def test_recognizers_and_describers_say_the_same_on_jax(recognizer, clips, tmp_path):
    pytest.importorskip("jax")
    roles = {"who": ["dog", "cat"], "doing": ["running", "sitting", "lying"]}
    rng = np.random.default_rng(0)
    models = {"recognizer": recognizer}
    for variant, of_variant in (("c", roles), ("s2vt", None)):
        options = {"feature_size": 6, "variant": variant, "roles": of_variant}
        words = ["<eos>", "<unk>", "a", "dog", "cat", "runs"]
        model = VideoDescriber(words, None, units=8, embedding_size=8, **options)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        models[variant] = model
    for name, model in models.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(model.get_config()))
        np.savez(tmp_path / f"{name}.npz", *model.get_weights())
    features = [rng.normal(size=(1, steps, 6)) for steps in (5, 2)]
    np.savez(tmp_path / "given.npz", clip=clips[0], long=features[0], short=features[1])
    done = subprocess.run(
        [sys.executable, "-c", _CLIPS_ON_JAX, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    backend, timeline, steps, descriptions = json.loads(done.stdout.splitlines()[-1])
    assert backend == "jax"
    expected = recognizer.recognize(clips[0]).timeline
    np.testing.assert_allclose(timeline, expected, atol=1e-4)
    np.testing.assert_allclose(steps, expected, atol=1e-4)
    for variant, found in descriptions.items():
        expected = models[variant].describe_features(features, "greedy")
        for (text, log_prob, of_clip), mine in zip(found, expected, strict=True):
            assert text == mine.text
            np.testing.assert_allclose(log_prob, mine.log_prob, rtol=1e-4)
            for role, labels in (mine.roles or {}).items():
                np.testing.assert_allclose(
                    list(of_clip[role].values()), list(labels.values()), atol=1e-5
                )
