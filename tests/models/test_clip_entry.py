"""What describers see of clips: frames, regions, stacks, and batches of them."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from PIL import Image

from lrcn_keras import datasets
from lrcn_keras.datasets import ClipCaptionDataset
from lrcn_keras.errors import MediaError
from lrcn_keras.media import read_clip
from lrcn_keras.models import VideoDescriber
from lrcn_keras.models.clip_entry import ClipEntry
from lrcn_keras.models.frame_stack import FrameStack

WORDS = ["<eos>", "<unk>", "a", "dog", "cat", "runs"]


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (n, 36, 40, 3), dtype=np.uint8) for n in (3, 9, 20)]


@pytest.fixture(scope="module")
def data(clips):
    captions = [["a dog runs", "a cat"], ["a dog"], ["cat runs"]]
    times = [[(0, 1, "dog")], [(1, 3, "cat"), (3, 5, "runs")], []]
    return ClipCaptionDataset("noise", list("abc"), clips, captions, times=times)


@pytest.fixture(scope="module")
def long_clip(make_clip, tmp_path_factory):
    """150 frames of 36 x 40 pixels at 25 frames/s."""
    noise = np.random.default_rng(1).integers(0, 256, (36, 40, 3), dtype=np.uint8)
    frames = np.stack([np.roll(noise, number, axis=1) for number in range(150)])
    return make_clip(tmp_path_factory.mktemp("long") / "clip.mkv", frames)


def cnn(channels=3):
    """A user's own CNN."""
    return keras.Sequential(
        [
            keras.Input((32, 32, channels)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 5, strides=4),
            keras.layers.BatchNormalization(),
        ]
    )


def make(**arguments):
    options = {"units": 6, "embedding_size": 6, "dropout": 0.0, "trainable_backbone": True}
    return VideoDescriber(WORDS, cnn(3 * arguments.get("stack", 1)), **{**options, **arguments})


def test_a_stack_repeats_the_ends_and_never_holds_padding():
    frames = np.arange(12, dtype="float32").reshape(2, 6, 1, 1, 1)
    stacked = ops.convert_to_numpy(FrameStack(5)(frames, np.array([6, 3], "int32")))
    assert stacked[0, :, 0, 0].tolist() == [
        [max(0, min(5, t + d)) for d in (-2, -1, 0, 1, 2)] for t in range(6)
    ]
    assert stacked[1, :3, 0, 0].tolist() == [
        [6 + max(0, min(2, t + d)) for d in (-2, -1, 0, 1, 2)] for t in range(3)
    ]
    with pytest.raises(ValueError, match="an odd number of frames, got 2"):
        FrameStack(2)


def test_frames_come_from_the_middle_of_equal_parts():
    entry = ClipEntry(cnn(), frames=4)
    assert entry.chosen(20).tolist() == [2, 7, 12, 17]
    assert entry.chosen(3).tolist() == [0, 1, 2]
    draws = np.random.default_rng(0).random((50, 4), np.float32)
    found = np.array([entry.chosen(20, draw) for draw in draws])
    for part, frames in enumerate(found.T):
        assert set(frames) == set(range(5 * part, 5 * part + 5))


def test_a_region_is_cut_out_before_frames_are_stretched(clips):
    entry = ClipEntry(cnn(), region=(0.25, 0.1, 0.75, 0.9), frames=None)
    assert entry.read_size is None
    seen = entry.read(clips[0])
    from lrcn_keras.media.resize import resize

    np.testing.assert_array_equal(seen, [resize(x[9:27, 4:36], (32, 32)) for x in clips[0]])


@pytest.mark.parametrize("modality", ["rgb", "grey"])
@pytest.mark.parametrize("rate", [None, 12])
@pytest.mark.parametrize("region", [None, (0.25, 0.1, 0.75, 0.9), (0, 0, 1, 0.8)])
def test_a_long_clip_is_cut_piece_by_piece_to_the_same_frames(long_clip, modality, rate, region):
    channels = {"rgb": 3, "grey": 1}[modality]
    options = {"frame_size": (36, 32), "frames": None}  # as large as the last region
    entry = ClipEntry(cnn(channels), region=region, modality=modality, rate=rate, **options)
    whole = read_clip(long_clip, size=entry.read_size, rate=rate, grey=modality == "grey")
    assert len(whole) == (150 if rate is None else 72)  # more than a piece
    seen = entry.read(long_clip)
    np.testing.assert_array_equal(seen, entry.look(whole))
    assert seen.base is None  # what it was cut from is not kept


def test_whole_frames_of_a_long_clip_are_not_all_in_memory(long_clip, monkeypatch):
    entry = ClipEntry(cnn(), region=(0.5, 0, 1, 1), frames=None)
    cut, sizes = entry.cut, []
    monkeypatch.setattr(entry, "cut", lambda frames: (sizes.append(len(frames)), cut(frames))[1])
    assert len(entry.read(long_clip)) == 150
    assert sizes == [64, 64, 22]


def test_a_map_is_averaged_and_one_clip_is_like_a_batch(clips):
    options = {"weights": None, "image_size": 32, "feature": "conv"}
    entry = ClipEntry("small_cnn", stack=3, frames=None, **options)
    assert len(entry.backbone.output_shape) == 4
    batch = np.zeros((3, 20, 32, 32, 3), np.uint8)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = entry.read(clip)
    features = ops.convert_to_numpy(entry.encode(batch, np.array([3, 9, 20], "int32")))
    for clip, row in zip(clips, features, strict=True):
        np.testing.assert_allclose(entry.encode_clip(clip)[0], row[: len(clip)], atol=1e-5)
        assert not row[len(clip) :].any()
    seen = batch[1, [3, 4, 5]].transpose(1, 2, 0, 3).reshape(32, 32, 9)[None]
    np.testing.assert_allclose(
        features[1, 4], ops.mean(entry.backbone(seen), axis=(1, 2))[0], atol=1e-5
    )


def test_clips_and_photos_are_read_from_files_and_arrays(make_clip, clips, tmp_path):
    entry = ClipEntry(cnn(), frames=4)
    path = make_clip(tmp_path / "clip.mp4", clips[2])
    assert np.abs(entry.read(path).astype(int) - entry.read(clips[2])).mean() < 4
    Image.fromarray(clips[0][0]).save(tmp_path / "photo.png")
    (photo,) = entry.read(tmp_path / "photo.png")
    np.testing.assert_array_equal(photo, entry.read(clips[0][0])[0])
    assert photo.shape == (32, 32, 3)


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    entry = ClipEntry(cnn())
    with pytest.raises(MediaError, match=r"bad\.mp4"):
        entry.read(tmp_path / "bad.mp4")
    with pytest.raises(ValueError, match=r"shape \(T, H, W, 3\), got \(4, 36, 40, 1\)"):
        entry.read(np.zeros((4, 36, 40, 1), np.uint8))
    with pytest.raises(ValueError, match=r"got \(0, 36, 40, 3\)"):
        entry.read(np.zeros((0, 36, 40, 3), np.uint8))
    mouth = ClipEntry(cnn(), region=(0.5, 0, 1, 1))
    with pytest.raises(ValueError, match="Photos are for models that look at whole RGB frames"):
        mouth.read(np.zeros((36, 40, 3), np.uint8))
    Image.new("RGB", (40, 36)).save(tmp_path / "photo.png")
    for entry in (mouth, ClipEntry(cnn(1), modality="grey")):
        with pytest.raises(MediaError, match=r"photo\.png: is a photo: this model looks at clips"):
            entry.read(tmp_path / "photo.png")
    with pytest.raises(ValueError, match="frame_size must be at least image_size"):
        ClipEntry(cnn(), frame_size=(30, 40))


def _take(dataset, count):
    return list(itertools.islice(dataset.as_numpy_iterator(), count))


def test_all_sentences_ride_with_one_look_at_their_clip(data, clips, tmp_path, capfd):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    bad = ClipCaptionDataset("bad", ["broken"], [tmp_path / "bad.mp4"], [["a dog"]])
    model = make(frames=4)
    ((inputs, targets),) = _take(model.prepare(data + bad, 4), 1)
    assert inputs["frames"].shape == (4, 4, 32, 32, 3)
    assert inputs["frame_lengths"].tolist() == [4, 4, 4, 0]  # a short clip has some twice
    assert inputs["lengths"].tolist() == [[4, 3], [3, 0], [3, 0], [0, 0]]
    assert targets[0].tolist() == [[2, 3, 5, 0], [2, 4, 0, 0]]
    assert "not a readable clip: broken" in capfd.readouterr().err


def test_a_training_from_pixels_goes_on_where_it_stopped(data):
    model = make(variant="s2vt", frames=None, stack=3, frame_loss=0.5, frame_delay=1)
    whole = _take(model.prepare(data, 2, training=True, seed=3), 4)
    rest = _take(model.prepare(data, 2, training=True, seed=3, first_epoch=1, first_step=1), 1)
    keras.tree.map_structure(np.testing.assert_array_equal, rest[0], whole[3])
    words = {tuple(row) for _, y in whole for row in y["frames"][:, :9].tolist()}
    assert (0, 0, 4, 4, 5, 5, 0, 0, 0) in words  # clip b, a frame later
    with pytest.raises(ValueError, match="frame_loss needs the times of words"):
        model.prepare(ClipCaptionDataset("x", ["a"], data.clips[:1], [["a"]]))


def test_features_come_a_sentence_each_and_without_the_padding_of_others(data):
    model = VideoDescriber(
        WORDS, None, feature_size=6, variant="s2vt", frames=None, frame_loss=1.0, units=6
    )
    rng = np.random.default_rng(0)
    features = [rng.normal(size=(2, n, 6)).astype("float16") for n in (3, 9, 0)]
    batches = _take(model.prepare(data, 2, features=features), 9)
    assert [x["frame_lengths"].tolist() for x, _ in batches] == [[3, 3], [9]]
    for (inputs, targets), clip in zip(batches, (0, 1), strict=True):
        assert inputs["features"].shape[1] == targets["frames"].shape[1] == (3, 9)[clip]
        np.testing.assert_array_equal(inputs["features"][0], features[clip][0])
        assert inputs["tokens"].shape[1] == 1
    assert batches[1][1]["frames"].tolist() == [[0, 4, 4, 5, 5, 0, 0, 0, 0]]
    seen = _take(model.prepare(data, 3, training=True, features=features), 8)
    views = {float(x["features"][i, 0, 0]) for x, _ in seen for i in range(3)}
    assert views == {float(f[view, 0, 0]) for f in features[:2] for view in (0, 1)}
    with pytest.raises(ValueError, match="features are for a model without a backbone"):
        model.prepare(data)
    with pytest.raises(ValueError, match="clips of modality 'rgb', the model takes 'grey'"):
        VideoDescriber(WORDS, cnn(1), modality="grey", units=4).prepare(data)


def test_photos_are_clips_of_one_frame(photo_folder, tiny_vocabulary):
    photos = datasets.folder(photo_folder)
    sizes = {"units": 6, "embedding_size": 6, "dropout": 0.0}
    model = VideoDescriber(tiny_vocabulary, cnn(), **sizes)
    ((inputs, _),) = _take(model.prepare(photos, 12), 1)
    assert inputs["frames"].shape == (12, 1, 32, 32, 3)
    assert inputs["frame_lengths"].tolist() == [1] * 12
    head = model.without_backbone()
    features = np.stack([model.encode_clip(photo)[0] for photo in photos.photos])  # (N, 1, F)
    ((given, _),) = _take(head.prepare(photos, 24, features=features), 1)
    np.testing.assert_allclose(given["features"][::2], features, atol=1e-6)
    found, expected = head.describe_features(features[:2]), model.describe(photos.photos[:2])
    assert [d.text for d in found] == [d.text for d in expected]


def test_fit_learns_from_pixels_with_two_losses(data):
    model = make(
        variant="s2vt", frames=None, stack=3, frame_loss=0.5, train_batch_norm=True, projection=4
    )
    model.compile(keras.optimizers.Adam(0.05))
    before = model.get_weights()
    history = model.fit(model.prepare(data, 3, training=True), epochs=12, verbose=0).history
    assert history["nll"][-1] < history["nll"][0] - 0.2
    assert history["frame_nll"][-1] < history["frame_nll"][0] - 0.2
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
