"""EfficientNet-Lite0 in PyTorch, with a Keras model's weights: the CNN of the peers."""

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

# (repeats, kernel, stride, expansion, channels)
_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


class _StridedConv(nn.Conv2d):
    """With TensorFlow's "same" for a stride of 2: the odd pixel of padding comes last."""

    def forward(self, x):
        kernel = self.kernel_size[0]
        sides = [max((-(-n // 2) - 1) * 2 + kernel - n, 0) for n in (x.shape[3], x.shape[2])]
        return super().forward(
            nn.functional.pad(x, [p for n in sides for p in (n // 2, n - n // 2)])
        )


def _conv(inputs, outputs, kernel, stride=1, groups=1, activate=True):
    kind, padding = (nn.Conv2d, kernel // 2) if stride == 1 else (_StridedConv, 0)
    conv = kind(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
    norm = nn.BatchNorm2d(outputs, eps=1e-3)
    return nn.Sequential(conv, norm, *([nn.ReLU6(inplace=True)] if activate else []))


class _Block(nn.Module):
    def __init__(self, inputs, kernel, stride, expansion, outputs):
        super().__init__()
        wide = inputs * expansion
        self.skip = stride == 1 and inputs == outputs
        expand = [_conv(inputs, wide, 1)] if expansion > 1 else []
        depthwise = _conv(wide, wide, kernel, stride, groups=wide)
        self.body = nn.Sequential(*expand, depthwise, _conv(wide, outputs, 1, activate=False))

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


def _network():
    channels, parts = 32, [_conv(3, 32, 3, 2)]
    for repeats, kernel, stride, expansion, outputs in _STAGES:
        for repeat in range(repeats):
            parts.append(_Block(channels, kernel, 1 if repeat else stride, expansion, outputs))
            channels = outputs
    return nn.Sequential(*parts, _conv(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def efficientnet_lite0(weights):
    """Build the network for inference: (N, 3, S, S) -> (N, 1280).

    Args:
        weights: in the order of layers, as Keras has them. Batch norm is folded into the
            convolutions.
    """
    cnn = _network().eval()
    state = cnn.state_dict()
    names = [name for name in state if not name.endswith("num_batches_tracked")]
    arrays = {name: _to_torch(array) for name, array in zip(names, weights, strict=True)}
    cnn.load_state_dict({**state, **arrays})
    _fold_batch_norm(cnn)
    return cnn.to(memory_format=torch.channels_last)


def from_pixels(pixels):
    """(N, S, S, 3) RGB in [0, 255] to what the network takes."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().sub_(127).div_(128)


def _to_torch(array):
    if array.ndim == 4:
        array = array.transpose((2, 3, 0, 1) if array.shape[3] == 1 else (3, 2, 0, 1))
    return torch.tensor(array)


def _fold_batch_norm(network):
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential) and isinstance(module[1], nn.BatchNorm2d):
            module[0], module[1] = fuse_conv_bn_eval(module[0], module[1]), nn.Identity()
