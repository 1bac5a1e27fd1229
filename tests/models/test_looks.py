import numpy as np
import pytest

from lrcn_keras.models import Protocol
from lrcn_keras.models.looks import score_clips


def running(x):
    """A classifier with a memory: the share of the sum so far that is the first feature's."""
    total = np.cumsum(x, axis=1)
    return np.concatenate([total[..., :1], total[..., 1:]], -1) / total.sum(-1, keepdims=True)


@pytest.mark.parametrize(
    "protocol", [Protocol(), Protocol(4, 3), Protocol(100), Protocol(4, 3, steps="last")]
)
def test_a_score_is_the_mean_over_steps_views_and_windows(protocol):
    rng = np.random.default_rng(0)
    clips = [rng.uniform(1, 2, (views, frames, 2)) for views, frames in ((1, 3), (2, 11), (2, 4))]
    found = score_clips(clips, protocol, running, ("a", "b"))
    for clip, answer in zip(clips, found, strict=True):
        said, at = [], [[] for _ in clip[0]]
        for view in clip:
            for start, stop in protocol.windows(len(view)):
                for step in range(start, stop):
                    p = view[start : step + 1].sum(axis=0)
                    if protocol.steps == "all" or step == stop - 1:
                        said.append(p / p.sum())
                    at[step].append(p / p.sum())
        np.testing.assert_allclose(list(answer.probabilities.values()), np.mean(said, 0), rtol=1e-5)
        np.testing.assert_allclose(answer.timeline, [np.mean(x, 0) for x in at], rtol=1e-5)
        assert answer.label == "ab"[int(np.argmax(np.mean(said, 0)))]


def test_many_long_clips_are_scored_in_batches_of_bounded_size():
    sizes = []

    def classify(x):
        sizes.append(x.shape[0] * x.shape[1])
        return running(x)

    clips = [np.ones((1, frames, 2)) for frames in [5] * 2000 + [3000, 6000]]
    assert len(score_clips(clips, Protocol(), classify, ("a", "b"))) == 2002
    assert max(sizes) == 6000 and sum(sizes) == 2000 * 5 + 9000  # and nothing was padded


def test_a_clip_without_frames_is_refused():
    with pytest.raises(ValueError, match="A clip has no frames"):
        score_clips([np.ones((1, 2, 2)), np.ones((1, 0, 2))], Protocol(), running, ("a", "b"))
