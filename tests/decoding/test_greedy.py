import numpy as np
import pytest

from lrcn_keras.decoding import BeamSearch, Greedy


@pytest.mark.parametrize("options", [{}, {"min_length": 3}, {"forbidden": (1, 4)}])
@pytest.mark.parametrize("end_bias", [-1, 1, 3])
def test_greedy_equals_beam_search_with_one_beam(options, end_bias, tiny_rnn):
    model = tiny_rnn(1, vocabulary=9, images=8)
    model.bias[0] += end_bias
    arguments = (model.step, model.state(), 8, 9)
    greedy = Greedy(max_length=6, **options)(*arguments)
    beam = BeamSearch(1, max_length=6, **options)(*arguments)
    np.testing.assert_array_equal(greedy.tokens, beam.tokens)
    np.testing.assert_array_equal(greedy.lengths, beam.lengths)
    np.testing.assert_allclose(greedy.log_probs, beam.log_probs, rtol=1e-5)


def test_greedy_takes_the_likeliest_word_at_every_step(tiny_rnn, captions_of):
    model = tiny_rnn(7, vocabulary=40)
    decoded = Greedy(max_length=6)(model.step, model.state(), 3, 40)
    for image, ((tokens, log_prob),) in enumerate(captions_of(decoded)):
        for t, token in enumerate(tokens[:-1]):
            allowed = model.next(image, tokens[:t])
            allowed[0] = -np.inf if t == 0 else allowed[0]
            assert token == allowed.argmax()
        assert len(tokens) == 7 or model.next(image, tokens[:-1]).argmax() == 0
        np.testing.assert_allclose(log_prob, model.log_prob(image, tokens), rtol=1e-4)


def test_greedy_stops_when_all_captions_have_ended(tiny_rnn):
    model = tiny_rnn(7)
    model.bias[0] += 30
    decoded = Greedy(max_length=15)(model.step, model.state(), 3, 4)
    assert np.asarray(decoded.lengths).tolist() == [[2], [2], [2]]
    assert decoded.tokens.shape == (3, 1, 16)
    assert model.steps <= 3  # a backend may trace the loop's body once more


def test_a_word_that_is_forbidden_is_not_taken_when_nothing_else_is_possible():
    from keras import ops

    def step(tokens, state):
        certain = np.array([[0.0, 1.0, 0.0]], "float32")
        return ops.log(ops.repeat(ops.convert_to_tensor(certain), ops.shape(tokens)[0], 0)), state

    for decoder in (
        Greedy(max_length=3, forbidden=(1,)),
        BeamSearch(2, max_length=3, forbidden=(1,)),
    ):
        decoded = decoder(step, (), 1, 3)
        assert np.asarray(decoded.log_probs)[0, 0] == -np.inf
        assert np.asarray(decoded.lengths)[0, 0] == 0
