import numpy as np
import pytest

from lrcn_keras.decoding import Sampling

PROBS = np.array([0.3, 0.05, 0.25, 0.2, 0.02, 0.18], "float32")


def independent(tokens, state):
    """Every word has the probabilities PROBS, whatever came before."""
    from keras import ops

    row = ops.convert_to_tensor(np.log(PROBS)[None])
    return ops.repeat(row, ops.shape(tokens)[0], axis=0), state


def first_words(samples, **options):
    decoder = Sampling(samples=samples, max_length=1, seed=3, **options)
    return np.asarray(decoder(independent, (), 2, len(PROBS)).tokens)[:, :, 0].ravel()


def expected_probs(temperature=1.0, top_k=None, top_p=None, forbidden=()):
    scores = PROBS.astype("float64") ** (1 / temperature)
    scores[[0, *forbidden]] = 0  # the end is not allowed as a first word
    order = np.argsort(-scores)
    scores[order[top_k:] if top_k else []] = 0
    scores /= scores.sum()
    if top_p:
        before = np.cumsum(scores[order]) - scores[order]
        scores[order[before >= top_p]] = 0
    return scores / scores.sum()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"temperature": 2.0},
        {"temperature": 1 / 1.5},
        {"top_k": 3},
        {"top_p": 0.6},
        {"top_k": 4, "top_p": 0.5, "temperature": 1.3},
        {"forbidden": (2,)},
    ],
)
def test_words_are_drawn_as_often_as_their_probability_says(options):
    probs = expected_probs(**options)
    count = 8000
    words = np.bincount(first_words(count // 2, **options), minlength=len(probs))
    assert words[probs == 0].sum() == 0  # never outside the set
    possible = probs > 0
    chi_square = ((words - count * probs)[possible] ** 2 / (count * probs[possible])).sum()
    assert chi_square < 20.5  # 0.1 % of chi-square with 5 degrees of freedom


@pytest.mark.parametrize("vocabulary", [100, 1001])
def test_draws_from_a_large_vocabulary_follow_its_probabilities(vocabulary):
    from keras import ops

    probs = np.random.default_rng(0).dirichlet(np.full(vocabulary, 0.3)).astype("float32")
    probs[7::7] = 0

    def step(tokens, state):
        row = ops.log(ops.convert_to_tensor(probs[None]))
        return ops.repeat(row, ops.shape(tokens)[0], axis=0), state

    count = 20000
    decoded = Sampling(samples=count, max_length=1, seed=5)(step, (), 1, vocabulary)
    words = np.bincount(np.asarray(decoded.tokens)[0, :, 0], minlength=vocabulary)
    assert words[::7].sum() == 0  # neither the impossible words nor, at first, the end
    expected = np.append(0, probs[1:]) / probs[1:].sum() * count
    often = expected > 5
    deviations = (words - expected)[often] / np.sqrt(expected[often])
    assert abs((deviations**2).mean() - 1) < 5 * np.sqrt(2 / often.sum())
    assert abs(words[~often].sum() - expected[~often].sum()) < 5 * np.sqrt(expected[~often].sum())


def test_later_words_follow_the_earlier_ones(tiny_rnn, captions_of):
    model = tiny_rnn(8, vocabulary=3, images=1, sharpness=0.7)
    decoded = Sampling(samples=6000, max_length=2, seed=1)(model.step, model.state(), 1, 3)
    drawn = [tokens for tokens, _ in captions_of(decoded)[0]]
    total = 0
    for caption, _ in model.all_captions(0, 2):
        rows = np.exp(model.score(0, caption))
        prob = rows[0, caption[0]] / (1 - rows[0, 0])  # no end at first, only the end at last
        prob *= rows[1, caption[1]]
        total += prob
        share = drawn.count(caption) / len(drawn)
        assert abs(share - prob) < 4.5 * np.sqrt(prob * (1 - prob) / len(drawn)) + 1e-4
    np.testing.assert_allclose(total, 1, rtol=1e-5)


def test_samples_come_best_first_by_the_models_own_log_probability(tiny_rnn, captions_of):
    model = tiny_rnn(6, vocabulary=8, sharpness=0.5)
    decoder = Sampling(temperature=1 / 1.5, top_k=6, samples=20, seed=2, max_length=5)
    decoded = captions_of(decoder(model.step, model.state(), 3, 8))
    for image, captions in enumerate(decoded):
        log_probs = [p for _, p in captions]
        assert log_probs == sorted(log_probs, reverse=True)
        np.testing.assert_allclose(
            log_probs, [model.log_prob(image, tokens) for tokens, _ in captions], rtol=1e-4
        )
        assert len({tokens for tokens, _ in captions}) > 1
    assert decoded[0] != decoded[1]


def test_limits_hold_for_every_sample(tiny_rnn, captions_of):
    model = tiny_rnn(6, vocabulary=8)
    decoder = Sampling(samples=50, seed=2, max_length=5, min_length=3, forbidden=(1, 2))
    for captions in captions_of(decoder(model.step, model.state(), 3, 8)):
        for tokens, _ in captions:
            assert 3 <= len(tokens) - 1 <= 5
            assert not {1, 2} & set(tokens)
            assert tokens.index(0) == len(tokens) - 1


def test_a_seed_fixes_the_draws_and_none_varies_them(tiny_rnn):
    model = tiny_rnn(6, vocabulary=8, sharpness=0.5)

    def tokens(seed):
        decoder = Sampling(samples=10, seed=seed, max_length=5)
        return np.asarray(decoder(model.step, model.state(), 3, 8).tokens).tolist()

    assert tokens(1) == tokens(1)
    assert tokens(1) != tokens(2)
    assert tokens(None) != tokens(None)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"temperature": 0.0}, "temperature must be above 0; received: 0.0"),
        ({"top_k": 0}, "top_k must be at least 1; received: 0"),
        ({"top_p": 1.5}, r"top_p must be in \(0, 1\]; received: 1.5"),
        ({"samples": 0}, "samples must be at least 1; received: 0"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**options)
