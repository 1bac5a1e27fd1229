"""Time fresh processes: the import, the command's help and the first caption, beside PyTorch.

    python benchmarks/cold_start.py [--model flickr8k-captioner] [--rounds 5]

Each contender is a process of its own. Those that caption import what they need, load the model and
caption one photo twice; "other" is the interpreter's start and end. Seconds, medians of the rounds,
in which the processes take turns; files are in the system's cache, as they are not after a reboot.
"""

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from inputs import captioner, photos
from pytorch_captioner import arguments_of
from timing import conditions, markdown

_PARTS = ("import", "load", "first caption", "second caption")
_BEGIN = """
import json, pickle, sys, time
saved_model, pickled, photo = sys.argv[1:]
photo = open(photo, "rb").read()
parts, last = [], time.perf_counter()
def mark():
    global last
    parts.append(time.perf_counter() - last)
    last += parts[-1]
"""
_END = """
caption()
mark()
caption()
mark()
print(json.dumps(parts))
"""
_IMPORT_AND_LOAD = {
    "lrcn_keras": """
from lrcn_keras import load
mark()
model = load(saved_model)
caption = lambda: model.caption(photo)
mark()
""",
    "its SavedModel": """
import tensorflow as tf
mark()
model = tf.saved_model.load(saved_model)
caption = lambda: model.signatures["serving_default"](photos=tf.constant([photo]))
mark()
""",
    "PyTorch": """
from pytorch_captioner import Captioner
mark()
model = Captioner(*pickle.load(open(pickled, "rb")))
caption = lambda: model.caption([photo])
mark()
""",
}


def commands(model, saved_model, folder):
    """{name: arguments of Python} of all contenders; writes what they read into the folder."""
    photo, pickled = folder / "photo.jpg", folder / "captioner.pickle"
    photo.write_bytes(photos(1)[0])
    pickled.write_bytes(pickle.dumps(arguments_of(model)))
    return {
        "python -c pass": ["-c", "pass"],
        "import lrcn_keras": ["-c", "import lrcn_keras"],
        "lrcn --help": ["-c", "from lrcn_keras.cli.main import main; main()", "--help"],
        **{
            f"caption: {name}": ["-c", _BEGIN + code + _END, saved_model, pickled, photo]
            for name, code in _IMPORT_AND_LOAD.items()
        },
    }


def seconds(arguments, captions):
    """Wall time of a process and, where it captions, of its parts."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=Path(__file__).parent,  # where pytorch_captioner.py is
        capture_output=True,
    )
    whole = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return [whole, *(json.loads(done.stdout.splitlines()[-1]) if captions else [])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="flickr8k-captioner", help="a name or a folder")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        model, saved_model, label = captioner(args.model, directory)
        contenders = commands(model, saved_model, Path(directory))
        times = {name: [] for name in contenders}
        for _ in range(args.rounds + 1):  # the first fills the caches
            for name, arguments in contenders.items():
                times[name].append(seconds(arguments, name.startswith("caption")))
    rows = []
    for name, values in times.items():
        whole, *parts = np.median(values[1:], axis=0)
        other = [whole - sum(parts)] if parts else []
        numbers = [f"{x:.2f}" for x in (whole, np.min(values[1:], axis=0)[0], *other, *parts)]
        rows.append([name, *numbers, *[""] * (len(_PARTS) + 3 - len(numbers))])
    print(markdown(["process", "median s", "least", "other", *_PARTS], rows))
    print(f"\n{label}. {conditions(args.rounds)}")


if __name__ == "__main__":
    main()
