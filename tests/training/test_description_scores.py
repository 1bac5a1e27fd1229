import keras
import numpy as np
import pytest

from lrcn_keras.datasets import CaptionDataset
from lrcn_keras.models import VideoDescriber
from lrcn_keras.training import predict_descriptions


def test_each_photo_gets_its_own_sentence_where_some_cannot_be_read(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)
    names = [f"{n}.png" for n in range(37)]  # more than two batches
    for n, name in enumerate(names):
        Image.fromarray(rng.integers(0, 7 * n + 2, (20, 20, 3), np.uint8)).save(tmp_path / name)
    (tmp_path / "5.png").write_bytes(b"no photo")
    photos = [tmp_path / name for name in names]
    dataset = CaptionDataset("few", names, photos, [["a"]] * len(names))
    words = ["<eos>", "<unk>", "a", "dog", "runs"]
    keras.utils.set_random_seed(0)
    sizes = {"units": 4, "embedding_size": 4}
    model = VideoDescriber(words, "small_cnn", weights=None, image_size=16, **sizes)
    for weight in model.word_decoder.weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    found = predict_descriptions(model, dataset, "greedy")
    assert list(found) == [name for name in names if name != "5.png"]
    scores = [each.log_prob for each in found.values()]
    assert len({round(score, 4) for score in scores}) > 30  # they tell photos apart
    alone = model.describe([tmp_path / name for name in found], "greedy")
    np.testing.assert_allclose(scores, [each.log_prob for each in alone], atol=1e-5)


def test_a_describer_can_be_asked_by_roles():
    roles = {"who": ["dog", "cat"], "doing": ["sitting", "running", "barking"]}
    model = VideoDescriber(
        ["<eos>", "<unk>", "a"], None, feature_size=5, variant="c", roles=roles, units=4,
        embedding_size=4,
    )  # fmt: skip
    found = model.describe_roles([{"who": "cat"}, {"doing": "flying"}], "greedy")
    seen = np.zeros((2, 1, 1, 5), np.float32)
    seen[0, 0, 0, 1] = 1  # what is not known is not seen
    expected = model.describe_features(list(seen), "greedy")
    assert found == expected
    assert model.describe_roles({"who": "cat"}, "greedy").roles == found[0].roles
    with pytest.raises(ValueError, match="does not see labels"):
        VideoDescriber(["<eos>", "<unk>"], None, feature_size=5).describe_roles({"who": "cat"})
