import numpy as np
import pytest

from lrcn_keras.datasets import ClipCaptionDataset, ClipPart, cached_clip_features
from lrcn_keras.errors import MediaError


def shades(values, size=(4, 6)):
    """A clip whose frame k has the grey level values[k]."""
    levels = np.array(values, np.uint8)[:, None, None, None]
    return np.broadcast_to(levels, (len(values), *size, 3)).copy()


@pytest.fixture
def dataset():
    return ClipCaptionDataset(
        "mine",
        ["a", "b", "c"],
        [shades([1, 2, 3]), shades([10, 20, 30, 40, 50, 60]), None],
        [["one"], ["two", "zwei"], ["three"]],
        roles=[{"scene": "Kitchen"}, {"scene": "Hall"}, {}],
        times=[[(0, 1.5, "one")], [(1, 1, "two"), (2, 4, "zwei")], []],
        groups={"speaker": [1, 1, 2]},
    )


def test_a_clip_keeps_its_sentences_roles_and_times(dataset):
    assert dataset.references == {"a": ["one"], "b": ["two", "zwei"], "c": ["three"]}
    assert repr(dataset) == "ClipCaptionDataset('mine', 3 clips, 4 captions)"
    chosen = dataset.select([1, 0], "two")
    assert (chosen.names, chosen.captions) == (["b", "a"], [["two", "zwei"], ["one"]])
    assert chosen.roles == [{"scene": "Hall"}, {"scene": "Kitchen"}]
    assert chosen.times == [[(1, 1, "two"), (2, 4, "zwei")], [(0, 1.5, "one")]]
    assert dataset.where("scene=Hall").names == ["b"]
    assert dataset.where("speaker=1").names == ["a", "b"]
    with pytest.raises(ValueError, match="one of speaker, scene, got 'label'"):
        dataset.where("label=x")


def test_joined_data_sets_keep_what_all_have(dataset):
    plain = ClipCaptionDataset("other", ["a"], [shades([7])], [["x"]], roles=[{"tool": "knife"}])
    both = dataset + plain
    assert both.names == ["mine/a", "b", "c", "other/a"]
    assert both.captions[-1] == ["x"]
    assert both.roles[-1] == {"tool": "knife"}
    assert both.times is None
    assert both.groups == {}
    with pytest.raises(ValueError, match="differ in rate: None, 5"):
        dataset + plain.at_rate(5)
    with pytest.raises(ValueError, match="differ in count: None, 2"):
        dataset + plain.sampled(2)


def test_sampled_frames_are_the_middles_of_equal_parts(dataset):
    np.testing.assert_array_equal(dataset.read(1)[:, 0, 0, 0], [10, 20, 30, 40, 50, 60])
    # Of six frames, the thirds' middles are between 0 and 1, 2 and 3, 4 and 5: the later ones.
    np.testing.assert_array_equal(dataset.sampled(3).read(1)[:, 0, 0, 0], [20, 40, 60])
    np.testing.assert_array_equal(dataset.sampled(1).read(0)[:, 0, 0, 0], [2])
    np.testing.assert_array_equal(dataset.sampled(6).read(0)[:, 0, 0, 0], [1, 1, 2, 2, 3, 3])
    assert dataset.sampled(None).read(0).shape == (3, 4, 6, 3)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        dataset.sampled(0)


def test_videos_are_sampled_like_arrays_and_parts_are_cut(tmp_path, make_clip):
    values = list(range(10, 250, 20))  # 12 frames, 10 a second
    path = make_clip(tmp_path / "a.mp4", shades(values, (32, 48)), 10)
    part = ClipPart(str(path), 4, 8)
    dataset = ClipCaptionDataset("v", ["all", "part"], [path, part], [["x"], ["y"]])
    np.testing.assert_allclose(dataset.read(1)[:, 0, 0, 0], values[4:9], atol=3)
    assert dataset.read(0, size=(8, 10)).shape == (12, 8, 10, 3)
    np.testing.assert_allclose(dataset.at_rate(5).read(1)[:, 0, 0, 0], values[4:9:2], atol=3)
    few = dataset.at_rate(5).sampled(4)  # a count needs no rate
    np.testing.assert_allclose(
        few.read(0)[:, 0, 0, 0], [values[at] for at in (1, 4, 7, 10)], atol=3
    )
    grey = ClipCaptionDataset("v", ["all"], [path], [["x"]], modality="grey")
    assert grey.read(0).shape == (12, 32, 48, 1)


def test_clips_that_cannot_be_read_are_named(dataset, tmp_path):
    with pytest.raises(ValueError, match="mine has annotations of c, but no clip"):
        dataset.read(2)
    with pytest.raises(ValueError, match="mine has annotations, but no clips, of c"):
        cached_clip_features(None, None, dataset, (4, 4), tmp_path)
    pytest.importorskip("av")
    (tmp_path / "empty.mp4").touch()
    clips = [tmp_path / "empty.mp4", ClipPart(str(tmp_path / "gone.mp4"), 0, 9)]
    broken = ClipCaptionDataset("b", ["0", "1"], clips, [["x"], ["y"]])
    with pytest.raises(MediaError, match="empty.mp4: empty file"):
        broken.read(0)
    with pytest.raises(MediaError, match="gone.mp4: no such file"):
        broken.sampled(2).read(1)


def test_features_of_parts_and_samples_are_kept_apart(tmp_path, make_clip):
    keras = pytest.importorskip("keras")
    path = make_clip(tmp_path / "a.mp4", shades(range(10, 250, 20), (16, 16)), 10)
    clips = [ClipPart(str(path), 0, 4), ClipPart(str(path), 5, 9)]
    dataset = ClipCaptionDataset("p", ["0", "1"], clips, [["x"], ["y"]])
    backbone = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    encode = lambda frames: frames.reshape(1, len(frames), -1)[..., :1]  # noqa: E731
    for _ in range(2):  # computed, then read
        whole = cached_clip_features(encode, backbone, dataset, (8, 8), tmp_path / "cache")
        few = cached_clip_features(encode, backbone, dataset.sampled(2), (8, 8), tmp_path / "cache")
        np.testing.assert_allclose(whole[0][0, :, 0], [10, 30, 50, 70, 90], atol=3)
        np.testing.assert_allclose(whole[1][0, :, 0], [110, 130, 150, 170, 190], atol=3)
        assert [each.shape for each in few] == [(1, 2, 1)] * 2
    assert len(list((tmp_path / "cache").rglob("*.npy"))) == 4


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"names": ["a", "a"]}, "clips twice: a"),
        ({"captions": [["x"]]}, "needs a name, a clip, captions"),
        ({"captions": [["x"], []]}, "clips without captions: b"),
        ({"roles": [{}]}, "at least one example"),
        ({"roles": [{}, {"scene": 1}]}, "roles are {role: label}, b has {'scene': 1}"),
        ({"times": [[], [(3, 2, "x")]]}, "first frame, last frame, word"),
        ({"modality": "grey"}, r"grey frames have the shape \(T, H, W, 1\), a has"),
    ],
)
def test_lists_that_do_not_fit_are_an_error(changed, message):
    right = {"names": ["a", "b"], "clips": [shades([1]), None], "captions": [["x"], ["y"]]}
    with pytest.raises(ValueError, match=message):
        ClipCaptionDataset("mine", **{**right, **changed})
