"""Fine-tune a recognizer on clips of your own, with actions of your own.

python examples/finetune_on_your_clips.py sports/ --output sport-recognizer

A folder holds a folder of clips for each action, or clips.csv with the columns file and label; see
lrcn_keras.datasets.class_folders. Clips that belong together, such as those of one camera, need a
column of the table that says so, or they end up on both sides of the split.
"""

import argparse
from pathlib import Path

import keras

import lrcn_keras
from lrcn_keras.training import seen_by

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder", type=Path)
parser.add_argument("--model", default="fight-recognizer", help="name or folder of the start")
parser.add_argument("--output", type=Path, default="my-recognizer")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--batch-size", type=int, default=8)
arguments = parser.parse_args()

start = lrcn_keras.load(arguments.model)
data = lrcn_keras.datasets.class_folders(arguments.folder)
_, train, held_out = data.k_folds(5)[0]
print(f"{len(train)} clips to train on, {len(held_out)} to see whether it helps: {data.classes}")

# Two streams are trained one by one.
streams = [start] if isinstance(start, lrcn_keras.ActivityRecognizer) else [start.rgb, start.flow]
tuned = []
for stream in streams:
    model = stream.with_classes(data.classes)  # actions that it knows keep what it learned
    model.compile(keras.optimizers.Adam(2e-4, global_clipnorm=1.0))
    model.fit(
        model.prepare(seen_by(model, train), arguments.batch_size, training=True),
        epochs=arguments.epochs,
        validation_data=model.prepare(seen_by(model, held_out), arguments.batch_size),
    )
    tuned.append(model)
model = tuned[0] if len(tuned) == 1 else lrcn_keras.TwoStreamRecognizer(*tuned, start.fusion)
lrcn_keras.save(model, arguments.output)
print(f"Wrote {arguments.output}: {held_out.names[0]} is", model.recognize(held_out.clips[0]))
