import gzip

import pytest

from lrcn_keras.datasets import flickr8k

TOKENS = """\
1.jpg#0\tA dog .
1.jpg#1\tThe dog\truns .
2.jpg#0\tA cat .
2.jpg.1#0\tOdd name .
3.jpg#0\tTwo .
"""


def write_texts(folder, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    if packed:
        (folder / "Flickr8k.token.txt.gz").write_bytes(gzip.compress(TOKENS.encode()))
    else:
        (folder / "Flickr8k.token.txt").write_text(TOKENS)
    (folder / "Flickr_8k.trainImages.txt").write_text("3.jpg\n1.jpg\n")
    (folder / "Flickr_8k.testImages.txt").write_text("2.jpg\n")


@pytest.mark.parametrize(
    ("texts", "photos", "packed"),
    [
        ("flickr8k", "flickr8k/photos", True),
        (".", "photos", False),
        ("flickr8k", "photos", False),
        ("Flickr8k_text", "Flicker8k_Dataset", False),
    ],
)
def test_every_layout_gives_the_same_examples(tmp_path, write_photo, texts, photos, packed):
    write_texts(tmp_path / texts, packed)
    for name in "123":
        write_photo(tmp_path / photos / f"{name}.jpg")
    train = flickr8k(tmp_path, "train")
    assert train.name == "flickr8k:train"
    assert train.references == {"3.jpg": ["Two ."], "1.jpg": ["A dog .", "The dog\truns ."]}
    assert train.photos == [str(tmp_path / photos / name) for name in ("3.jpg", "1.jpg")]
    assert flickr8k(tmp_path, "test").names == ["2.jpg"]


def test_errors_say_what_was_looked_for_and_where(tmp_path, write_photo):
    with pytest.raises(ValueError, match="train, dev, test, got 'val'"):
        flickr8k(tmp_path, "val")
    with pytest.raises(
        ValueError, match=r"photos or Flicker8k_Dataset.* in .*flickr8k and "
    ) as error:
        flickr8k(tmp_path, "dev")
    assert str(tmp_path) in str(error.value)
    write_photo(tmp_path / "photos" / "1.jpg")
    with pytest.raises(ValueError, match="looked for Flickr8k.token.txt or"):
        flickr8k(tmp_path, "dev")
    (tmp_path / "Flickr8k.token.txt").write_text("no tab\n")
    (tmp_path / "Flickr_8k.devImages.txt").write_text("1.jpg\n")
    with pytest.raises(ValueError, match="token.txt, line 1: .*'no tab'"):
        flickr8k(tmp_path, "dev")


def test_packed_photos_must_be_unpacked_first(tmp_path):
    write_texts(tmp_path / "flickr8k")
    (tmp_path / "flickr8k" / "test.tar").touch()
    with pytest.raises(ValueError, match="Unpack first: .*test.tar"):
        flickr8k(tmp_path, "test")


def test_a_damaged_archive_is_an_error_that_names_it(tmp_path, write_photo):
    write_texts(tmp_path, packed=True)
    write_photo(tmp_path / "photos" / "2.jpg")
    packed = (tmp_path / "Flickr8k.token.txt.gz").read_bytes()
    for damaged in (packed[:-9], b"not gzip"):
        (tmp_path / "Flickr8k.token.txt.gz").write_bytes(damaged)
        with pytest.raises(ValueError, match="Flickr8k.token.txt.gz is not UTF-8 text"):
            flickr8k(tmp_path, "test")
