import keras
import numpy as np
import pytest

from lrcn_keras import backbones
from lrcn_keras.backbones.caffenet import caffenet, ceil_pool
from lrcn_keras.backbones.lrcn_hybrid import lrcn_hybrid

# (layer, output shape without the batch, parameters), by arithmetic from the authors' Caffe files.
HYBRID = [
    ("conv1", (111, 111, 96), 14_208),
    ("pool1", (55, 55, 96), 0),
    ("conv2", (26, 26, 384), 461_184),
    ("pool2", (13, 13, 384), 0),
    ("conv3", (13, 13, 512), 1_769_984),
    ("conv4", (13, 13, 512), 1_180_160),
    ("conv5", (13, 13, 384), 885_120),
    ("pool5", (6, 6, 384), 0),
    ("fc6", (4096,), 56_627_200),
    ("fc7", (4096,), 16_781_312),
]
CAFFENET = [
    ("conv1", (55, 55, 96), 34_944),
    ("pool1", (27, 27, 96), 0),
    ("conv2", (27, 27, 256), 307_456),
    ("pool2", (13, 13, 256), 0),
    ("conv3", (13, 13, 384), 885_120),
    ("conv4", (13, 13, 384), 663_936),
    ("conv5", (13, 13, 256), 442_624),
    ("pool5", (6, 6, 256), 0),
    ("fc6", (4096,), 37_752_832),
    ("fc7", (4096,), 16_781_312),
    ("fc8", (1000,), 4_097_000),
]
CLASSES = 5


TO_FC6 = {"lrcn_hybrid": 60_937_856, "caffenet": 60_965_224 - 16_781_312 - 4_097_000}


@pytest.mark.parametrize("name, facts", [("lrcn_hybrid", HYBRID), ("caffenet", CAFFENET)])
def test_layer_shapes_and_parameter_counts_are_the_papers(name, facts):
    last = facts[-1][0]
    model = backbones.get(name, weights=None, feature=last)
    assert model.input_shape == (None, 227, 227, 3)
    for layer_name, shape, parameters in facts:
        layer = model.get_layer(layer_name)
        assert (layer_name, layer.output.shape[1:]) == (layer_name, shape)
        assert (layer_name, layer.count_params()) == (layer_name, parameters)
    assert model.count_params() == sum(parameters for _, _, parameters in facts)
    to_fc6 = keras.Model(model.input, model.get_layer("fc6").output)
    assert to_fc6.count_params() == TO_FC6[name]


@pytest.mark.parametrize("size", [13, 14, 26, 27, 55, 111, 112])
def test_pooling_rounds_up_like_pytorchs_ceil_mode(size):
    torch = pytest.importorskip("torch")
    values = np.random.default_rng(size).normal(size=(2, size, size, 3)).astype("float32")
    image = keras.Input((size, size, 3))
    pooled = np.asarray(keras.Model(image, ceil_pool(image, 1))(values))
    channels_first = torch.from_numpy(values).permute(0, 3, 1, 2)
    expected = torch.nn.functional.max_pool2d(channels_first, 3, 2, ceil_mode=True)
    np.testing.assert_array_equal(pooled, expected.permute(0, 2, 3, 1).numpy())


def torch_network(torch, convolutions, flat):
    """Convolution, ReLU, pooling with ceil mode, LRN: in Caffe's order."""
    nn = torch.nn
    layers = []
    for number, arguments in enumerate(convolutions, start=1):
        layers += [nn.Conv2d(**arguments), nn.ReLU()]
        if number in (1, 2, 5):
            layers.append(nn.MaxPool2d(3, 2, ceil_mode=True))
        if number in (1, 2):
            layers.append(nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0))
    layers += [nn.Flatten(), nn.Linear(flat, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(4096, CLASSES)).eval()


def convolution(inputs, outputs, kernel, stride=1, padding=0, groups=1):
    return {
        "in_channels": inputs, "out_channels": outputs, "kernel_size": kernel,
        "stride": stride, "padding": padding, "groups": groups,
    }  # fmt: skip


CONVOLUTIONS = {
    lrcn_hybrid: [
        convolution(3, 96, 7, stride=2),
        convolution(96, 384, 5, stride=2, groups=2),
        convolution(384, 512, 3, padding=1),
        convolution(512, 512, 3, padding=1, groups=2),
        convolution(512, 384, 3, padding=1, groups=2),
    ],
    caffenet: [
        convolution(3, 96, 11, stride=4),
        convolution(96, 256, 5, padding=2, groups=2),
        convolution(256, 384, 3, padding=1),
        convolution(384, 384, 3, padding=1, groups=2),
        convolution(384, 256, 3, padding=1, groups=2),
    ],
}


def to_keras(tensor, spatial):
    array = tensor.detach().numpy()
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    if array.ndim == 2 and spatial:  # rows of fc6: PyTorch flattens C, H, W; Keras H, W, C
        array = array.reshape(len(array), -1, *spatial).transpose(0, 2, 3, 1)
        return array.reshape(len(array), -1).T
    return array.T


@pytest.mark.parametrize("build", [lrcn_hybrid, caffenet])
def test_outputs_equal_pytorch(build):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    size = 115
    model = build(size, classes=CLASSES)
    spatial = model.get_layer("pool5").output.shape[1:3]
    network = torch_network(torch, CONVOLUTIONS[build], model.get_layer("fc6").kernel.shape[0])
    tensors = list(network.parameters())
    fc6 = 10  # after five kernels and five biases
    model.set_weights(
        [to_keras(t, spatial if number == fc6 else None) for number, t in enumerate(tensors)]
    )
    pixels = np.random.default_rng(0).uniform(0, 255, (2, size, size, 3)).astype("float32")
    bgr = pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32")
    with torch.no_grad():
        expected = network(torch.from_numpy(bgr).permute(0, 3, 1, 2)).numpy()
    outputs = np.asarray(model(pixels, training=False))
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
