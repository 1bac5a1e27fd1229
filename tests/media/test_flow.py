import numpy as np
import pytest

from lrcn_keras.media import FlowStream, flow_images, mirror_flow, optical_flow

cv2 = pytest.importorskip("cv2")

ALGORITHMS = ["dis", "farneback"] + ["tvl1"] * hasattr(cv2, "optflow")


def moving(right, down, count=2, height=96, width=128):
    """A smooth texture that moves by so many pixels a frame; uint8 (count, height, width, 3)."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width].astype(float)
    waves = [(*rng.uniform(0.1, 0.6, 2), *rng.uniform(0, 6, 2)) for _ in range(12)]
    frames = []
    for step in range(count):
        parts = [
            np.sin(a * (x - step * right) + p) * np.sin(b * (y - step * down) + q)
            for a, b, p, q in waves
        ]
        frames.append(128 + 18 * sum(parts))
    grey = np.rint(frames).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def inner(flow):
    """Without the border, where what moves in is unknown."""
    return flow[16:-16, 16:-16]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("motion", [(2, 0), (0, -1.5), (-3, 2)])
def test_flow_is_the_motion_from_the_first_frame_to_the_second(algorithm, motion):
    flow = optical_flow(*moving(*motion), algorithm)
    assert flow.shape == (96, 128, 2) and flow.dtype == np.float32
    np.testing.assert_allclose(np.median(inner(flow), (0, 1)), motion, atol=0.1)


def test_images_are_flow_and_length_times_16_around_128():
    frames = moving(-3, 2, count=4)
    images = flow_images(frames)
    assert images.shape == (3, 96, 128, 3) and images.dtype == np.uint8
    # -3 * 16 + 128, 2 * 16 + 128, sqrt(13) * 16 + 128
    np.testing.assert_allclose(np.median(inner(images[0]), (0, 1)), [80, 160, 186], atol=2)
    for k, image in enumerate(images):
        right, down = np.moveaxis(optical_flow(frames[k], frames[k + 1]).astype(float), -1, 0)
        exact = 128 + 16 * np.stack([right, down, np.sqrt(right**2 + down**2)], -1)
        assert np.abs(image - exact.clip(0, 255)).max() <= 0.51


def test_a_pixel_may_be_worth_other_levels_and_far_motion_saturates():
    frames = moving(4, 0)
    assert np.median(inner(flow_images(frames, scale=4.0)[0])[..., 0]) == pytest.approx(144, abs=1)
    saturated = inner(flow_images(frames, scale=100.0)[0])
    assert np.median(saturated[..., 0]) == np.median(saturated[..., 2]) == 255
    backwards = inner(flow_images(frames[::-1], scale=100.0)[0])
    assert np.median(backwards[..., 0]) == 0


def test_what_stands_still_is_128():
    for algorithm in ALGORITHMS:
        images = flow_images(moving(0, 0, count=3), algorithm)
        assert (images == 128).mean() > 0.99


def test_flow_of_the_mirrored_clip_is_the_mirrored_flow():
    frames = moving(2, 1, count=3)
    of_mirrored = flow_images(frames[:, :, ::-1], "farneback")
    mirrored = mirror_flow(flow_images(frames, "farneback"))
    difference = of_mirrored.astype(int) - mirrored
    assert np.abs(difference[:, 16:-16, 16:-16]).mean() < 1
    assert np.median(mirrored[..., 0]) == pytest.approx(128 - 32, abs=1)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int32])
def test_mirroring_negates_the_first_channel_alone(dtype):
    levels = np.arange(256).reshape(1, 1, 256, 1).repeat(3, -1).astype(dtype)
    mirrored = mirror_flow(levels)
    assert mirrored.dtype == dtype
    expected = np.minimum(256 - np.arange(256)[::-1], 255)
    np.testing.assert_array_equal(mirrored[0, 0, :, 0], expected)
    np.testing.assert_array_equal(mirrored[..., 1:], levels[:, :, ::-1, 1:])
    there_and_back = mirror_flow(mirrored)[0, 0]
    np.testing.assert_array_equal(there_and_back[1:], levels[0, 0, 1:])
    assert there_and_back[0].tolist() == [1, 0, 0]  # 256 is no byte
    assert levels[0, 0, 5].tolist() == [5, 5, 5]  # the argument is left as it was


def test_one_frame_has_no_flow():
    assert flow_images(moving(1, 1, count=1)).shape == (0, 96, 128, 3)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (16, 16), (16, 200), (31, 640), (33, 47)])
def test_frames_may_have_any_size(algorithm, size):
    """OpenCV's DIS crashes the process on some of these."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (2, *size, 3)).astype(np.uint8)
    assert flow_images(frames, algorithm).shape == (1, *size, 3)


def test_grey_clips_and_views_of_arrays_are_taken():
    frames = moving(2, 0)
    grey = frames[..., :1]
    np.testing.assert_array_equal(flow_images(grey), flow_images(frames))
    # (255, 255, 255) * 0.299 + ... is exact: RGB of equal channels is their grey.
    np.testing.assert_array_equal(
        flow_images(frames[:, ::2, ::-2]), flow_images(frames[:, ::2, ::-2].copy())
    )


def test_a_stream_gives_the_flow_of_the_clip():
    frames = moving(1, 2, count=5)
    stream = FlowStream()
    first, *images = [stream(frame) for frame in frames]
    assert first is None
    np.testing.assert_array_equal(np.stack(images), flow_images(frames))
    stream.reset()
    assert stream(frames[0]) is None
    np.testing.assert_array_equal(stream(frames[1]), images[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda clip: flow_images(clip, "brox"), "dis, farneback, tvl1, got 'brox'"),
        (lambda clip: flow_images(clip, scale=0), "scale must be positive"),
        (lambda clip: flow_images(clip, scale=float("nan")), "scale must be positive"),
        (lambda clip: flow_images(clip[0]), "shape"),
        (lambda clip: flow_images(clip[:0]), "shape"),
        (lambda clip: flow_images(clip.astype(np.float32)), "uint8"),
        (lambda clip: optical_flow(clip[0], clip[1, 1:]), "one size"),
    ],
)
def test_wrong_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(moving(1, 0))


@pytest.mark.skipif(hasattr(cv2, "optflow"), reason="this OpenCV has TV-L1")
def test_where_tvl1_is_missing_the_error_says_what_to_install():
    with pytest.raises(ImportError, match="opencv-contrib-python-headless"):
        flow_images(moving(1, 0), "tvl1")
