import json

import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras import storage


class _Weight:
    def __init__(self, path, array):
        self.path, self.shape, self.dtype = path, array.shape, array.dtype.name


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return [
        rng.normal(size=(3, 4)).astype("float32"),
        np.array([1, 2, 4294967295], "uint32"),
        np.float32(0.25),
        rng.normal(size=(300, 100)).astype("float32"),
        *(np.full(1, number, "float32") for number in range(12)),  # two-digit numbers in the keys
    ]


@pytest.fixture
def saved(arrays, tmp_path):
    module = storage.float16_module(arrays)
    serve = tf.function(lambda x: x * tf.cast(module.weights[2], tf.float32))
    signature = serve.get_concrete_function(tf.TensorSpec([None], tf.float32))
    tf.saved_model.save(module, str(tmp_path / "model"), signatures=signature)
    weights = [_Weight(f"layer{number}/kernel", np.asarray(a)) for number, a in enumerate(arrays)]
    storage.write_weight_order(tmp_path / "model", weights, module)
    return tmp_path / "model"


def test_weights_come_back_in_order_rounded_to_float16(arrays, saved):
    restored = storage.read_weights(saved)
    assert len(restored) == len(arrays)
    for array, back in zip(arrays, restored, strict=True):
        array = np.asarray(array)
        assert back.dtype == array.dtype
        expected = array.astype("float16").astype("float32") if array.dtype.kind == "f" else array
        np.testing.assert_array_equal(back, expected)


def test_every_weight_is_stored_once_in_two_bytes(arrays, saved):
    stored = sum(file.stat().st_size for file in (saved / "variables").glob("*.data*"))
    needed = sum(np.size(a) * (2 if np.asarray(a).dtype.kind == "f" else 4) for a in arrays)
    assert needed <= stored < 1.1 * needed


def test_equal_weights_are_stored_once_and_come_back_everywhere(tmp_path):
    a, b = (np.full((200, 100), value, "float32") for value in (1, 2))
    small = [np.zeros(10, "float32"), np.zeros(10, "float32")]  # not worth it
    arrays = [a, b, a.copy(), a[:100], a.astype("int32"), *small]  # others only look alike
    module = storage.float16_module(arrays)
    tf.saved_model.save(module, str(tmp_path))
    weights = [_Weight(f"layer{number}/kernel", array) for number, array in enumerate(arrays)]
    storage.write_weight_order(tmp_path, weights, module)
    stored = sum(file.stat().st_size for file in (tmp_path / "variables").glob("*.data*"))
    assert stored < 1.1 * (2 * a.size * 2 + a.size + a.size * 4)
    entries = json.loads((tmp_path / "assets.extra" / "weights.json").read_text())
    assert [entry.get("same_as") for entry in entries] == [None, None, 0, *[None] * 4]
    for array, back in zip(arrays, storage.read_weights(tmp_path), strict=True):
        np.testing.assert_array_equal(back, array)
        assert back.dtype == array.dtype


def test_a_value_outside_float16_is_refused():
    with pytest.raises(ValueError, match=r"Weight 1 .*100000"):
        storage.float16_module([np.zeros(2, "float32"), np.array([1e5], "float32")])
    with pytest.raises(ValueError, match="nan"):
        storage.float16_module([np.array([np.nan], "float32")])


def test_missing_or_unfitting_weights_are_a_value_error(saved, tmp_path):
    order_file = saved / "assets.extra" / "weights.json"
    order = json.loads(order_file.read_text())
    order_file.write_text(json.dumps(order[:-1]))
    with pytest.raises(ValueError, match="stores 16 weights"):
        storage.read_weights(saved)
    order_file.write_text(json.dumps([*order, order[0]]))
    with pytest.raises(ValueError, match="missing or damaged"):
        storage.read_weights(saved)
    order[0]["shape"] = [4, 3]
    order_file.write_text(json.dumps(order))
    with pytest.raises(ValueError, match="layer0/kernel"):
        storage.read_weights(saved)
    with pytest.raises(ValueError, match="missing or damaged"):
        storage.read_weights(tmp_path / "nothing")


def test_a_truncated_checkpoint_is_a_value_error(saved):
    data = next((saved / "variables").glob("*.data*"))
    data.write_bytes(data.read_bytes()[:1000])
    with pytest.raises(ValueError, match="missing or damaged"):
        storage.read_weights(saved)


def test_hashes_are_sha256_of_every_file(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "a.txt").write_bytes(b"abc")
    (tmp_path / "empty").write_bytes(b"")
    # The two digests are FIPS 180-2's and the well-known one of the empty string.
    assert storage.file_hashes(tmp_path) == {
        "empty": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "model/a.txt": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    }


def test_a_damaged_or_missing_file_is_named(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(100))
    hashes = storage.file_hashes(tmp_path)
    storage.check_hashes(tmp_path, hashes)
    (tmp_path / "b").write_bytes(bytes(99) + b"\1")
    with pytest.raises(ValueError, match=r"/b is damaged"):
        storage.check_hashes(tmp_path, hashes)
    (tmp_path / "a").unlink()
    with pytest.raises(ValueError, match=r"/a is missing"):
        storage.check_hashes(tmp_path, hashes)
