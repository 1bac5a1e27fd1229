import importlib.metadata
import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import lrcn_keras

ROOMS = (
    "backbones",
    "datasets",
    "decoding",
    "evaluation",
    "layers",
    "media",
    "models",
    "text",
    "training",
    "zoo",
)

# As TensorFlow 2.21 and 2.18 print them on a machine without a GPU.
NOTICES = (
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795613219.301618    7071 port.cc:153] oneDNN custom operations are on. You may "
    "see slightly different numerical results due to floating-point round-off errors from "
    "different computation orders. To turn them off, set the environment variable "
    "`TF_ENABLE_ONEDNN_OPTS=0`.",
    "I0000 00:00:1795613219.301948    7071 cudart_stub.cc:31] Could not find cuda drivers on your "
    "machine, GPU will not be used.",
    "E0000 00:00:1795613231.079681    7617 cuda_platform.cc:52] failed call to cuInit: INTERNAL: "
    "CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)",
    "E0000 00:00:1795613631.869463   11773 cuda_dnn.cc:8310] Unable to register cuDNN factory: "
    "Attempting to register factory for plugin cuDNN when one has already been registered",
)
WARNINGS = (
    "E0000 00:00:1795613231.079681    7617 cuda_platform.cc:52] failed call to cuInit: INTERNAL: "
    "CUDA error: Failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
    "F0000 00:00:1795613219.393627    7071 cpu_feature_guard.cc:161] The TensorFlow library was "
    "compiled to use AVX instructions, but these aren't available on your machine.",
    "a plug-in's own words: naïve",
)


def run_python(code, **environment):
    inherited = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=inherited | environment, capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def talkative_tensorflow(tmp_path):
    """The path of a stand-in for TensorFlow that writes all these lines."""
    (tmp_path / "tensorflow.py").write_text(
        f"""
import os
def say(*lines):
    for line in lines:
        os.write(2, (line + "\\n").encode())
class config:
    def list_physical_devices(kind):
        say({NOTICES[3]!r})
say(*{NOTICES!r}, *{WARNINGS!r}, *{NOTICES!r})
""",
        encoding="utf-8",
    )
    return str(tmp_path)


def test_importing_the_package_is_quick_and_imports_no_tensorflow():
    code = """
import sys, time
start = time.process_time()
import lrcn_keras
seconds = time.process_time() - start
heavy = {"tensorflow", "keras", "numpy", "jax", "torch", "PIL"} & set(sys.modules)
print(seconds, heavy or "light")
"""
    runs = [run_python(code).stdout.split() for _ in range(3)]
    assert {heavy for _, heavy in runs} == {"light"}
    # In the process's own time, which another load on the machine does not stretch.
    assert min(float(seconds) for seconds, _ in runs) < 0.1


def test_first_use_of_tensorflow_says_nothing():
    code = """
import lrcn_keras.layers, keras
print(float(keras.ops.sum(keras.ops.ones(3))))
"""
    done = run_python(code, KERAS_BACKEND="tensorflow")
    assert done.stdout.split() == ["3.0"]
    assert done.stderr == ""


def test_all_but_the_notices_comes_through(talkative_tensorflow):
    done = run_python("import lrcn_keras, tensorflow", PYTHONPATH=talkative_tensorflow)
    assert done.stderr.splitlines() == list(WARNINGS)


def test_a_failing_import_keeps_its_messages(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'no such library\\n')\nraise ImportError('broken')"
    )
    code = """
import lrcn_keras
try:
    import tensorflow
except ImportError as error:
    print(error)
"""
    done = run_python(code, PYTHONPATH=str(tmp_path))
    assert (done.stdout, done.stderr) == ("broken\n", "no such library\n")


@pytest.mark.parametrize("enabled", [True, False])
def test_only_objects_from_before_tensorflow_was_there_are_left_out_of_garbage_collection(
    talkative_tensorflow, enabled
):
    code = f"""
import gc, lrcn_keras
{"" if enabled else "gc.disable()"}
class Node:
    freed = 0
    def __init__(self):
        self.itself = self
    def __del__(self):
        Node.freed += 1
Node()
import tensorflow
print(Node.freed, gc.get_freeze_count() > 0, gc.isenabled())
Node()
gc.collect()
print(Node.freed)
"""
    lines = run_python(code, PYTHONPATH=talkative_tensorflow).stdout.splitlines()
    assert lines == (["1 True True", "2"] if enabled else ["0 False False", "2"])


@pytest.mark.parametrize("level, quiet", [("0", False), ("1", True), ("2", True)])
def test_the_users_log_level_wins(talkative_tensorflow, level, quiet):
    code = "import os, lrcn_keras, tensorflow; print(os.environ['TF_CPP_MIN_LOG_LEVEL'])"
    done = run_python(code, PYTHONPATH=talkative_tensorflow, TF_CPP_MIN_LOG_LEVEL=level)
    assert done.stdout.strip() == level
    assert bool(set(done.stderr.splitlines()) & set(NOTICES)) != quiet


@pytest.mark.parametrize("name", lrcn_keras.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert inspect.getdoc(getattr(lrcn_keras, name))
    assert name in dir(lrcn_keras)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'lode'"):
        _ = lrcn_keras.lode


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_method_is_documented(room):
    module = import_module(f"lrcn_keras.{room}")
    exported = [getattr(module, name) for name in module.__all__]
    undocumented = [
        f"{each.__name__}.{name}"
        for each in filter(inspect.isclass, exported)
        for name, member in vars(each).items()
        if inspect.isroutine(member) or isinstance(member, property)
        # A method that overrides one of Keras's does what Keras says.
        if not name.startswith("_") and not any(hasattr(base, name) for base in each.__bases__)
        if not inspect.getdoc(member)
    ]
    assert not undocumented


def test_the_version_is_that_of_the_distribution():
    assert importlib.metadata.version("lrcn-keras") == lrcn_keras.__version__


def test_the_package_is_typed():
    assert Path(lrcn_keras.__file__).with_name("py.typed").is_file()
