"""Time encoded photos to sentences, beam search with 5 beams, beside PyTorch and the SavedModel.

    python benchmarks/captioning.py [--model flickr8k-captioner] [--rounds 15]

``model.caption`` of a model that `lrcn_keras.load` read, the signature of its SavedModel, and the
same network with the same weights in PyTorch (pytorch_captioner.py). Photos of 500 x 375 pixels;
with batch 1 a round captions 8 photos one after the other, with batch 32 one batch.

Before anything is timed, PyTorch and the SavedModel must say the same about the same pixels. From
bytes on, Pillow rounds resized pixels to integers and TensorFlow does not, so that a sentence may
differ: the last line says how many do.
"""

import argparse
import tempfile

import lrcn_keras  # before TensorFlow, whose start-up notices it keeps off

# isort: split
import numpy as np
import tensorflow as tf
from inputs import captioner, photos
from pytorch_captioner import Captioner, arguments_of
from timing import conditions, markdown, take_turns

PHOTOS = {1: 8, 32: 32}  # batch size: photos a round


def check(model, signature, peer, encoded):
    """Stop unless both networks say the same about the same pixels."""
    pixels = np.stack([lrcn_keras.media.read_photo(photo, model.image_size) for photo in encoded])
    ours = signature(images=tf.constant(pixels))
    texts = [text.decode() for text in ours["captions"].numpy()]
    given, log_probs = peer.caption_pixels(pixels)
    if texts != given or not np.allclose(ours["log_probs"], log_probs, atol=1e-2):
        raise SystemExit(f"The networks differ:\n{list(zip(texts, given, strict=True))}")


def in_batches(caption, encoded, size):
    """A function that captions all photos, so many at once."""
    batches = [encoded[i : i + size] for i in range(0, len(encoded), size)]
    return lambda: [text for batch in batches for text in caption(batch)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="flickr8k-captioner", help="a name or a folder")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    encoded = photos(max(PHOTOS.values()))
    with tempfile.TemporaryDirectory() as directory:
        model, saved_model, label = captioner(args.model, directory)
        served = tf.saved_model.load(str(saved_model))
    peer = Captioner(*arguments_of(model))
    check(model, served.signatures["pixels"], peer, encoded)

    def serve(batch):
        answers = served.signatures["serving_default"](photos=tf.constant(batch))
        return [text.decode() for text in answers["captions"].numpy()]

    captions = {
        "lrcn_keras": lambda batch: [caption.text for caption in model.caption(batch)],
        "its SavedModel": serve,
        "PyTorch": peer.caption,
    }
    rows = []
    for size, count in PHOTOS.items():
        runs = {
            name: in_batches(caption, encoded[:count], size) for name, caption in captions.items()
        }
        times = take_turns(runs, args.rounds)
        torch_median = np.median(times["PyTorch"][:, 0])
        for name, values in times.items():
            (wall, cpu), least = np.median(values, axis=0), values[:, 0].min()
            numbers = (f"{x / count:.1f}" for x in (wall, least, cpu))
            rate, ratio = f"{1e3 * count / wall:.1f}", f"{torch_median / wall:.2f}"
            rows.append([size, name, rate, *numbers, ratio])
    header = ["batch", "model", "photos/s", "median ms a photo", "least", "CPU", "times PyTorch"]
    print(markdown(header, rows))
    told = [in_batches(caption, encoded, len(encoded))() for caption in captions.values()]
    same = [sum(map(str.__eq__, told[0], other)) for other in told[1:]]
    print(
        f"\n{label}, {model.decoder.beams} beams. {conditions(args.rounds)} Of {len(encoded)} "
        f"sentences {same[0]} are the same from the SavedModel, {same[1]} from PyTorch."
    )


if __name__ == "__main__":
    main()
