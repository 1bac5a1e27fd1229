"""The recognizer in PyTorch, as one would write it there: the peer of recognition.py.

EfficientNet-Lite0 (batch norm folded into the convolutions) on batches of frames, ``nn.LSTM`` over
a whole clip, ``nn.LSTMCell`` for one frame more. Knows nothing of TensorFlow and lrcn_keras.
"""

import torch
from pytorch_efficientnet import efficientnet_lite0, from_pixels
from torch import nn

_CHUNK = 64  # frames at once, as lrcn_keras has it


class Recognizer:
    """A recognizer with a Keras recognizer's weights.

    Args:
        cnn: the CNN's weights in the order of layers, as Keras has them.
        head: kernel, recurrent kernel and bias of the LSTM, kernel and bias of the classes.
    """

    def __init__(self, cnn, head):
        self.cnn = efficientnet_lite0(cnn)
        kernel, recurrent_kernel, bias, *logits = map(torch.tensor, head)
        sizes = len(kernel), len(recurrent_kernel)
        self.lstm, self.cell = nn.LSTM(*sizes, batch_first=True), nn.LSTMCell(*sizes)
        weights = {
            "weight_ih": kernel.T,
            "weight_hh": recurrent_kernel.T,
            "bias_ih": bias,
            "bias_hh": torch.zeros_like(bias),
        }
        self.cell.load_state_dict(weights)
        self.lstm.load_state_dict({f"{name}_l0": value for name, value in weights.items()})
        self.logits = nn.Linear(*logits[0].shape)
        self.logits.load_state_dict({"weight": logits[0].T, "bias": logits[1]})

    @torch.inference_mode()
    def timeline(self, clip):
        """(T, S, S, 3) uint8 to probabilities (T, K) after each frame."""
        starts = range(0, len(clip), _CHUNK)
        features = torch.cat([self.cnn(from_pixels(clip[i : i + _CHUNK])) for i in starts])
        return self.logits(self.lstm(features[None])[0])[0].softmax(-1).numpy()

    @torch.inference_mode()
    def step(self, frames, state=None):
        """(N, S, S, 3) uint8 and a state to probabilities (N, K) and the next state."""
        state = self.cell(self.cnn(from_pixels(frames)), state)
        return self.logits(state[0]).softmax(-1).numpy(), state
