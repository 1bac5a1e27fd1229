import json

import numpy as np
import pytest

from lrcn_keras import decoding
from lrcn_keras.decoding import BeamSearch, Greedy, Sampling

DECODERS = [
    Greedy(max_length=7, forbidden=(1,)),
    BeamSearch(3, length_penalty=0.6, n_best=2, min_length=4),
    Sampling(temperature=1 / 1.5, top_k=5, top_p=0.9, samples=100, seed=4),
]


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)
def test_a_config_goes_through_json_and_back(decoder):
    config = json.loads(json.dumps(decoder.get_config()))
    assert decoding.get(config) == decoder
    assert type(decoder).from_config(config) == decoder
    assert hash(decoding.get(config)) == hash(decoder)
    assert decoder.name in decoding.get(decoder.name).get_config()["name"]


def test_get_accepts_names_configs_and_decoders():
    assert decoding.get("greedy") == Greedy()
    assert decoding.get("beam") == BeamSearch(5)
    assert decoding.get("sample") == Sampling()
    assert decoding.get({"name": "beam", "beams": 2}) == BeamSearch(2)
    decoder = BeamSearch(4)
    assert decoding.get(decoder) is decoder


@pytest.mark.parametrize(
    "given, message",
    [
        ("beem", "Unknown decoder 'beem'; known decoders: 'beam', 'greedy', 'sample'"),
        ({"beams": 3}, "Unknown decoder None; known decoders: 'beam', 'greedy', 'sample'"),
        (
            3,
            "A decoder is a name ('beam', 'greedy', 'sample'), a dict with a name or a Decoder; "
            "received: 3",
        ),
        (
            {"name": "greedy", "beams": 3},
            "Unknown options ['beams'] of the decoder 'greedy'; "
            "known options: ['forbidden', 'max_length', 'min_length']",
        ),
    ],
)
def test_get_says_what_was_given_and_what_is_allowed(given, message):
    with pytest.raises(ValueError) as error:
        decoding.get(given)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "options", [{"min_length": 0}, {"max_length": 0}, {"min_length": 5, "max_length": 4}]
)
def test_limits_that_contradict_each_other_are_refused(options):
    with pytest.raises(ValueError, match="min_length must be at least 1 and at most max_length"):
        Greedy(**options)


@pytest.mark.parametrize(
    "forbidden, call, message",
    [
        ((9,), {}, r"forbidden id 9 must be in \[0, 4\), the vocabulary; received: 9"),
        ((-1,), {}, r"forbidden id -1 must be in \[0, 4\)"),
        ((0,), {}, "The end token cannot be forbidden; received: end=0"),
        ((1, 2, 3), {}, "All words of the vocabulary of 4 are forbidden"),
        ((), {"start": 4}, r"start must be in \[0, 4\), the vocabulary; received: 4"),
    ],
)
def test_ids_that_cannot_be_meant_are_refused(forbidden, call, message, tiny_rnn):
    model = tiny_rnn(0)
    for decoder in (Greedy, BeamSearch, Sampling):
        with pytest.raises(ValueError, match=message):
            decoder(forbidden=forbidden)(model.step, model.state(), 3, 4, **call)


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.name)
def test_every_caption_is_words_then_end_and_scored_by_teacher_forcing(decoder, tiny_rnn):
    model = tiny_rnn(3, vocabulary=12)
    tokens, log_probs, lengths = (np.asarray(x) for x in decoder(model.step, model.state(), 3, 12))
    assert tokens.dtype == lengths.dtype == np.int32 and log_probs.dtype == np.float32
    for image, i in np.ndindex(lengths.shape):
        caption = tokens[image, i, : lengths[image, i]]
        assert decoder.min_length + 1 <= len(caption) <= decoder.max_length + 1
        assert (caption[:-1] != 0).all() and (tokens[image, i, len(caption) - 1 :] == 0).all()
        np.testing.assert_allclose(log_probs[image, i], model.log_prob(image, caption), rtol=1e-4)
