import itertools
import shutil

import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras import datasets
from lrcn_keras.models.token_batches import bucketed_plan, feature_batches, sentence_batches


@pytest.fixture
def data(photo_folder):
    return datasets.folder(photo_folder)


def _take(dataset, count):
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


def _equal(left, right):
    tf.nest.map_structure(np.testing.assert_array_equal, left, right)


def test_a_training_goes_on_where_it_stopped(tiny_captioner, data):
    whole = _take(tiny_captioner.prepare(data, 5, training=True, seed=3), 8)
    # 12 photos in batches of 5 are 3 steps an epoch: step 1 of epoch 1 is the fifth batch.
    rest = _take(
        tiny_captioner.prepare(data, 5, training=True, seed=3, first_epoch=1, first_step=1), 4
    )
    _equal(rest, whole[4:])


def test_every_pass_has_its_own_order_and_augmentation(tiny_captioner, data):
    first, second = _take(tiny_captioner.prepare(data, 12, training=True), 2)
    assert not np.array_equal(first[1], second[1])
    assert not np.array_equal(np.sort(first[0]["image"], 0), np.sort(second[0]["image"], 0))


def test_a_seed_decides_everything(tiny_captioner, data):
    one, same, other = (
        _take(tiny_captioner.prepare(data, 4, training=True, seed=seed), 3) for seed in (1, 1, 2)
    )
    _equal(one, same)
    assert not np.array_equal(one[0][0]["image"], other[0][0]["image"])


def test_targets_are_the_inputs_shifted_by_one_with_the_end_last(tiny_captioner, data):
    inputs, targets = next(tiny_captioner.prepare(data, 1).as_numpy_iterator())
    ids = tiny_captioner.vocabulary.encode(data.captions[0][0])
    assert inputs["tokens"][0, 0, : len(ids) + 1].tolist() == [0, *ids]
    assert targets[0, 0, : len(ids) + 1].tolist() == [*ids, 0]
    assert inputs["lengths"][0, 0] == len(ids) + 1


def test_a_corrupt_photo_is_named_and_counts_for_nothing(tiny_captioner, data, tmp_path, capfd):
    shutil.copytree(data.photos[0].rsplit("/", 1)[0], tmp_path / "photos")
    (tmp_path / "photos" / data.names[1]).write_bytes(b"no photo")
    broken = datasets.CaptionDataset.from_folder("x", tmp_path / "photos", data.references)
    inputs, _ = next(tiny_captioner.prepare(broken, 3).as_numpy_iterator())
    assert (inputs["lengths"][1] == 0).all()
    assert (inputs["lengths"][[0, 2]] > 0).all()
    assert data.names[1] in capfd.readouterr().err


def test_encoded_photos_and_their_paths_give_the_same_batches(tiny_captioner, data):
    encoded = [tf.io.read_file(path).numpy() for path in data.photos]
    held = datasets.CaptionDataset("held", data.names, encoded, data.captions)
    _equal(_take(tiny_captioner.prepare(held, 5), 3), _take(tiny_captioner.prepare(data, 5), 3))


def test_a_training_photo_is_a_mirrored_crop_of_the_enlarged_photo(tiny_cnn, tiny_vocabulary):
    from lrcn_keras.models import ImageCaptioner

    ramp = np.tile(np.linspace(0, 255, 32, dtype=np.uint8)[None, :, None], (32, 1, 3))
    encoded = tf.io.encode_png(ramp).numpy()
    data = datasets.CaptionDataset("ramp", ["ramp"], [encoded], [["a circle"]])
    model = ImageCaptioner(tiny_vocabulary, tiny_cnn, units=4, embedding_size=4)
    photos = [x["image"][0] for x, _ in _take(model.prepare(data, 1, training=True), 40)]
    rising = [photo[0, -1, 0] > photo[0, 0, 0] for photo in photos]
    assert 8 < sum(rising) < 32  # about half are mirrored
    starts = {round(float(photo[0].min())) for photo in photos}
    assert len(starts) == 6  # 32 * 8 / 7 is 37: six places for the crop
    assert all(photo.max() - photo.min() > 200 for photo in photos)


def test_a_bucketed_pass_holds_everything_once_in_batches_of_like_length():
    lengths = np.random.default_rng(0).integers(3, 20, 1000).astype("int32")
    order, batches = (x.numpy() for x in bucketed_plan(lengths, 16, seed=0, epoch=0))
    assert sorted(order) == list(range(1000))
    assert sorted(batches) == list(range(63))
    spread = [np.ptp(lengths[order[i * 16 : (i + 1) * 16]]) for i in range(63)]
    assert np.mean(spread) < 2  # 20 batches share a pool, and lengths have 17 values


def test_features_come_with_the_captions_of_their_photo(tiny_vocabulary):
    features = np.arange(6, dtype="float16").reshape(3, 2, 1)
    features[1] = np.nan  # its photo was not readable
    captions = [["a red circle"], ["a blue square"], ["a green square", "a square"]]
    batches = feature_batches(features, captions, tiny_vocabulary, 20, 8, training=False)
    (inputs, targets) = next(batches.as_numpy_iterator())
    assert inputs["features"][:, 0].tolist() == [0, 4, 4]
    said = [tiny_vocabulary.decode(row) for row in targets[:, 0]]
    assert said == ["a red circle", "a green square", "a square"]
    training = feature_batches(features, captions, tiny_vocabulary, 20, 3, training=True)
    seen = {x for inputs, _ in _take(training, 20) for x in inputs["features"][:, 0].tolist()}
    assert seen == {0, 1, 4, 5}  # both views


def test_sentences_are_cut_at_the_models_length(tiny_vocabulary):
    batches = sentence_batches(
        ["a red circle on a black ground"], tiny_vocabulary, 4, 1, training=False
    )
    inputs, targets = next(batches.as_numpy_iterator())
    assert inputs["lengths"].tolist() == [[4]]
    assert tiny_vocabulary.decode(targets[0, 0]) == "a red circle"
