"""Train a captioner of your own by a recipe, from ImageNet's CNN and no words at all.

python examples/train_from_scratch.py data/

The data folder holds the folders train/ and dev/, each with photos and captions.json,
{file: [captions]}. Interrupted, the same command goes on. `lrcn train` does the same.
"""

import argparse
from pathlib import Path

from lrcn_keras import training

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", type=Path)
parser.add_argument("--recipe", type=Path, default=Path(__file__).with_name("small_recipe.toml"))
parser.add_argument("--output", type=Path, default="runs/small-captioner")
arguments = parser.parse_args()

recipe = training.Recipe.load(arguments.recipe)
training.train(recipe, arguments.data, arguments.output)

# The model is in its folder now, with a card that says how it does on the recipe's test data.
trained = arguments.output / "trained"
print((trained / "README.md").read_text(encoding="utf-8"))
print(f"Try: lrcn caption --model {trained} photo.jpg")
