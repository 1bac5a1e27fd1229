"""UCF101 as TensorFlow Datasets prepares it (`ucf101`, the official splits)."""

from __future__ import annotations

import json
from pathlib import Path

from lrcn_keras.datasets.clips import ClipDataset
from lrcn_keras.datasets.locate import check_split, read_json, write_whole

_SPLITS = [f"{part}{number}" for part in ("train", "test") for number in (1, 2, 3)]


def tfds_ucf101(data_dir: str | Path, split: str) -> ClipDataset:
    """Reads one of the official splits of UCF101 through TensorFlow Datasets.

    Its records can only be read from front to back, so the clips are unpacked once to
    `data_dir/tfds_ucf101/`, each as the stream of JPEGs that the records hold (tens of GB for all);
    the next call finds them there. Such a stream has no times: it plays at 25 frames/s, as UCF101
    does. The records do not say which clips are of the same video: cross-validate with `ucf101`.

    Args:
        data_dir: folder of TensorFlow Datasets, with `ucf101/` in it; what is not there is
            downloaded, which needs FFmpeg.
        split: "train1" (9,537 clips), "test1" (3,783), and the same with 2 and 3.

    Returns:
        RGB clips in the order of the records, named by their number.

    Raises:
        ValueError: for an unknown split.
    """
    check_split("tfds_ucf101", split, _SPLITS)
    folder = Path(data_dir) / "tfds_ucf101" / split
    listing = folder / "labels.json"
    if not listing.exists():
        _unpack(data_dir, split, folder, listing)
    content = read_json(listing)
    return ClipDataset(
        f"tfds_ucf101:{split}",
        list(content["labels"]),
        [folder / file for file in content["labels"]],
        list(content["labels"].values()),
        content["classes"],
    )


def _unpack(data_dir: str | Path, split: str, folder: Path, listing: Path) -> None:
    import tensorflow_datasets as tfds

    folder.mkdir(parents=True, exist_ok=True)
    records, info = tfds.load(
        f"ucf101/ucf101_{split[-1]}",
        split=split[:-1],
        data_dir=str(data_dir),
        shuffle_files=False,
        with_info=True,
        decoders={"video": tfds.decode.SkipDecoding()},
    )
    labels = {}
    for number, record in enumerate(records.as_numpy_iterator()):
        file = f"{number:05d}.mjpeg"
        write_whole(folder / file, b"".join(record["video"]))
        labels[file] = int(record["label"])
    content = {"classes": info.features["label"].names, "labels": labels}
    write_whole(listing, json.dumps(content).encode())  # last: it says that all is there
