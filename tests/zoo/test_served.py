import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import lrcn_keras
from lrcn_keras.media import read_photo
from lrcn_keras.models import ImageCaptioner

SERVE = """
import json, sys
sys.modules["lrcn_keras"] = None  # as if it were not installed
import tensorflow as tf
photos = [open(path, "rb").read() for path in sys.argv[2:]]
signature = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answer = signature(photos=tf.constant(photos))
print(json.dumps([text.decode() for text in answer["captions"].numpy()]))
print(json.dumps(answer["log_probs"].numpy().tolist()))
print(json.dumps(answer["ok"].numpy().tolist()))
"""


@pytest.fixture(scope="module")
def signatures(saved):
    loaded = tf.saved_model.load(str(saved / "model"))
    return loaded.signatures


def test_a_process_without_the_package_serves_the_same_captions(
    saved, captioner, photos, photo_folder, tmp_path
):
    paths = sorted((photo_folder / "photos").iterdir())
    (tmp_path / "bad.jpg").write_bytes(photos[1][:100])
    paths.insert(3, tmp_path / "bad.jpg")
    command = [sys.executable, "-I", "-c", SERVE, saved / "model", *paths]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240)
    assert done.returncode == 0, done.stderr
    texts, log_probs, ok = map(json.loads, done.stdout.splitlines())
    assert ok == [True] * 3 + [False] + [True] * 9
    assert (texts.pop(3), log_probs.pop(3)) == ("", -np.inf)
    expected = captioner.caption(photos)
    assert texts == [caption.text for caption in expected]
    assert len(set(texts)) > 3  # otherwise it would prove little
    np.testing.assert_allclose(log_probs, [c.log_prob for c in expected], rtol=1e-4)


def test_alternatives_are_those_of_python(signatures, captioner, photos):
    answer = signatures["serving_default"](photos=tf.constant(photos[:4]))
    for caption, texts, log_probs in zip(
        captioner.caption(photos[:4]),
        answer["alternatives"].numpy(),
        answer["alternative_log_probs"].numpy(),
        strict=True,
    ):
        assert [text.decode() for text in texts] == [text for text, _ in caption.alternatives]
        np.testing.assert_allclose(log_probs, [x for _, x in caption.alternatives], rtol=1e-4)


def test_pixels_give_the_captions_of_their_photos(signatures, photos):
    images = np.stack([read_photo(photo, 32) for photo in photos])
    from_pixels = signatures["pixels"](images=tf.constant(images))
    from_photos = signatures["serving_default"](photos=tf.constant(photos))
    for name, answer in from_photos.items():
        np.testing.assert_array_equal(from_pixels[name], answer)


@pytest.mark.parametrize("bad", [[], [b""], [b"", b"no photo", b"\xff\xd8\xff"]])
def test_no_photos_and_only_bad_ones_are_answered(signatures, bad):
    answer = signatures["serving_default"](photos=tf.constant(bad, tf.string))
    assert answer["ok"].numpy().tolist() == [False] * len(bad)
    assert answer["captions"].numpy().tolist() == [b""] * len(bad)
    assert answer["log_probs"].numpy().tolist() == [-np.inf] * len(bad)
    assert answer["alternatives"].shape == (len(bad), 4)
    assert answer["alternative_log_probs"].shape == (len(bad), 4)


def test_every_weight_is_stored_once_in_float16(saved, captioner):
    reader = tf.train.load_checkpoint(str(saved / "model" / "variables" / "variables"))
    shapes = reader.get_variable_to_shape_map()
    shapes.pop("_CHECKPOINTABLE_OBJECT_GRAPH")
    types = reader.get_variable_to_dtype_map()
    assert {types[name] for name in shapes} == {tf.float16}
    assert sum(map(np.prod, shapes.values())) == captioner.count_params()


def test_the_graph_holds_no_weights_and_nothing_of_python(saved):
    file = tf.io.gfile.GFile(str(saved / "model" / "saved_model.pb"), "rb")
    from tensorflow.core.protobuf import saved_model_pb2

    with file:
        (graph,) = saved_model_pb2.SavedModel.FromString(file.read()).meta_graphs
    functions = graph.graph_def.library.function
    nodes = [*graph.graph_def.node, *(node for each in functions for node in each.node_def)]
    assert len(nodes) > 100
    assert not [node.op for node in nodes if "PyFunc" in node.op]
    constants = [node.attr["value"].tensor for node in nodes if node.op == "Const"]
    floats = [c for c in constants if c.dtype == tf.float32.as_datatype_enum]
    assert max(sum(d.size for d in c.tensor_shape.dim) for c in floats) < 100


def test_a_greedy_export_answers_as_the_greedy_decoder(captioner, photos, tmp_path):
    captioner.export(tmp_path / "served" / "1", decoder="greedy")
    loaded = tf.saved_model.load(str(tmp_path / "served" / "1"))
    answer = loaded.signatures["serving_default"](photos=tf.constant(photos))
    expected = [caption.text for caption in captioner.caption(photos, decoder="greedy")]
    assert [text.decode() for text in answer["captions"].numpy()] == expected
    assert answer["alternatives"].shape == (len(photos), 0)
    again = lrcn_keras.load(tmp_path / "served" / "1")
    assert [caption.text for caption in again.caption(photos)] == expected


def test_a_captioner_of_features_serves_features(tiny_vocabulary, tmp_path):
    model = ImageCaptioner(tiny_vocabulary, None, feature_size=5, units=8, embedding_size=8)
    lrcn_keras.save(model, tmp_path / "head")
    features = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
    loaded = tf.saved_model.load(str(tmp_path / "head" / "model"))
    answer = loaded.signatures["serving_default"](features=tf.constant(features))
    again = lrcn_keras.load(tmp_path / "head")
    expected = again.to_captions(again.generate_from_features(features))
    assert [t.decode() for t in answer["captions"].numpy()] == [c.text for c in expected]
    assert lrcn_keras.card(tmp_path / "head")["image_size"] is None


def test_other_folders_are_not_replaced(captioner, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match="is there already"):
        captioner.export(tmp_path)
    with pytest.raises(ValueError, match="is there already"):
        lrcn_keras.save(captioner, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_only_models_of_the_package_are_saved(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for write in (lrcn_keras.save, lrcn_keras.export):
        with pytest.raises(
            ValueError, match="Only these can be saved: ImageCaptioner, .*; got Sequential"
        ):
            write(model, tmp_path / "other")
