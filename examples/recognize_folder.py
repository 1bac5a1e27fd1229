"""Tell what the clips of a folder show, and when, and draw the timeline of each.

python examples/recognize_folder.py street/ --timelines timelines/
"""

import argparse
import sys
from pathlib import Path

import lrcn_keras
from lrcn_keras.evaluation import plot_timeline
from lrcn_keras.media import clip_info, find_clips

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder", type=Path)
parser.add_argument("--model", default="fight-recognizer", help="name or folder")
parser.add_argument("--timelines", type=Path, help="folder for a picture of each clip")
arguments = parser.parse_args()

model = lrcn_keras.load(arguments.model)
for clip in find_clips([arguments.folder]):
    try:
        found = model.recognize(clip)
        rate = model.rate or clip_info(clip).rate
    except lrcn_keras.MediaError as error:
        print(error, file=sys.stderr)
        continue
    surest = found.timeline[:, found.classes.index(found.label)].argmax()
    print(f"{clip}: {found} ({found.probability:.2f}), surest after {surest / rate:.1f} s")
    if arguments.timelines:
        arguments.timelines.mkdir(parents=True, exist_ok=True)
        picture = arguments.timelines / f"{clip.stem}.png"
        plot_timeline(found.timeline, found.classes, rate, picture)
