import numpy as np
import pytest

from lrcn_keras.decoding import BeamSearch

EVERYTHING = 400  # wider than the number of captions of 4 words over a vocabulary of 4


def run(model, decoder, captions_of, images=None):
    images = model.images if images is None else images
    return captions_of(decoder(model.step, model.state(images), len(images), model.vocabulary))


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_beam_wide_enough_finds_the_best_captions_of_all(
    seed, penalty, tiny_rnn, captions_of, assert_captions
):
    model = tiny_rnn(seed)
    decoder = BeamSearch(EVERYTHING, length_penalty=penalty, max_length=4, n_best=6)
    found = run(model, decoder, captions_of)
    for image in range(len(model.images)):
        expected = model.all_captions(image, 4, penalty=penalty)[:6]
        assert_captions(found[image], expected)


@pytest.mark.parametrize(
    "min_length, forbidden", [(1, ()), (3, ()), (4, ()), (1, (2,)), (2, (1, 3))]
)
def test_limits_and_forbidden_words_choose_among_all_captions(
    min_length, forbidden, tiny_rnn, captions_of, assert_captions
):
    model = tiny_rnn(5)
    decoder = BeamSearch(
        EVERYTHING, max_length=4, min_length=min_length, forbidden=forbidden, n_best=3
    )
    found = run(model, decoder, captions_of)
    for image in range(len(model.images)):
        expected = model.all_captions(image, 4, min_length, forbidden)[:3]
        assert_captions(found[image], expected)


@pytest.mark.parametrize("penalty", [0.0, 0.8])
@pytest.mark.parametrize("beams, n_best", [(1, 1), (2, 1), (2, 2), (3, 2), (6, 3)])
def test_narrow_beams_equal_a_plain_search_to_the_end(
    beams, n_best, penalty, tiny_rnn, captions_of, assert_captions
):
    for seed in range(6):
        model = tiny_rnn(seed, vocabulary=6, sharpness=1.0)
        model.bias[0] += seed - 2  # from captions that end late to captions that end at once
        decoder = BeamSearch(beams, length_penalty=penalty, max_length=7, n_best=n_best)
        found = run(model, decoder, captions_of)
        for image in range(len(model.images)):
            expected = model.plain_beam_search(image, beams, 7, penalty=penalty)[:n_best]
            assert_captions(found[image], expected)


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_no_caption_has_an_ngram_twice(size, tiny_rnn, captions_of, assert_captions):
    longest = 5
    for seed in range(4):
        model = tiny_rnn(seed, vocabulary=3 + size, sharpness=1.0)
        model.bias[0] -= 1
        for beams in (2, 4):
            decoder = BeamSearch(beams, max_length=longest, no_repeat_ngram_size=size, n_best=2)
            found = run(model, decoder, captions_of)
            for image in range(len(model.images)):
                expected = model.plain_beam_search(image, beams, longest, ngram=size)[:2]
                assert_captions(found[image], expected)
                for caption, _ in found[image]:
                    words = caption[:-1]
                    ngrams = [words[i : i + size] for i in range(len(words) - size + 1)]
                    assert len(set(ngrams)) == len(ngrams)


def test_an_ngram_size_of_0_allows_all_and_negative_ones_are_refused(tiny_rnn, captions_of):
    model = tiny_rnn(0)
    model.bias[1] += 30
    decoder = BeamSearch(2, max_length=4, min_length=4)
    assert all(best[0][0] == (1, 1, 1, 1, 0) for best in run(model, decoder, captions_of))
    with pytest.raises(ValueError, match="no_repeat_ngram_size must be at least 0; received: -1"):
        BeamSearch(no_repeat_ngram_size=-1)


def test_narrow_beams_in_a_large_vocabulary_equal_a_plain_search(
    tiny_rnn, captions_of, assert_captions
):
    model = tiny_rnn(3, vocabulary=1001, sharpness=1.0)
    model.bias[0] += 4
    found = run(model, BeamSearch(3, max_length=5, n_best=3, forbidden=(1, 7)), captions_of)
    for image in range(len(model.images)):
        expected = model.plain_beam_search(image, 3, 5, forbidden=(1, 7))
        assert_captions(found[image], expected)


def test_a_batch_equals_its_images_one_by_one(tiny_rnn, captions_of, assert_captions):
    model = tiny_rnn(11, vocabulary=7, images=5)
    decoder = BeamSearch(3, max_length=6, n_best=2, length_penalty=0.5)
    together = run(model, decoder, captions_of)
    for image in range(5):
        alone = run(model, decoder, captions_of, model.images[image : image + 1])
        assert_captions(together[image], alone[0])


@pytest.mark.parametrize("penalty, steps", [(0.0, 2), (1.0, 3)])
def test_the_search_stops_when_no_open_beam_can_win(penalty, steps, captions_of):
    # "1" and the end: 0.81. After two steps the best open beam has 0.9 * 0.05: below 0.81, but over
    # 31 tokens a mean of log(0.045) / 31 = -0.100 would beat log(0.81) / 2 = -0.105. After three
    # steps it has 0.9 * 0.05 * 0.05, and log(0.00225) / 31 = -0.197.
    from keras import ops

    table = np.array([[0.05, 0.9, 0.05], [0.9, 0.05, 0.05], [0.9, 0.05, 0.05]], "float32")
    calls = []

    def step(tokens, state):
        calls.append(len(np.asarray(tokens)))
        return ops.log(ops.take(table, tokens, axis=0)), state

    decoder = BeamSearch(4, max_length=30, length_penalty=penalty)
    ((found,),) = captions_of(decoder(step, (), 1, 3))
    assert found[0] == (1, 0)
    np.testing.assert_allclose(found[1], np.log(0.81), rtol=1e-5)
    assert len(calls) <= steps
    assert calls[0] == 1  # the first step expands one row, not four


def test_the_search_waits_for_a_longer_caption_that_the_length_penalty_favours(captions_of):
    # "1" has mean log(0.36) / 2 = -0.51 after two steps. "2 2 2 2 2" costs log(0.1) at once and
    # nothing later: its mean is log(0.1) / 6 = -0.38 when it has ended. (Nothing else follows "1".)
    from keras import ops

    first = np.array([[0, 0.9, 0.1], [0.4, 0, 0], [0, 0, 1]], "float32")
    last = np.array([[1, 0, 0]] * 3, "float32")

    def step(tokens, written):
        probs = ops.where(written < 5, ops.take(first, tokens, 0), ops.take(last, tokens, 0))
        return ops.log(probs), written + 1

    written = ops.zeros((1, 1), dtype="int32")
    search = BeamSearch(2, max_length=8, length_penalty=1.0)
    ((found,),) = captions_of(search(step, written, 1, 3))
    assert found[0] == (2, 2, 2, 2, 2, 0)
    np.testing.assert_allclose(found[1], np.log(0.1), rtol=1e-5)


def test_a_finished_beam_is_kept_as_it_is(captions_of):
    # "1" ends at once with 0.6 * 0.9; the rest goes on for four words and never ends before.
    from keras import ops

    table = np.array(
        [[1e-6, 0.6, 0.4, 0], [0.9, 0, 0, 0.1], [1e-6, 0, 1, 0], [1e-6, 0, 0, 1]], "float32"
    )

    def step(tokens, state):
        return ops.log(ops.take(table, tokens, axis=0)), state

    decoder = BeamSearch(3, max_length=4, n_best=3)
    (found,) = captions_of(decoder(step, (), 1, 4))
    assert [tokens for tokens, _ in found] == [(1, 0), (2, 2, 2, 2, 0), (1, 3, 3, 3, 0)]
    expected = [0.54, 0.4e-6, 0.06e-6]
    np.testing.assert_allclose([p for _, p in found], np.log(expected), rtol=1e-5)


def test_more_beams_than_captions_leaves_the_rest_impossible():
    from keras import ops

    def step(tokens, state):
        return ops.log(ops.full((ops.shape(tokens)[0], 2), 0.5)), state

    tokens, log_probs, lengths = BeamSearch(5, max_length=2, n_best=5)(step, (), 2, 2)
    assert np.asarray(lengths).tolist() == [[2, 3, 0, 0, 0]] * 2
    assert np.asarray(tokens)[0].tolist() == [[1, 0, 0], [1, 1, 0]] + [[0, 0, 0]] * 3
    np.testing.assert_allclose(
        np.asarray(log_probs)[1], [2 * np.log(0.5), 3 * np.log(0.5)] + [-np.inf] * 3, rtol=1e-6
    )


def test_captions_are_never_empty_even_if_the_end_is_almost_certain(tiny_rnn, captions_of):
    model = tiny_rnn(2)
    model.bias[0] += 30
    for captions in run(model, BeamSearch(3), captions_of):
        tokens, _ = captions[0]
        assert len(tokens) == 2 and tokens[0] != 0 and tokens[1] == 0


def test_captions_cut_at_max_length_are_scored_with_their_end(tiny_rnn, captions_of):
    model = tiny_rnn(4)
    model.bias[0] -= 20
    for image, captions in enumerate(run(model, BeamSearch(3, max_length=6), captions_of)):
        tokens, log_prob = captions[0]
        assert len(tokens) == 7 and 0 not in tokens[:-1] and tokens[-1] == 0
        np.testing.assert_allclose(log_prob, model.log_prob(image, tokens), rtol=1e-4)


def test_start_and_end_may_be_any_tokens(tiny_rnn, captions_of, assert_captions):
    model = tiny_rnn(9)
    order = np.array([2, 3, 0, 1])  # new id of every old one: the end becomes 2

    def step(tokens, state):
        from keras import ops

        tokens = ops.take(ops.argsort(ops.convert_to_tensor(order)), tokens)
        log_probs, state = model.step(ops.cast(tokens, "int32"), state)
        return ops.take(log_probs, ops.argsort(ops.convert_to_tensor(order)), axis=1), state

    decoder = BeamSearch(3, max_length=5, n_best=3)
    renamed = captions_of(decoder(step, model.state(), 3, 4, start=2, end=2))
    plain = run(model, decoder, captions_of)
    for image in range(3):
        expected = [(tuple(order[list(tokens)]), p) for tokens, p in plain[image]]
        assert_captions(renamed[image], expected)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"beams": 0}, "n_best must be at least 1 and at most beams; received: n_best=1, beams=0"),
        ({"beams": 2, "n_best": 3}, "received: n_best=3, beams=2"),
        ({"length_penalty": -1.0}, "length_penalty must be at least 0; received: -1.0"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        BeamSearch(**options)
