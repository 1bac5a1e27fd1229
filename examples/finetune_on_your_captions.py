"""Fine-tune a captioner on photos and captions of your own, new words included.

python examples/finetune_on_your_captions.py birds/ --dev birds_dev/ --output bird-captioner

A folder holds photos and captions.json, {file: [captions]}; see lrcn_keras.datasets.folder for the
other ways.
"""

import argparse
from pathlib import Path

import keras

import lrcn_keras

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder", type=Path, help="photos and captions to train on")
parser.add_argument("--dev", type=Path, help="others, to see whether it helps")
parser.add_argument("--model", default="coco-captioner", help="name or folder of the start")
parser.add_argument("--output", type=Path, default="my-captioner")
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--batch-size", type=int, default=16)
arguments = parser.parse_args()

model = lrcn_keras.load(arguments.model)
data = lrcn_keras.datasets.folder(arguments.folder)

# Words that the model does not know yet get vectors of their own; the others keep what it learned.
captions = (caption for captions in data.captions for caption in captions)
known = list(model.vocabulary.words[2:])  # the first two are not words but <eos> and <unk>
found = lrcn_keras.Vocabulary.from_captions(captions, min_count=3).words[2:]
new = [word for word in found if word not in known]
if new:
    model = model.with_vocabulary(lrcn_keras.Vocabulary([*known, *new]))
print(f"{len(data)} photos, {len(new)} new words: {' '.join(new[:20])}")

model.compile(keras.optimizers.Adam(2e-4, global_clipnorm=1.0))
dev = arguments.dev and model.prepare(lrcn_keras.datasets.folder(arguments.dev))
model.fit(
    model.prepare(data, arguments.batch_size, training=True),
    epochs=arguments.epochs,
    validation_data=dev,
)
lrcn_keras.save(model, arguments.output)
print(f"Wrote {arguments.output}: {data.names[0]} is", model.caption(data.photos[0]))
