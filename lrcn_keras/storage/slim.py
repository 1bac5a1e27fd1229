"""A SavedModel's graph without the names and notes that nothing reads.

TensorFlow writes every node of a function under the names of the layers it was traced in, repeats
them in each input of another node, and notes the shape of each result. No loader needs that: they
find functions by the functions' names, and infer shapes.
"""

import inspect
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensorflow.core.framework.attr_value_pb2 import AttrValue
    from tensorflow.core.framework.function_pb2 import FunctionDef
    from tensorflow.core.framework.graph_pb2 import GraphDef
    from tensorflow.core.framework.node_def_pb2 import NodeDef
    from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

_SHAPES = "_output_shapes"
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")  # their shapes cannot be inferred
_PLACE = "loc:@"


def slim_saved_model(directory: str | Path) -> None:
    """Make the ``saved_model.pb`` of a SavedModel smaller, by half to three quarters.

    It computes the same; only the last bit may differ, as TensorFlow's optimizer goes by names.
    Whatever can be asked for by name keeps its name: signatures, their arguments and results,
    functions, and nodes outside of functions. Nodes inside, which only error messages show, get
    short names, and stateless functions that are then equal become one.

    Args:
        directory: the SavedModel. Its other files stay as they are but for ``fingerprint.pb``,
            where the two hashes of what changed are cleared.
    """
    from tensorflow.core.protobuf import fingerprint_pb2, saved_model_pb2

    path = Path(directory) / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for graph in saved.meta_graphs:
        _slim(graph)
    path.write_bytes(saved.SerializeToString(deterministic=True))
    path = path.with_name("fingerprint.pb")
    if path.is_file():
        fingerprint = fingerprint_pb2.FingerprintDef.FromString(path.read_bytes())
        fingerprint.saved_model_checksum = fingerprint.graph_def_program_hash = 0
        path.write_bytes(fingerprint.SerializeToString(deterministic=True))


def _slim(graph: "MetaGraphDef") -> None:
    library = graph.graph_def.library
    public = graph.object_graph_def.concrete_functions
    as_ops = {node.op for function in library.function for node in function.node_def}
    as_ops |= {node.op for node in graph.graph_def.node}
    captured: dict[str, set[str]] = {}  # what gradients read of other functions
    for node in graph.object_graph_def.nodes:
        if node.HasField("captured_tensor"):
            place = captured.setdefault(node.captured_tensor.concrete_function, set())
            place.add(node.captured_tensor.name.partition(":")[0])
    for function in library.function:
        name = function.signature.name
        arguments = len(function.signature.input_arg)
        own = arguments - len(public[name].bound_inputs) if name in public else 0
        for number in range(own, arguments):  # the attribute `_input_shapes` has their shapes
            function.arg_attr.pop(number, None)
        if name not in as_ops:
            _shorten_names(function, own, name in public, captured.get(name, ()))
        _drop_notes(function.node_def)
    _drop_notes(graph.graph_def.node)
    graph.graph_def.ClearField("debug_info")
    named = {*public, *as_ops, *captured, *graph.meta_info_def.function_aliases}
    named |= {gradient.gradient_func for gradient in library.registered_gradients}
    named |= {gradient.function_name for gradient in library.gradient}
    named |= {gradient.gradient_func for gradient in library.gradient}
    while _merge_equals(graph.graph_def, named):  # equal callees make equal callers
        pass


def _shorten_names(
    function: "FunctionDef", own: int, public: bool, captured: Collection[str]
) -> None:
    """Rename nodes, arguments but the first ``own``, and results unless they are public."""
    signature = function.signature
    kept = {*captured, *(arg.name for arg in signature.input_arg[:own])}
    kept |= {node.name for node in function.node_def if _names_a_resource(node.op)}
    fresh = (name for name in (f"n{number:x}" for number in count()) if name not in kept)
    names = {name: name for name in kept}
    for item in (*signature.input_arg, *function.node_def):
        if item.name not in kept:
            names[item.name] = item.name = next(fresh)

    def renamed(tensor: str) -> str:  # "argument", "node:result:0" or "^node"
        name, colon, rest = tensor.removeprefix("^").partition(":")
        return "^" * tensor.startswith("^") + names[name] + colon + rest

    for node in function.node_def:
        node.input[:] = map(renamed, node.input)
        if "_class" in node.attr:
            _rename_places(node.attr["_class"], names)
    results = [(arg, renamed(function.ret[arg.name])) for arg in signature.output_arg]
    function.ret.clear()
    for number, (arg, tensor) in enumerate(results):
        arg.name = arg.name if public else f"r{number}"
        function.ret[arg.name] = tensor
    controls = [names[function.control_ret[key]] for key in signature.control_output]
    signature.control_output[:] = [f"c{number}" for number in range(len(controls))]
    function.control_ret.clear()
    function.control_ret.update(zip(signature.control_output, controls, strict=True))


def _rename_places(places: "AttrValue", names: Mapping[str, str]) -> None:
    """Rename the nodes that a node shall be on one device with."""
    old = [place.decode().removeprefix(_PLACE) for place in places.list.s]
    places.list.s[:] = [f"{_PLACE}{names.get(name, name)}".encode() for name in old]


@cache
def _names_a_resource(op: str) -> bool:
    """Whether a node's name may be that of a table, say, which other functions use."""
    import tensorflow as tf

    return (
        hasattr(tf.raw_ops, op)
        and "shared_name" in inspect.signature(getattr(tf.raw_ops, op)).parameters
    )


def _drop_notes(nodes: Iterable["NodeDef"]) -> None:
    for node in nodes:
        node.ClearField("experimental_debug_info")
        if node.op not in _CALLS:
            node.attr.pop(_SHAPES, None)
        if node.op == "VarHandleOp":
            node.attr.pop("debug_name", None)


def _merge_equals(graph: "GraphDef", named: Collection[str]) -> bool:
    """Keep the first of equal functions.

    State is a function's own, and so are names that are used outside of nodes.
    """
    first: dict[bytes, str] = {}
    equals = {}
    for function in graph.library.function:
        name = function.signature.name
        if name not in named and not function.signature.is_stateful:
            function.signature.name = ""
            equals[name] = first.setdefault(function.SerializeToString(deterministic=True), name)
            function.signature.name = name
    again = {name: kept for name, kept in equals.items() if name != kept}
    for node in (*graph.node, *(n for each in graph.library.function for n in each.node_def)):
        for value in node.attr.values():
            for called in (value.func, *value.list.func):
                if called.name in again:  # to set it would make a function of another value
                    called.name = again[called.name]
    kept = [each for each in graph.library.function if each.signature.name not in again]
    del graph.library.function[:]
    graph.library.function.extend(kept)
    return bool(again)
