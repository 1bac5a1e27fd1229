import keras
import numpy as np
import pytest
from keras import ops

from lrcn_keras import datasets
from lrcn_keras.models import ImageCaptioner, LanguageModel
from lrcn_keras.text import Vocabulary


@pytest.fixture
def data(photo_folder):
    return datasets.folder(photo_folder)


@pytest.mark.parametrize(
    ("variant", "parameters"),
    [("2f", 37_618_801), ("2u", 37_618_801), ("1u", 29_614_801)],  # from the released files
)
def test_the_papers_sizes(variant, parameters):
    words = ["<eos>", "<unk>", *(f"w{i}" for i in range(8799))]
    model = ImageCaptioner.paper(words, variant, backbone=None, feature_size=1000, feature=None)
    assert model.count_params() == parameters


def _numpy_loss(model, batch, smoothing):
    """Mean cross entropy, one real token at a time."""
    inputs, targets = batch
    total, count, row = 0.0, 0, 0
    logits = ops.convert_to_numpy(model(inputs))
    for caption_lengths, caption_targets in zip(inputs["lengths"], targets.numpy(), strict=True):
        for length, target in zip(caption_lengths, caption_targets, strict=True):
            for t in range(length):
                log_probs = logits[row] - np.log(np.exp(logits[row]).sum())
                wanted = np.full(len(log_probs), smoothing / len(log_probs))
                wanted[target[t]] += 1 - smoothing
                total, count, row = total - (wanted * log_probs).sum(), count + 1, row + 1
    return total / count


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_the_mean_over_real_tokens(tiny_captioner, data, smoothing):
    tiny_captioner.compile(label_smoothing=smoothing)
    batch = next(iter(tiny_captioner.prepare(data, 4)))
    loss = tiny_captioner.compute_loss(batch[0], batch[1], tiny_captioner(batch[0]))
    np.testing.assert_allclose(loss, _numpy_loss(tiny_captioner, batch, smoothing), rtol=1e-5)


def test_sample_weights_are_factors_on_captions(tiny_captioner, data):
    tiny_captioner.compile()
    inputs, targets = next(iter(tiny_captioner.prepare(data, 4)))
    factors = np.array([[0, 0], [0, 3], [0, 0], [0, 0]], "float32")
    loss = tiny_captioner.compute_loss(inputs, targets, tiny_captioner(inputs), factors)
    log_prob = tiny_captioner.score(data.photos[1], data.captions[1][1])
    np.testing.assert_allclose(loss, -3 * log_prob / inputs["lengths"].numpy().sum(), rtol=1e-4)


def test_a_users_cnn_is_copied_and_counted_once(tiny_captioner, tiny_cnn):
    assert len(tiny_captioner.weights) == len(tiny_cnn.weights) + 9  # embedding, 2 LSTMs, logits
    tiny_captioner.backbone.set_weights([w + 1 for w in tiny_cnn.get_weights()])
    assert not np.allclose(tiny_captioner.backbone.get_weights()[0], tiny_cnn.get_weights()[0])


def test_fit_learns_and_evaluate_reports_it(tiny_captioner, data):
    tiny_captioner.compile(keras.optimizers.Adam(0.02))
    batches = tiny_captioner.prepare(data, 4)
    before = tiny_captioner.evaluate(batches, verbose=0, return_dict=True)["nll"]
    tiny_captioner.fit(tiny_captioner.prepare(data, 4, training=True), epochs=15, verbose=0)
    after = tiny_captioner.evaluate(batches, verbose=0, return_dict=True)["nll"]
    assert after < before - 0.5


def test_batch_norm_stays_as_it_was_pretrained(tiny_captioner, data):
    (norm,) = (
        layer
        for layer in tiny_captioner.backbone._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
    )
    before = norm.moving_mean.numpy(), norm.gamma.numpy()
    tiny_captioner.compile()
    tiny_captioner.fit(tiny_captioner.prepare(data, 4, training=True), verbose=0)
    np.testing.assert_array_equal(norm.moving_mean, before[0])
    assert not np.array_equal(norm.gamma, before[1])


def test_a_caption_has_the_log_probability_that_score_gives_it(tiny_captioner, data):
    for decoder in ("beam", "greedy", "sample"):
        caption = tiny_captioner.caption(data.photos[0], decoder)
        score = tiny_captioner.score(data.photos[0], caption.text)
        np.testing.assert_allclose(caption.log_prob, score, atol=1e-4)


def test_alternatives_are_other_sentences_in_order(tiny_captioner, data):
    caption = tiny_captioner.caption(data.photos[0])
    texts = [caption.text, *(text for text, _ in caption.alternatives)]
    log_probs = [caption.log_prob, *(log_prob for _, log_prob in caption.alternatives)]
    assert len(set(texts)) == 5
    assert log_probs == sorted(log_probs, reverse=True)


def test_one_by_one_equals_a_batch(tiny_captioner, data):
    photos = data.photos[:5]
    together = tiny_captioner.caption(photos, batch_size=2)
    alone = [tiny_captioner.caption(photo) for photo in photos]
    assert [c.text for c in together] == [c.text for c in alone]


def test_a_path_its_bytes_and_its_pixels_get_one_caption(tiny_captioner, data):
    from PIL import Image

    with open(data.photos[0], "rb") as file:
        encoded = file.read()
    pixels = np.asarray(Image.open(data.photos[0]))
    captions = [tiny_captioner.caption(photo) for photo in (data.photos[0], encoded, pixels)]
    assert captions[0].text == captions[1].text == captions[2].text


def test_never_says_unknown(tiny_captioner, data):
    bias = np.zeros(len(tiny_captioner.vocabulary))
    bias[Vocabulary.unknown_id] = 100
    tiny_captioner.word_decoder.logits.bias.assign(bias)
    assert "<unk>" not in tiny_captioner.caption(data.photos[0]).text


def test_another_vocabulary_keeps_the_shared_words(tiny_captioner, data):
    words = tiny_captioner.vocabulary.words
    moved = tiny_captioner.with_vocabulary([*words[:2], "zebra", *reversed(words[2:])])
    # All old words are there and "zebra" is made impossible, so the distribution is the old one.
    bias = moved.word_decoder.logits.bias.numpy()
    bias[2] = -1e9
    moved.word_decoder.logits.bias.assign(bias)
    caption = tiny_captioner.caption(data.photos[0])
    again = moved.caption(data.photos[0])
    assert again.text == caption.text
    np.testing.assert_allclose(again.log_prob, caption.log_prob, atol=1e-4)


def test_language_is_taken_over(tiny_captioner, tiny_vocabulary, data):
    language = LanguageModel(tiny_vocabulary, units=8, embedding_size=8, dropout=0.0)
    tiny_captioner.copy_language(language)
    features = np.zeros((1, 6), "float32")  # an image of nothing leaves language alone
    tokens = np.array([[[0, 2, 3, 4]]], "int32")
    lengths = np.array([[4]], "int32")
    np.testing.assert_allclose(
        tiny_captioner.word_decoder(tokens, lengths, features),
        language({"tokens": tokens, "lengths": lengths}),
        atol=1e-6,
    )


def test_without_backbone_is_the_same_after_the_cnn(tiny_captioner, data):
    inputs, _ = next(iter(tiny_captioner.prepare(data, 4)))
    features = tiny_captioner.encode(inputs["image"])
    head = tiny_captioner.without_backbone()
    np.testing.assert_allclose(
        head({"features": features, "tokens": inputs["tokens"], "lengths": inputs["lengths"]}),
        tiny_captioner(inputs),
        atol=1e-5,
    )


def test_config_round_trip(tiny_captioner, data):
    again = ImageCaptioner.from_config(tiny_captioner.get_config())
    again.set_weights(tiny_captioner.get_weights())
    assert again.caption(data.photos[0]) == tiny_captioner.caption(data.photos[0])


def test_what_is_not_allowed_is_named(tiny_vocabulary):
    with pytest.raises(ValueError, match="Unknown variant '3f', expected one of"):
        ImageCaptioner(tiny_vocabulary, None, feature_size=4, variant="3f")
    with pytest.raises(ValueError, match="feature_size belongs to backbone=None"):
        ImageCaptioner(tiny_vocabulary, None)
    model = ImageCaptioner(tiny_vocabulary, None, feature_size=4, units=8)
    with pytest.raises(ValueError, match="has 9 weights, got 1"):
        model.load_weights_from([np.zeros(3)])
