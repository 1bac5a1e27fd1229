"""Export a captioner, and ask the SavedModel for captions with nothing but TensorFlow.

python examples/serve_saved_model.py photo.jpg another.png --directory served/captioner/1

TensorFlow Serving serves the same folder:
docker run -p 8501:8501 -v "$PWD/served/captioner:/models/captioner" \
    -e MODEL_NAME=captioner tensorflow/serving
"""

import argparse
from pathlib import Path

import tensorflow as tf


def export(model: str, directory: Path) -> None:
    import lrcn_keras

    lrcn_keras.export(lrcn_keras.load(model), directory)


def ask(directory: Path, photos: list[Path]) -> dict[str, tf.Tensor]:
    """Works where lrcn_keras is not installed."""
    captioner = tf.saved_model.load(str(directory)).signatures["serving_default"]
    return captioner(photos=tf.constant([photo.read_bytes() for photo in photos]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--model", default="coco-captioner", help="name or folder")
    parser.add_argument("--directory", type=Path, default=Path("served/captioner/1"))
    arguments = parser.parse_args()

    if not arguments.directory.exists():
        export(arguments.model, arguments.directory)
    answer = ask(arguments.directory, arguments.photos)
    for index, photo in enumerate(arguments.photos):
        if answer["ok"][index]:
            text = answer["captions"][index].numpy().decode()
            print(f"{photo}: {text} ({answer['log_probs'][index]:.1f})")
        else:
            print(f"{photo}: not a photo")
