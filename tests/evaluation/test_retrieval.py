import numpy as np
import pytest

from lrcn_keras.evaluation import retrieval


def brute_force(scores, owner):
    """Ranks by sorting, for scores without ties."""
    image_ranks = []
    for image, row in enumerate(scores):
        order = sorted(range(len(row)), key=lambda caption: -row[caption])
        image_ranks.append(next(r for r, c in enumerate(order, 1) if owner[c] == image))
    caption_ranks = []
    for caption, image in enumerate(owner):
        order = sorted(range(len(scores)), key=lambda i: -scores[i, caption])
        caption_ranks.append(order.index(image) + 1)
    return image_ranks, caption_ranks


def test_equals_sorting_with_several_captions_an_image():
    generator = np.random.default_rng(0)
    owner = generator.permutation(np.repeat(np.arange(20), 5))
    scores = generator.normal(size=(20, 100)) + 1.5 * (owner == np.arange(20)[:, None])
    result = retrieval(scores, owner)
    for direction, ranks in zip(
        ("image_to_caption", "caption_to_image"), brute_force(scores, owner), strict=True
    ):
        ranks = np.array(ranks)
        assert result[direction] == {
            "R@1": (ranks <= 1).mean(),
            "R@5": (ranks <= 5).mean(),
            "R@10": (ranks <= 10).mean(),
            "median_rank": np.median(ranks),
        }


def test_perfect_scores_find_everything():
    result = retrieval(np.eye(3), [0, 1, 2])
    expected = {"R@1": 1.0, "R@5": 1.0, "R@10": 1.0, "median_rank": 1.0}
    assert result == {"image_to_caption": expected, "caption_to_image": expected}


def test_equal_scores_find_nothing():
    result = retrieval(np.zeros((20, 20)), range(20))
    assert result["image_to_caption"]["R@10"] == 0
    assert result["caption_to_image"]["median_rank"] == 20


def test_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2,\)"):
        retrieval(np.zeros((2, 3)), [0, 1])
    with pytest.raises(ValueError, match="each image of 0 to 1"):
        retrieval(np.zeros((2, 2)), [0, 0])
    with pytest.raises(ValueError, match="NaN"):
        retrieval(np.array([[np.nan]]), [0])
