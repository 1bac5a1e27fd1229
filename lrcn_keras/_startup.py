"""TensorFlow's start: quicker, and without its notices on stderr; its other words still appear.

TensorFlow announces its libraries' choices and the absence of a GPU before its log level is in
force, so `TF_CPP_MIN_LOG_LEVEL` alone cannot silence it.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

# 303 is the answer of TensorFlow's stand-in for a CUDA driver that is not installed: a driver
# that is there and fails answers otherwise, and that is worth reading.
_NOTICES = (
    r"WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR",
    r".* port\.cc:\d+\] oneDNN custom operations are on\..*",
    r".* cudart_stub\.cc:\d+\] Could not find cuda drivers on your machine.*",
    r".* failed call to cuInit: .*UNKNOWN ERROR \(303\)",
    # Older releases, 2.18 among them, say this on every machine.
    r".*Unable to register cu\w+ factory: .* when one has already been registered",
)


def quiet_tensorflow() -> None:
    """Keep TensorFlow's start-up notices off stderr whenever it comes to be imported.

    Does nothing if ``TF_CPP_MIN_LOG_LEVEL`` is ``0``, which asks for all of them, or if TensorFlow
    is there already. Any other value that the user has set stays; without one it is ``1``:
    warnings and errors. Should the import kill the process, only ``0`` shows its last words.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    if level != "0" and "tensorflow" not in sys.modules:
        sys.meta_path.insert(0, _TensorFlowFinder())


def skip_unused_packages() -> None:
    """Let TensorFlow and Keras do without the packages that they would import and not use.

    They import JAX and Matplotlib wherever these are installed, a fifth of the time of their own
    import, for converters and galleries that no command calls. Only for a process that is ours:
    ``keras.visualization`` takes Matplotlib for missing. Other imports of both packages work.
    """
    _skipped.update(("jax", "matplotlib"))


_skipped: set[str] = set()


class _TensorFlowFinder:
    """Finds TensorFlow and Keras as they would be found without it, but for the loader."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in ("keras", "tensorflow"):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _QuietLoader(spec.loader.name, spec.loader.path)
        return spec


class _QuietLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        # Each of the two imports the other.
        with without_notices(), _without_garbage_collection(), _without_skipped_packages():
            super().exec_module(module)
            if module.__name__ == "tensorflow" and not _has_cuda_driver():
                # Without a driver the search for GPUs finds none, but complains: let it do so now.
                module.config.list_physical_devices("GPU")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """An import makes objects and hardly any garbage: looking for it is a quarter of the time.

    What was imported stays to the end of the process, and so it is frozen: left out of every
    later search, of which the one at exit alone took over a second.
    """
    if not gc.isenabled():
        yield
        return
    gc.collect()  # or garbage that is there already would be frozen too
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


@contextmanager
def _without_skipped_packages() -> Iterator[None]:
    names = _skipped - sys.modules.keys()
    sys.modules.update(dict.fromkeys(names))  # None: the import fails as if it were not installed
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _has_cuda_driver() -> bool:
    import ctypes

    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


@contextmanager
def without_notices() -> Iterator[None]:
    """Hold back what is written to file descriptor 2 and let all but the notices through after."""
    import re
    import tempfile

    try:
        stderr = os.dup(2)
    except OSError:  # a process without a stderr
        yield
        return
    notice = re.compile("|".join(_NOTICES))
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if not notice.fullmatch(line.decode(errors="replace").rstrip()):
                    os.write(2, line)
