"""A tiny language model as step function, and decoders so plain that they can be trusted."""

import itertools

import numpy as np
import pytest


class TinyRNN:
    """h' = tanh(h W + E[token] + image U), log softmax(h' O + b): random, float32.

    Args:
        seed: of the weights and images. images: their number. sharpness: scale of the logits.
    """

    def __init__(self, seed, vocabulary=4, images=3, hidden=5, sharpness=2.0):
        rng = np.random.default_rng(seed)
        shapes = {
            "embedding": (vocabulary, hidden),
            "recurrent": (hidden, hidden),
            "static": (3, hidden),
            "output": (hidden, vocabulary),
            "bias": (vocabulary,),
        }
        for name, shape in shapes.items():
            setattr(self, name, rng.normal(size=shape).astype("float32"))
        self.output *= sharpness
        self.images = rng.normal(size=(images, 3)).astype("float32")
        self.vocabulary = vocabulary
        self.hidden = hidden
        self.steps = 0

    def state(self, images=None):
        """The state before the first word: hidden state, and the image, which never changes."""
        images = self.images if images is None else images
        return {"h": images @ np.zeros((3, self.hidden), "float32"), "image": images}

    def step(self, tokens, state):
        from keras import ops

        self.steps += 1
        h = ops.matmul(state["h"], self.recurrent) + ops.matmul(state["image"], self.static)
        h = ops.tanh(h + ops.take(self.embedding, tokens, axis=0))
        logits = ops.matmul(h, self.output) + self.bias
        return ops.log_softmax(logits), {"h": h, "image": state["image"]}

    def score(self, image, caption):
        """Log-probabilities (T, V) before every token of the caption, by teacher forcing."""
        h = np.zeros(self.hidden)
        rows = []
        for token in [0, *caption[:-1]]:
            static = self.images[image].astype("float64") @ self.static
            h = np.tanh(h @ self.recurrent + static + self.embedding[token])
            logits = h @ self.output + self.bias
            rows.append(logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max())
        return np.array(rows)

    def log_prob(self, image, caption):
        """Sum over the words and the end (0) of a caption such as (3, 1, 0)."""
        return self.score(image, caption)[np.arange(len(caption)), list(caption)].sum()

    def next(self, image, prefix):
        """Log-probabilities (V,) of the token after the prefix."""
        return self.score(image, (*prefix, 0))[-1]

    def all_captions(self, image, max_length, min_length=1, forbidden=(), penalty=0.0):
        """Every caption there is, best first: [(tokens with the end, log-probability)]."""
        words = [w for w in range(1, self.vocabulary) if w not in forbidden]
        captions = [
            (*caption, 0)
            for length in range(min_length, max_length + 1)
            for caption in itertools.product(words, repeat=length)
        ]
        scored = [(caption, self.log_prob(image, caption)) for caption in captions]
        return sorted(scored, key=lambda item: -item[1] / len(item[0]) ** penalty)

    def plain_beam_search(
        self, image, beams, max_length, min_length=1, forbidden=(), penalty=0.0, ngram=0
    ):
        """One image, no early stop: [(tokens with the end, log-probability)] of the final beam."""

        def score(item):
            return item[1] / len(item[0]) ** penalty if item[0] else 0.0

        beam = [((), 0.0)]
        for t in range(max_length + 1):
            candidates = []
            for caption, total in beam:
                if caption and caption[-1] == 0:
                    candidates.append((caption, total))
                    continue
                for token, log_prob in enumerate(self.next(image, caption)):
                    allowed = t >= min_length if token == 0 else t < max_length
                    if repeats((*caption, token), ngram):
                        continue
                    if allowed and token not in forbidden:
                        candidates.append(((*caption, token), total + log_prob))
            beam = sorted(candidates, key=score, reverse=True)[:beams]
        return beam


def repeats(caption, size):
    """Whether a caption, say (3, 1, 3, 1, 0), has a sequence of `size` words twice."""
    ngrams = [caption[start : start + size] for start in range(len(caption) - size + 1)]
    return size > 0 and len(set(ngrams)) < len(ngrams)


@pytest.fixture
def tiny_rnn():
    return TinyRNN


@pytest.fixture
def captions_of():
    """Decoded -> for every image a list of (tokens with the end, log-probability)."""

    def convert(decoded):
        tokens, log_probs, lengths = (np.asarray(x) for x in decoded)
        return [
            [
                (tuple(int(token) for token in tokens[b, i, : lengths[b, i]]), log_probs[b, i])
                for i in range(tokens.shape[1])
            ]
            for b in range(len(tokens))
        ]

    return convert


@pytest.fixture
def assert_captions():
    """The same captions in the same order, log-probabilities to 1e-4."""

    def check(got, expected):
        assert [tokens for tokens, _ in got] == [tokens for tokens, _ in expected]
        np.testing.assert_allclose([p for _, p in got], [p for _, p in expected], rtol=1e-4)

    return check
