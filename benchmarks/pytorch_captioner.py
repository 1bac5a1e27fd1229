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
from pytorch_efficientnet import efficientnet_lite0, from_pixels
from torch import nn

_END = 0


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
        self.cnn = efficientnet_lite0(cnn)
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
        tokens, log_probs = self._beam_search(self.cnn(from_pixels(pixels)))
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
