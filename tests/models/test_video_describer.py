"""Describers: variants, padding, words from times, what trains and what is taken over."""

import keras
import numpy as np
import pytest
from keras import ops

from lrcn_keras.models import ImageCaptioner, LanguageModel, VideoDescriber
from lrcn_keras.models.clip_context import VARIANTS
from lrcn_keras.models.description_batches import spoken_words
from lrcn_keras.text import Vocabulary

WORDS = ["<eos>", "<unk>", "a", "dog", "cat", "runs", "sits"]
ROLES = {"who": ["dog", "cat", "man"], "doing": ["running", "sitting"], "where": ["home", "out"]}
F = 6


def make(variant, **arguments):
    """On features, with weights large enough for sentences that differ."""
    options = {"backbone": None, "feature_size": F, "variant": variant, "units": 7}
    options |= {"embedding_size": 5, "dropout": 0.0, "frames": None}
    if VARIANTS[variant]:
        options["roles"] = ROLES
    model = VideoDescriber(WORDS, **{**options, **arguments})
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.9, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def describers():
    return {variant: make(variant) for variant in VARIANTS}


def batch(seed=0, frame_lengths=(4, 1, 3), lengths=((3, 4), (2, 0), (4, 1))):
    rng = np.random.default_rng(seed)
    frame_lengths = np.array(frame_lengths, "int32")
    lengths = np.array(lengths, "int32")
    tokens = rng.integers(1, len(WORDS), (*lengths.shape, lengths.max())).astype("int32")
    tokens[..., 0] = 0
    features = rng.normal(size=(len(frame_lengths), frame_lengths.max(), F)).astype("float32")
    return {
        "features": features,
        "frame_lengths": frame_lengths,
        "tokens": tokens,
        "lengths": lengths,
    }


def log_softmax(logits):
    logits = np.asarray(ops.convert_to_numpy(logits), "float64")
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("variant", VARIANTS)
def test_padding_never_changes_a_logit(describers, variant):
    inputs = batch()
    expected = ops.convert_to_numpy(describers[variant](inputs))
    rng = np.random.default_rng(1)
    padded = {
        "features": rng.normal(size=(3, 9, F)).astype("float32"),
        "frame_lengths": inputs["frame_lengths"],
        "tokens": np.pad(inputs["tokens"], ((0, 0), (0, 1), (0, 2)), constant_values=3),
        "lengths": np.pad(inputs["lengths"], ((0, 0), (0, 1))),
    }
    for row, given, length in zip(
        padded["features"], inputs["features"], inputs["frame_lengths"], strict=True
    ):
        row[:length] = given[:length]
    np.testing.assert_allclose(describers[variant](padded), expected, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_step_by_step_is_what_training_sees(describers, variant):
    model = describers[variant]
    inputs = batch()
    rows = log_softmax(model(inputs))
    context = model.context([inputs["features"], inputs["frame_lengths"]])
    begun = model.word_decoder.begin(3, **context)
    for clip in range(3):
        for tokens, length in zip(inputs["tokens"][clip], inputs["lengths"][clip], strict=True):
            state = keras.tree.map_structure(lambda x, clip=clip: x[clip : clip + 1], begun)
            for t in range(length):
                log_probs, state = model.word_decoder.step(tokens[t : t + 1], state)
                np.testing.assert_allclose(log_probs[0], rows[0], atol=1e-5)
                rows = rows[1:]
    assert len(rows) == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_config_round_trip(describers, variant):
    model = describers[variant]
    again = VideoDescriber.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(batch()), model(batch()))


def test_a_clip_of_one_frame_is_captioned_as_a_photo(tiny_cnn, tiny_vocabulary):
    sizes = {"units": 8, "embedding_size": 8, "dropout": 0.0}
    captioner = ImageCaptioner(tiny_vocabulary, tiny_cnn, **sizes)
    describer = VideoDescriber(tiny_vocabulary, tiny_cnn, **sizes)
    for layer in captioner.word_decoder.lstms:
        layer.cell.kernel.assign(layer.cell.kernel * 5)
    describer.copy_captioner(captioner)
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    words = {
        "tokens": np.array([[[0, 2, 3]], [[0, 4, 1]]], "int32"),
        "lengths": np.array([[3], [2]], "int32"),
    }
    one = {"frames": image[:, None], "frame_lengths": np.ones(2, "int32")}
    np.testing.assert_allclose(
        describer({**one, **words}), captioner({"image": image, **words}), atol=1e-5
    )


def test_mean_pool_is_the_mean_of_real_frames(describers):
    inputs = batch()
    pooled = describers["mean_pool"].context([inputs["features"], inputs["frame_lengths"]])
    for row, features, length in zip(
        pooled["features"], inputs["features"], inputs["frame_lengths"], strict=True
    ):
        np.testing.assert_allclose(row, features[:length].mean(axis=0), atol=1e-6)


def _marginals(model, feature):
    """The CRF's marginals by enumeration, and the likeliest labels."""
    head = model.role_head
    unaries = feature @ head.unaries.kernel.numpy() + head.unaries.bias.numpy()
    sizes, tables = head.sizes, [table.numpy() for table in head.crf.tables]
    firsts = np.cumsum([0, *sizes])
    marginals, best, total = np.zeros(sum(sizes)), (-np.inf, None), 0.0
    for labels in np.ndindex(*sizes):
        score = sum(unaries[first + label] for first, label in zip(firsts, labels, strict=False))
        for (a, b), table in zip([(0, 1), (0, 2), (1, 2)], tables, strict=True):
            score += table[labels[a], labels[b]]
        best = max(best, (score, labels))
        total += np.exp(score)
        for first, label in zip(firsts, labels, strict=False):
            marginals[first + label] += np.exp(score)
    return marginals / total, best[1]


def test_roles_are_given_as_marginals_one_hots_or_labels(describers):
    inputs = batch()
    means = [
        x[:n].mean(axis=0) for x, n in zip(inputs["features"], inputs["frame_lengths"], strict=True)
    ]
    given = [inputs["features"], inputs["frame_lengths"]]
    marginals = describers["c"].context(given)["features"]
    hots = describers["b"].context(given)["features"]
    scaled = make("c", role_scale=4.0)
    scaled.set_weights(describers["c"].get_weights())
    np.testing.assert_allclose(scaled.context(given)["features"], 4 * marginals, atol=1e-5)
    firsts = [0, 3, 5]
    for mean, of_clip, hot in zip(means, marginals, hots, strict=True):
        expected, _ = _marginals(describers["c"], mean)
        np.testing.assert_allclose(of_clip, expected, atol=1e-5)
        _, labels = _marginals(describers["b"], mean)
        expected = np.zeros(7)
        expected[[first + label for first, label in zip(firsts, labels, strict=True)]] = 1
        np.testing.assert_array_equal(hot, expected)


def test_variant_a_is_an_encoder_and_a_decoder():
    model = make("a", num_layers=1)
    inputs = batch(frame_lengths=[2], lengths=[[4]])
    # The labels' vectors and then the words', through Keras's own LSTMs.
    _, labels = _marginals(model, inputs["features"][0].mean(axis=0))
    encoder = model.context.get_layer("role_encoder")
    vectors = encoder.embedding.embeddings.numpy()[np.array(labels) + [0, 3, 5]]
    reader = keras.layers.LSTM(7, return_state=True)
    reader.build((None, None, 5))
    reader.set_weights(encoder.lstms[0].get_weights())
    _, *state = reader(vectors[None])
    decoder = model.word_decoder
    writer = keras.layers.LSTM(7, return_sequences=True)
    writer.build((None, None, 5))
    writer.set_weights(decoder.lstms[0].get_weights())
    words = decoder.embedding(inputs["tokens"][0])
    expected = decoder.logits(writer(words, initial_state=state))[0]
    np.testing.assert_allclose(model(inputs), expected, atol=1e-5)


def test_s2vt_is_two_lstms_over_frames_and_then_words():
    model = make("s2vt", frame_loss=0.5)
    inputs = batch(frame_lengths=[3], lengths=[[4]])
    decoder = model.word_decoder
    # One run of Keras's own LSTMs over 3 steps of reading and 4 of writing.
    frames = np.concatenate([inputs["features"], np.zeros((1, 4, F))], axis=1)
    words = ops.convert_to_numpy(decoder.embedding(inputs["tokens"][0]))
    words = np.concatenate([np.zeros((1, 3, 5)), words], axis=1)
    lstms = []
    for mine, size in zip(decoder.lstms, (F, 7 + 5), strict=True):
        lstms.append(keras.layers.LSTM(7, return_sequences=True))
        lstms[-1].build((None, None, size))
        lstms[-1].set_weights(mine.get_weights())
    read = ops.convert_to_numpy(lstms[0](frames))
    expected = decoder.logits(lstms[1](np.concatenate([read, words], axis=-1)))[0]
    logits = model(inputs)
    np.testing.assert_allclose(logits["frames"], decoder.logits(read[0, :3]), atol=1e-5)
    np.testing.assert_allclose(logits["words"], expected[3:], atol=1e-5)


def test_a_word_is_named_some_frames_after_it_is_spoken():
    times = [(0, 1.5, "dog"), (2.25, 4, "zebra"), (4, 5, "runs")]
    vocabulary = Vocabulary.of(WORDS)
    assert spoken_words(times, vocabulary, 0, 6, 6).tolist() == [3, 3, 0, 1, 5, 0]
    assert spoken_words(times, vocabulary, 2, 6, 6).tolist() == [0, 0, 3, 3, 0, 1]
    # Played at double speed every other frame is seen.
    assert spoken_words(times, vocabulary, 0, 6, 3).tolist() == [3, 0, 5]


def test_the_frames_loss_is_weighed_and_told_apart():
    model = make("s2vt", frame_loss=0.25)
    model.compile()
    inputs = batch()
    rng = np.random.default_rng(2)
    targets = {
        "words": rng.integers(0, 7, inputs["tokens"].shape),
        "frames": rng.integers(0, 7, inputs["features"].shape[:2]),
    }
    logits = model(inputs)
    loss = model.compute_loss(inputs, targets, logits)

    def mean_nll(rows, targets, lengths):
        wanted = np.concatenate([t[:n] for t, n in zip(targets, lengths, strict=True)])
        return -np.mean(log_softmax(rows)[np.arange(len(wanted)), wanted])

    words = mean_nll(
        logits["words"], targets["words"].reshape(6, -1), inputs["lengths"].reshape(-1)
    )
    frames = mean_nll(logits["frames"], targets["frames"], inputs["frame_lengths"])
    np.testing.assert_allclose(loss, words + 0.25 * frames, rtol=1e-5)
    np.testing.assert_allclose(model.nll.result(), words, rtol=1e-5)
    np.testing.assert_allclose(model.frame_nll.result(), frames, rtol=1e-5)


def test_sentences_do_not_train_roles(describers):
    inputs = batch()
    for variant in "abc":
        model = describers[variant]
        trained = {weight.path.split("/")[0] for weight in model.trainable_weights}
        assert trained <= {"word_decoder", "role_encoder"}
        assert len(model.trainable_weights) < len(model.weights)
    # (Their own loss does: what it learned is taken over.)
    model = make("c", edges=[("who", "doing")])
    recognizer = model.role_recognizer(dropout=0.25)
    assert recognizer.role_head.crf.edges == ((0, 1),)
    given = {key: inputs[key] for key in ("features", "frame_lengths")}
    before = ops.convert_to_numpy(recognizer(given))
    np.testing.assert_array_equal(before, model.role_head(*given.values()))
    assert len(recognizer.trainable_weights) == 3
    recognizer.set_weights([w + 1 for w in recognizer.get_weights()])
    model.copy_roles(recognizer)
    after = ops.convert_to_numpy(model.role_head(*given.values()))
    assert not np.allclose(after, before)
    np.testing.assert_array_equal(recognizer(given), after)


def test_another_vocabulary_keeps_the_shared_words(describers):
    for variant in ("a", "s2vt"):
        model = describers[variant]
        moved = model.with_vocabulary([*WORDS[:2], "zebra", *reversed(WORDS[2:])])
        inputs = batch()
        ids = np.array([moved.vocabulary.words.index(word) for word in WORDS], "int32")
        logits = ops.convert_to_numpy(moved({**inputs, "tokens": ids[inputs["tokens"]]}))
        np.testing.assert_allclose(logits[:, ids], model(inputs), atol=1e-5)


def test_language_is_taken_over_but_not_what_sees_another_image(describers):
    language = LanguageModel(WORDS, units=7, embedding_size=5, dropout=0.0)
    captioner = ImageCaptioner(WORDS, None, feature_size=9, units=7, embedding_size=5)
    for other in (language, captioner):
        model = make("c")
        static = model.word_decoder.lstms[1].cell.kernel.numpy()[7:]
        (model.copy_language if other is language else model.copy_captioner)(other)
        theirs = getattr(other, "decoder" if other is language else "word_decoder")
        mine = model.word_decoder.lstms[1].cell.kernel.numpy()
        np.testing.assert_array_equal(mine[:7], theirs.lstms[1].cell.kernel.numpy()[:7])
        np.testing.assert_array_equal(mine[7:], static)
    with pytest.raises(ValueError, match="variant 's2vt' are not those of a captioner"):
        describers["s2vt"].copy_language(language)


def test_a_description_has_its_score_and_the_roles_it_was_written_from(describers):
    model = describers["c"]
    features = [x[None, :n] for x, n in zip(batch()["features"], (4, 1, 3), strict=True)]
    descriptions = model.describe_features(features, batch_size=2)
    for views, found in zip(features, descriptions, strict=True):
        context = model.context([views[0][None], np.array([views.shape[1]], "int32")])
        score = model.score_from(model.word_decoder.begin(1, **context), found.text)
        np.testing.assert_allclose(found.log_prob, score, atol=1e-4)
        marginals, labels = _marginals(model, views[0].mean(axis=0))
        named = [ROLES[role][label] for role, label in zip(ROLES, labels, strict=True)]
        assert list(found.labels.items()) == list(zip(ROLES, named, strict=True))
        who = found.roles["who"]
        assert list(who.values()) == sorted(who.values(), reverse=True)
        expected = dict(zip(ROLES["who"], marginals[:3], strict=True))
        np.testing.assert_allclose([who[name] for name in expected], marginals[:3], atol=1e-5)
    with pytest.raises(ValueError, match="A clip has no frames"):
        model.describe_features([np.zeros((1, 0, F))])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variant": "d"}, "Unknown variant 'd', expected one of"),
        ({"variant": "b"}, "roles belong to the variants a, b and c"),
        ({"variant": "mean_pool", "roles": ROLES}, "roles belong to the variants a, b and c"),
        ({"variant": "a", "roles": ROLES, "projection": 3}, "has nothing to project"),
        ({"variant": "s2vt", "num_layers": 3}, "has 2 LSTMs, got num_layers=3"),
        ({"frame_loss": 0.5}, "frame_loss belongs to the variant 's2vt'"),
        ({"variant": "s2vt", "frame_loss": 0.5, "frames": 8}, "frames=None, got 8"),
        ({"feature_size": None}, "feature_size belongs to backbone=None"),
        ({"modality": "flow"}, "Unknown modality 'flow'"),
        ({"region": (0, 0, 1, 2)}, r"region is \(top, left, bottom, right\)"),
        ({"frames": 0}, "frames is a number from 1 on"),
    ],
)
def test_what_is_not_allowed_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        VideoDescriber(WORDS, None, **{"feature_size": F, "units": 4, **arguments})
