import keras
import numpy as np
import pytest
from keras import ops

from lrcn_keras.models.word_decoder import VARIANTS, WordDecoder, real_steps

_V, _F = 11, 5


def _decoder(variant="2f", **kwargs):
    num_layers, image_layer = VARIANTS[variant]
    decoder = WordDecoder(
        _V, num_layers, image_layer, units=6, embedding_size=6, dropout=0.0, **kwargs
    )
    decoder.build((None, None, None), (None, None), (None, _F))
    return decoder


def _batch(lengths, steps, seed=0):
    rng = np.random.default_rng(seed)
    lengths = np.array(lengths, "int32")
    tokens = rng.integers(1, _V, (*lengths.shape, steps)).astype("int32")
    tokens[..., 0] = 0
    features = rng.normal(size=(len(lengths), _F)).astype("float32")
    return tokens, lengths, features


def test_real_steps_are_those_below_the_length():
    values = np.arange(12).reshape(1, 2, 6)
    kept = ops.convert_to_numpy(real_steps(values, np.array([[2, 3]], "int32")))
    np.testing.assert_array_equal(kept, [0, 1, 6, 7, 8])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("tied", [False, True])
def test_step_by_step_equals_the_whole_sequence(variant, tied):
    decoder = _decoder(variant, tied_embeddings=tied)
    tokens, lengths, features = _batch([[5]], 5)
    whole = ops.convert_to_numpy(ops.log_softmax(decoder(tokens, lengths, features)))
    state = decoder.begin(1, features)
    for t in range(5):
        log_probs, state = decoder.step(tokens[0, :, t], state)
        np.testing.assert_allclose(log_probs[0], whole[t], atol=1e-5)


def test_padding_never_changes_a_logit():
    decoder = _decoder()
    tokens, lengths, features = _batch([[3, 0], [2, 4]], 4)
    expected = decoder(tokens, lengths, features)
    padded = np.pad(tokens, ((0, 0), (0, 1), (0, 3)), constant_values=7)
    lengths = np.pad(lengths, ((0, 0), (0, 1)))
    np.testing.assert_allclose(decoder(padded, lengths, features), expected, atol=1e-6)


def test_captions_of_a_photo_do_not_see_each_other():
    decoder = _decoder()
    tokens, lengths, features = _batch([[3, 4], [2, 4]], 4)
    together = ops.convert_to_numpy(decoder(tokens, lengths, features))
    alone = [
        decoder(tokens[b : b + 1, k : k + 1], lengths[b : b + 1, k : k + 1], features[b : b + 1])
        for b in range(2)
        for k in range(2)
    ]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-6)


@pytest.mark.parametrize(("variant", "seen_from"), [("2u", 0), ("2f", 1), ("4f", 2)])
def test_the_image_enters_at_its_layer_only(variant, seen_from):
    kernels = [lstm.cell.kernel.shape[0] for lstm in _decoder(variant).lstms]
    assert [rows == 6 + _F for rows in kernels] == [i == seen_from for i in range(len(kernels))]


def test_tied_embeddings_need_equal_sizes():
    with pytest.raises(ValueError, match="units=6, embedding_size=7"):
        WordDecoder(_V, units=6, embedding_size=7, tied_embeddings=True)


def test_copying_keeps_rows_of_shared_words():
    old, new = _decoder(), _decoder()
    new.copy_from(old, np.array([0, 1, 5]), np.array([0, 1, 9]))
    np.testing.assert_array_equal(new.embedding.embeddings[9], old.embedding.embeddings[5])
    np.testing.assert_array_equal(new.logits.kernel[:, 9], old.logits.kernel[:, 5])
    assert not np.allclose(new.embedding.embeddings[5], old.embedding.embeddings[5])
    np.testing.assert_array_equal(new.lstms[1].cell.kernel, old.lstms[1].cell.kernel)


def test_copying_refuses_other_sizes():
    other = WordDecoder(_V, 2, 1, units=7, embedding_size=6)
    with pytest.raises(ValueError, match="units must be the same in both decoders, got 7 and 6"):
        _decoder().copy_from(other, np.array([0]), np.array([0]))


def test_config_round_trip():
    decoder = _decoder("4f", tied_embeddings=True)
    again = keras.layers.deserialize(keras.layers.serialize(decoder))
    assert again.get_config() == decoder.get_config()
