"""The captioner in PyTorch, as one would write it there: the peer of captioning.py.

EfficientNet-Lite0 (batch norm folded into the convolutions), two ``nn.LSTMCell`` of which the
second sees the image, beam search with a top k over beams times words, photos decoded by Pillow in
threads. An ``nn.LSTMCell`` multiplies the image by its weights at every word, where ours does so
once a photo. Knows nothing of TensorFlow and lrcn_keras, so that a process can start without them.
"""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

# (repeats, kernel, stride, expansion, channels)
_STAGES = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip
_END = 0


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


def _efficientnet_lite0():
    channels, parts = 32, [_conv(3, 32, 3, 2)]
    for repeats, kernel, stride, expansion, outputs in _STAGES:
        for repeat in range(repeats):
            parts.append(_Block(channels, kernel, 1 if repeat else stride, expansion, outputs))
            channels = outputs
    return nn.Sequential(*parts, _conv(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Captioner:
    """A captioner (variant 2f) with a Keras captioner's weights.

    Args:
        words: all tokens in order.
        cnn: the CNN's weights in the order of layers, as Keras has them.
        decoder: embedding, kernel, recurrent kernel and bias of both LSTMs, output kernel and bias.
        image_size: height and width of the input in pixels.
        search: config of the beam search: ``beams``, ``n_best``, ``length_penalty``,
            ``min_length``, ``max_length`` and ``forbidden``.
    """

    def __init__(self, words, cnn, decoder, image_size, search):
        self.words, self.image_size, self.search = words, image_size, search
        self.cnn = _efficientnet_lite0().eval()
        state = self.cnn.state_dict()
        names = [name for name in state if not name.endswith("num_batches_tracked")]
        arrays = {name: _to_torch(array) for name, array in zip(names, cnn, strict=True)}
        self.cnn.load_state_dict({**state, **arrays})
        _fold_batch_norm(self.cnn)
        self.cnn.to(memory_format=torch.channels_last)
        embedding, *lstms, kernel, bias = map(torch.tensor, decoder)
        self.embedding = nn.Embedding.from_pretrained(embedding)
        self.lstms = [_lstm_cell(*lstms[:3]), _lstm_cell(*lstms[3:])]
        self.logits = nn.Linear(*kernel.shape)
        self.logits.load_state_dict({"weight": kernel.T, "bias": bias})
        self.pool = ThreadPoolExecutor(os.cpu_count())

    def caption(self, photos):
        """Encoded photos to sentences."""
        pixels = list(self.pool.map(self._read, photos))
        return self.caption_pixels(np.stack(pixels))[0]

    @torch.inference_mode()
    def caption_pixels(self, pixels):
        """(N, S, S, 3) RGB in [0, 255] to the best sentences and their log-probabilities."""
        pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().sub_(127).div_(128)
        tokens, log_probs = self._beam_search(self.cnn(pixels))
        sentences = []
        for row in tokens.tolist():
            ids = row[: row.index(_END)]
            sentences.append(" ".join(self.words[i] for i in ids))
        return sentences, log_probs.numpy()

    def _read(self, data):
        size = (self.image_size, self.image_size)
        photo = Image.open(io.BytesIO(data)).convert("RGB")
        return np.asarray(photo.resize(size, Image.Resampling.BILINEAR))

    def _beam_search(self, features):
        """The best caption of each row: tokens and log-probability."""
        search, words = self.search, len(self.words)
        beams, longest = search["beams"], search["max_length"]
        batch, rows = len(features), len(features) * search["beams"]
        image = features.repeat_interleave(beams, 0)
        states = [[torch.zeros(rows, cell.hidden_size)] * 2 for cell in self.lstms]
        sums = torch.full((batch, beams), -torch.inf)
        sums[:, 0] = 0.0  # only one of the equal first beams goes on
        lengths = torch.zeros((batch, beams), dtype=torch.long)
        tokens = torch.full((rows, longest + 1), _END)
        last = torch.full((rows,), _END)  # it also starts a caption
        first = torch.arange(batch)[:, None] * beams
        only_end = torch.full((words,), -torch.inf)
        only_end[_END] = 0.0

        def score(sums, lengths):
            return sums / lengths ** search["length_penalty"]

        for t in range(longest + 1):
            states[0] = self.lstms[0](self.embedding(last), states[0])
            states[1] = self.lstms[1](torch.cat([states[0][0], image], 1), states[1])
            log_probs = self.logits(states[1][0]).log_softmax(-1).view(batch, beams, words)
            log_probs[..., search["forbidden"]] = -torch.inf
            if t < search["min_length"]:
                log_probs[..., _END] = -torch.inf
            if t == longest:
                log_probs += only_end
            finished = lengths > 0
            log_probs = torch.where(finished[..., None], only_end, log_probs)
            candidates = sums[..., None] + log_probs
            lengths = torch.where(finished, lengths, t + 1)
            index = score(candidates, lengths[..., None]).flatten(1).topk(beams).indices
            sums = candidates.flatten(1).gather(1, index)
            parents, last = index // words, index % words
            lengths = lengths.gather(1, parents) * (last == _END)
            kept, last = (parents + first).flatten(), last.flatten()
            states = [[x[kept] for x in state] for state in states]
            tokens = tokens[kept]
            tokens[:, t] = last

            done = torch.where(lengths > 0, score(sums, lengths.clamp(1)), -torch.inf)
            to_beat = done.topk(search["n_best"]).values[:, -1:]
            hopes = torch.where(lengths > 0, -torch.inf, score(sums, longest + 1))
            if not ((hopes >= to_beat) & (hopes > -torch.inf)).any():
                break
        best = done.argmax(1)
        return tokens[first[:, 0] + best], sums.gather(1, best[:, None])[:, 0]


def arguments_of(model):
    """What a `Captioner` takes, from an ``lrcn_keras.ImageCaptioner``: weights and decoder."""
    return (
        model.vocabulary.words,
        model.backbone.get_weights(),
        model.word_decoder.get_weights(),
        model.image_size,
        model.decoder.get_config(),
    )


def _to_torch(array):
    if array.ndim == 4:
        array = array.transpose((2, 3, 0, 1) if array.shape[3] == 1 else (3, 2, 0, 1))
    return torch.tensor(array)


def _lstm_cell(kernel, recurrent_kernel, bias):
    cell = nn.LSTMCell(len(kernel), len(recurrent_kernel))
    cell.load_state_dict(
        {
            "weight_ih": kernel.T,
            "weight_hh": recurrent_kernel.T,
            "bias_ih": bias,
            "bias_hh": torch.zeros_like(bias),
        }
    )
    return cell


def _fold_batch_norm(network):
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential) and isinstance(module[1], nn.BatchNorm2d):
            module[0], module[1] = fuse_conv_bn_eval(module[0], module[1]), nn.Identity()
