import keras
import numpy as np

from lrcn_keras.evaluation import CiderD
from lrcn_keras.models import ImageCaptioner
from lrcn_keras.models.token_batches import feature_rows
from lrcn_keras.training.self_critical import CiderReward, SelfCritical


def test_the_reward_of_samples_is_their_cider_d(tiny_vocabulary):
    captions = [["a red circle on a ground"], ["there is a square", "a square"], ["blue it is"]]
    reward = CiderReward(captions, tiny_vocabulary)
    texts = [["a red circle", "there is a square"], ["a square", "a red circle on a ground"]]
    ids = np.zeros((2, 2, 8), "int32")
    for i, row in enumerate(texts):
        for k, text in enumerate(row):
            encoded = tiny_vocabulary.encode(text)
            ids[i, k, : len(encoded)] = encoded
    rewards = reward(np.array([2, 1]), ids)
    metric = CiderD(captions)
    assert rewards[0, 0] == 0  # photo 2 shares no word with it
    np.testing.assert_allclose(
        rewards[1], [metric.scores(["x", texts[1][k], "x"])[1] for k in range(2)], rtol=1e-6
    )


def test_what_is_rewarded_becomes_likely(tiny_vocabulary):
    model = ImageCaptioner(
        tiny_vocabulary, None, feature_size=2, units=8, embedding_size=8, max_length=4
    )
    (wanted,) = tiny_vocabulary.encode("square")

    def squares(photos, tokens):
        return np.mean(tokens == wanted, axis=2).astype("float32")

    trained = SelfCritical(model, squares, samples=4, seed=0)
    trained.compile(keras.optimizers.Adam(0.03))
    batches = feature_rows(np.ones((8, 1, 2), "float16"), 8, seed=0)
    history = trained.fit(batches, steps_per_epoch=20, epochs=3, shuffle=False, verbose=0)
    assert history.history["loss"][-1] < -0.6  # four words of five positions can be squares
    caption = model.generate_from_features(np.ones((1, 2), "float32"), "greedy")
    assert np.sum(np.asarray(caption.tokens) == wanted) == 4
