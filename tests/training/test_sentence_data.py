import pytest

from lrcn_keras.datasets import CaptionDataset
from lrcn_keras.training import Recipe, Stage
from lrcn_keras.training.sentence_data import SentenceData

CAPTIONS = [["A dog runs", "A dog jumps"], ["A dog runs fast", "A dog"], ["A guitar", "A man"]]


@pytest.fixture
def data(tmp_path):
    photos = CaptionDataset("few", list("abc"), list("abc"), CAPTIONS)
    recipe = Recipe("x", "y", "few", "few", stages=(), dev="few")
    return SentenceData(recipe, tmp_path, photos, photos, photos, {})


def test_a_stage_sees_the_photos_captions_and_what_it_adds_to_them(data):
    (data.data_dir / "more.txt").write_text("The dog runs\nA zebra\n", encoding="utf-8")
    seen = [
        data.of_stage(Stage("s", "features", 1, similar=similar)).captions
        for similar in (None, "more.txt", "own")
    ]
    assert seen[0] == CAPTIONS
    assert sum(seen[1], []) == [*CAPTIONS[0], "The dog runs", *CAPTIONS[1], *CAPTIONS[2]]
    assert "A dog runs" in seen[2][1] and seen[2][2] == CAPTIONS[2]
    assert data.captions == sum(CAPTIONS, [])
