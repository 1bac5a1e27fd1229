"""Caption every photo of a folder, and draw the photos with their captions.

python examples/caption_folder.py holiday/ --sheet holiday.png
"""

import argparse
from pathlib import Path

import lrcn_keras
from lrcn_keras.media import contact_sheet, find_photos

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("folder", type=Path)
parser.add_argument("--model", default="coco-captioner", help="name or folder")
parser.add_argument("--sheet", type=Path, default="captions.png")
arguments = parser.parse_args()

model = lrcn_keras.load(arguments.model)
photos = find_photos([arguments.folder])
captions = model.caption(photos)
for photo, caption in zip(photos, captions, strict=True):
    print(f"{photo}: {caption.text} ({caption.log_prob:.1f})")
    for text, log_prob in caption.alternatives:
        print(f"    or: {text} ({log_prob:.1f})")
contact_sheet(photos, [caption.text for caption in captions]).save(arguments.sheet)
