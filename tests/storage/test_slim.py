import shutil

import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from lrcn_keras.storage.slim import slim_saved_model


class Words(tf.Module):
    """A loop, a branch, tables, strings, a state, and a gradient that reads a loop's results."""

    def __init__(self):
        super().__init__()
        self.weight = tf.Variable([2.0, 3.0])
        self.calls = tf.Variable(0)
        words = tf.lookup.KeyValueTensorInitializer(["one", "two"], [1, 2])
        self.table = tf.lookup.StaticHashTable(words, default_value=0)
        self.names = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer([1, 2], ["one", "two"]), default_value="?"
        )

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "sentences")])
    def count(self, sentences):
        """The sum of a sentence's numbers, and that number's name."""

        def total(sentence):
            numbers = self.table.lookup(tf.strings.split(sentence))
            return tf.while_loop(
                lambda place, _: place < tf.size(numbers),
                lambda place, total: (place + 1, total + numbers[place]),
                (0, 0),
            )[1]

        with tf.name_scope("a_scope_with_a_name_that_is_as_long_as_those_of_nested_layers_are"):
            sums = tf.map_fn(total, sentences, fn_output_signature=tf.int32)
            names = tf.cond(
                tf.size(sums) > 1,
                lambda: self.names.lookup(sums),
                lambda: tf.strings.as_string(sums),
            )
        return {"sums": sums, "names": names}

    @tf.function(input_signature=[tf.TensorSpec([2], name="x"), tf.TensorSpec([2], name="n0")])
    def scale(self, x, n0):
        """weight ** 3 * x + n0, and how often it was called."""

        @tf.custom_gradient
        def cubed(weight):
            power = tf.while_loop(
                lambda n, _: n < 3, lambda n, p: (n + 1, p * weight), (0, tf.ones(2))
            )[1]
            return power, lambda gradient: gradient * power

        with tf.control_dependencies([self.calls.assign_add(1)]):
            return {"y": cubed(self.weight) * x + n0, "calls": self.calls.read_value()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """As TensorFlow wrote it, and slim."""
    full, slim = (tmp_path_factory.mktemp("saved") / name for name in ("full", "slim"))
    module = Words()
    tf.saved_model.save(module, str(full), {"count": module.count, "scale": module.scale})
    shutil.copytree(full, slim)
    slim_saved_model(slim)
    return full, slim


def graph_of(folder):
    data = (folder / "saved_model.pb").read_bytes()
    return saved_model_pb2.SavedModel.FromString(data).meta_graphs[0]


def test_signatures_answer_as_they_must(folders):
    signatures = tf.saved_model.load(str(folders[1])).signatures
    answer = signatures["count"](sentences=tf.constant(["one one", "", "one more one none"]))
    assert answer["sums"].numpy().tolist() == [2, 0, 2]
    assert answer["names"].numpy().tolist() == [b"two", b"?", b"two"]
    answer = signatures["count"](sentences=tf.constant(["two one two"]))
    assert answer["names"].numpy().tolist() == [b"5"]
    for call in (1, 2):
        answer = signatures["scale"](x=tf.constant([1.0, 10.0]), n0=tf.constant([0.5, 0.25]))
        assert answer["y"].numpy().tolist() == [8.5, 270.25]
        assert answer["calls"].numpy() == call


def test_the_trackable_object_is_what_it_was(folders):
    full, slim = (tf.saved_model.load(str(folder)) for folder in folders)
    assert slim.weight.numpy().tolist() == [2.0, 3.0]
    with tf.GradientTape() as tape:  # by the module's own rule: power * x
        y = slim.scale(tf.constant([1.0, 10.0]), tf.zeros(2))["y"]
    assert tape.gradient(y, slim.weight).numpy().tolist() == [8.0, 270.0]
    for name, signature in full.signatures.items():
        ours = slim.signatures[name]
        assert ours.structured_input_signature == signature.structured_input_signature
        assert ours.structured_outputs == signature.structured_outputs


def test_sessions_answer_as_they_must(folders):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        loaded = tf.compat.v1.saved_model.load(session, ["serve"], str(folders[1]))
        signature = loaded.signature_def["count"]
        answer = session.run(
            {key: info.name for key, info in signature.outputs.items()},
            {signature.inputs["sentences"].name: ["two", "one"]},
        )
    assert answer["sums"].tolist() == [2, 1]
    assert answer["names"].tolist() == [b"two", b"one"]


def test_a_slim_model_can_be_saved_again(folders, tmp_path):
    loaded = tf.saved_model.load(str(folders[1]))
    tf.saved_model.save(loaded, str(tmp_path), dict(loaded.signatures))
    slim_saved_model(tmp_path)
    answer = tf.saved_model.load(str(tmp_path)).signatures["count"](tf.constant(["one", "two"]))
    assert answer["names"].numpy().tolist() == [b"one", b"two"]


def test_what_is_asked_for_by_name_stays(folders):
    full, slim = map(graph_of, folders)
    for field in ("signature_def", "object_graph_def", "saver_def", "collection_def"):
        assert str(getattr(full, field)) == str(getattr(slim, field))
    outside = [[(node.name, list(node.input)) for node in g.graph_def.node] for g in (full, slim)]
    assert outside[0] == outside[1]


def test_names_and_notes_inside_are_gone_and_operations_stay(folders):
    full, slim = (
        {each.signature.name: each for each in graph_of(folder).graph_def.library.function}
        for folder in folders
    )
    assert set(slim) <= set(full)
    for name, function in slim.items():
        ours, theirs = ([node.op for node in each.node_def] for each in (function, full[name]))
        assert ours == theirs
    nodes = [node for function in slim.values() for node in function.node_def]
    assert not [node.name for node in nodes if "a_scope_with_a_name" in node.name]
    noted = {node.op for node in nodes if "_output_shapes" in node.attr}
    assert noted <= {"PartitionedCall", "StatefulPartitionedCall"}
    sizes = [sum(each.ByteSize() for each in library.values()) for library in (slim, full)]
    assert sizes[0] < 0.5 * sizes[1]


@pytest.mark.parametrize(("stateful", "loops"), [(False, 1), (True, 2)])
def test_equal_functions_become_one_unless_each_has_a_state(tmp_path, stateful, loops):
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def twice(x):
        def double(value):
            return value + value + (0.0 * tf.random.uniform([], seed=1) if stateful else 0.0)

        return {"y": tf.map_fn(double, x) + tf.map_fn(double, x)}

    tf.saved_model.save(module, str(tmp_path), {"twice": twice})
    slim_saved_model(tmp_path)
    names = [each.signature.name for each in graph_of(tmp_path).graph_def.library.function]
    assert len([name for name in names if "while_body" in name]) == loops
    answer = tf.saved_model.load(str(tmp_path)).signatures["twice"](tf.constant([1.0, 2.0]))
    assert answer["y"].numpy().tolist() == [4.0, 8.0]


def test_hashes_of_what_changed_are_cleared(folders):
    full, slim = (tf.saved_model.experimental.read_fingerprint(str(f)) for f in folders)
    assert full.saved_model_checksum and full.graph_def_program_hash
    assert (slim.saved_model_checksum, slim.graph_def_program_hash) == (0, 0)
    assert slim.checkpoint_hash == full.checkpoint_hash
