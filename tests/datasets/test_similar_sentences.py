import pytest

from lrcn_keras.datasets import CaptionDataset, with_similar_sentences

CAPTIONS = [
    ["A dog runs on the grass .", "A brown dog running ."],
    ["Two boys play the guitar .", "Boys with a guitar ."],
    ["A dog and a boy with a guitar .", "Grass ."],
]


@pytest.fixture
def photos():
    names = ["dog.jpg", "guitar.jpg", "both.jpg"]
    return CaptionDataset("few", names, [f"/photos/{name}" for name in names], CAPTIONS)


def test_a_sentence_goes_to_the_photo_that_it_fits_best(photos):
    found = with_similar_sentences(photos, ["The dog on the grass.", "Guitar, guitar!"], 0.1)
    assert found.captions[1] == [*CAPTIONS[1], "Guitar, guitar!"]
    assert "The dog on the grass." in found.captions[0] + found.captions[2]
    assert (found.names, found.photos, found.name) == (photos.names, photos.photos, "few")
    assert photos.captions == CAPTIONS


def test_the_measure_is_the_cosine_of_weighed_words():
    captions = [["dog grass"], ["dog"], ["grass guitar"], ["guitar", "guitar dog"]]
    photos = CaptionDataset("few", list("abcd"), list("abcd"), captions)
    # "guitar zebra": log 2 of 4 photos for the one, log 4 for the other; of photo d the guitar
    # counts the root of 2, the dog log(4 / 3); of photo c the guitar and the grass log 2 each.
    d = (2**0.5 * 0.6931**2) / ((2 * 0.6931**2 + 0.2877**2) ** 0.5 * (0.6931**2 + 1.3863**2) ** 0.5)
    for minimum, added in ((d - 1e-3, ["guitar zebra"]), (d + 1e-3, [])):
        found = with_similar_sentences(photos, ["guitar zebra"], minimum)
        assert found.captions[3] == [*captions[3], *added]


def test_each_sentence_is_added_once_and_only_where_it_fits(photos):
    found = with_similar_sentences(photos, ["A guitar", "A guitar", "A zebra"], 0.4)
    assert [len(each) for each in found.captions] == [2, 3, 2]


def test_a_photos_caption_goes_to_another_photo_that_it_fits():
    captions = [["A dog runs", "A dog jumps"], ["A dog runs fast", "A dog"], ["A guitar", "A man"]]
    photos = CaptionDataset("few", list("abc"), list("abc"), captions)
    every = [text for texts in captions for text in texts]
    found = with_similar_sentences(photos, every, 0.2, to_others=True)
    assert "A dog runs" in found.captions[1] and "A dog runs fast" in found.captions[0]
    for before, after in zip(captions, found.captions, strict=True):
        assert after[: len(before)] == before
        assert not set(before) & set(after[len(before) :])
    assert found.captions[2] == captions[2]  # a guitar is like no dog
