"""What the benchmarks share: rounds in which contenders take turns, and a table that says where."""

import importlib.metadata
import os
import platform
import time
from pathlib import Path

import numpy as np

_PACKAGES = {
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "torch": "PyTorch",
    "opencv-python-headless": "OpenCV",
    "pillow": "Pillow",
    "lrcn-keras": "lrcn_keras",
}
_THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


def take_turns(contenders, rounds, warm_up=2):
    """Time functions in turn, so that other load on the machine meets all alike.

    Args:
        contenders: {name: function without arguments}.
        rounds: calls of each that count.
        warm_up: calls of each before, which do not.

    Returns:
        {name: (rounds, 2) ms}, wall time and processor time of all threads.
    """
    times = {name: [] for name in contenders}
    for _ in range(warm_up + rounds):
        for name, run in contenders.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {name: 1e3 * np.array(values[warm_up:]) for name, values in times.items()}


def conditions(rounds) -> str:
    """Where, with what and how often was timed, in one line."""
    limits = [f"{name}={os.environ[name]}" for name in _THREADS if name in os.environ]
    threads = ", ".join(limits) or "as many threads"
    return (
        f"{_cpu()}, {os.cpu_count()} cores, {threads}, load {os.getloadavg()[0]:.1f} at the end; "
        f"Python {platform.python_version()}, {', '.join(_versions())}; {rounds} rounds in turn."
    )


def markdown(header, rows) -> str:
    """A Markdown table; all columns but the text ones at the left are set flush right."""
    rows = [[str(cell) for cell in row] for row in rows]
    numeric = [all(_is_number(row[i]) for row in rows) for i in range(len(header))]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]

    def line(cells):
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        )
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + (":" if right else "-")
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "\n".join(map(line, [header, rule, *rows]))


def _is_number(cell) -> bool:
    return not cell or cell.replace(".", "").replace(",", "").isdigit()


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions():
    for package, name in _PACKAGES.items():
        try:
            yield f"{name} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            continue
