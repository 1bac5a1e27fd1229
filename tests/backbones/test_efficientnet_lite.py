import numpy as np
import pytest

from lrcn_keras import backbones
from lrcn_keras.backbones.efficientnet_lite import efficientnet_lite

torch = pytest.importorskip("torch")
nn = torch.nn

# (repeats, kernel, stride, expansion, channels), written out from the published models.
STAGES = {
    "efficientnet_lite0": [
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ],
    "efficientnet_lite1": [
        (1, 3, 1, 1, 16), (3, 3, 2, 6, 24), (3, 5, 2, 6, 40), (4, 3, 2, 6, 80),
        (4, 5, 1, 6, 112), (5, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ],
    "efficientnet_lite2": [
        (1, 3, 1, 1, 16), (3, 3, 2, 6, 24), (3, 5, 2, 6, 48), (4, 3, 2, 6, 88),
        (4, 5, 1, 6, 120), (5, 5, 2, 6, 208), (1, 3, 1, 6, 352),
    ],
}  # fmt: skip


class SameConv(nn.Conv2d):
    """TensorFlow's "same": what is missing for ceil(n / stride) outputs, the odd pixel last."""

    def forward(self, x):
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        missing = [max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in x.shape[2:]]
        (top, bottom), (left, right) = [(m // 2, m - m // 2) for m in missing]
        return super().forward(nn.functional.pad(x, (left, right, top, bottom)))


def conv(inputs, outputs, kernel, stride=1, groups=1, activate=True):
    layers = [
        SameConv(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3),
    ]
    return nn.Sequential(*layers, *([nn.ReLU6()] if activate else []))


class Block(nn.Module):
    def __init__(self, inputs, kernel, stride, expansion, outputs):
        super().__init__()
        wide = inputs * expansion
        self.skip = stride == 1 and inputs == outputs
        expand = [conv(inputs, wide, 1)] if expansion > 1 else []
        self.body = nn.Sequential(
            *expand,
            conv(wide, wide, kernel, stride, groups=wide),
            conv(wide, outputs, 1, activate=False),
        )

    def forward(self, x):
        return x + self.body(x) if self.skip else self.body(x)


def torch_network(name):
    channels, layers = 32, [conv(3, 32, 3, 2)]
    for repeats, kernel, stride, expansion, outputs in STAGES[name]:
        for repeat in range(repeats):
            layers.append(Block(channels, kernel, 1 if repeat else stride, expansion, outputs))
            channels = outputs
    head = [conv(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 7)]
    return nn.Sequential(*layers, *head).eval()


def to_keras(tensor):
    array = tensor.numpy()
    if array.ndim == 4:
        return array.transpose((2, 3, 0, 1) if array.shape[1] == 1 else (2, 3, 1, 0))
    return array.T


@pytest.mark.parametrize(
    "name, size",
    [("efficientnet_lite0", 64), ("efficientnet_lite1", 70), ("efficientnet_lite2", 75)],
)
def test_outputs_equal_pytorch_in_the_state_dicts_own_order(name, size):
    torch.manual_seed(0)
    network = torch_network(name)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.8, 1.6)
            nn.init.normal_(module.bias, 0.0, 0.1)
            nn.init.normal_(module.running_mean, 0.0, 0.1)
            nn.init.uniform_(module.running_var, 0.3, 0.9)
    model = efficientnet_lite(name, size, classes=7)
    state = network.state_dict()
    model.set_weights([to_keras(t) for key, t in state.items() if "num_batches" not in key])
    pixels = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    with torch.no_grad():
        expected = network(torch.from_numpy((pixels - 127) / 128).permute(0, 3, 1, 2)).numpy()
    outputs = np.asarray(model(pixels, training=False))
    assert np.abs(expected).max() > 0.05  # the signal reaches the end
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("name", sorted(STAGES))
def test_parameter_counts_equal_pytorch(name):
    network = torch_network(name)
    trained = sum(parameter.numel() for parameter in network.parameters())
    model = efficientnet_lite(name, 64, classes=7)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == trained


def test_default_sizes_and_features():
    model = backbones.get("efficientnet_lite2", weights=None)
    assert model.input_shape == (None, 260, 260, 3) and model.output_shape == (None, 1280)
    conv_map = backbones.get("efficientnet_lite0", weights=None, feature="conv", image_size=96)
    assert conv_map.output_shape == (None, 3, 3, 1280)
