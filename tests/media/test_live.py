import socket
import struct
import threading
import time

import numpy as np
import pytest

from lrcn_keras import MediaError
from lrcn_keras.media import iter_frames

av = pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")


class Camera:
    """Stands for cv2.VideoCapture: camera 0 gives 5 blue pictures at 100 frames/s, then none."""

    opened = []

    def __init__(self, number):
        self.number, self.left, self.released = number, 5, False
        Camera.opened.append(self)

    def isOpened(self):
        return self.number == 0

    def set(self, *_):
        return True

    def read(self):
        time.sleep(0.01)
        self.left -= 1
        return (
            (True, np.full((48, 64, 3), (200, 0, 0), np.uint8)) if self.left >= 0 else (False, None)
        )

    def release(self):
        self.released = True


@pytest.fixture
def camera(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    monkeypatch.setattr(Camera, "opened", [])
    return Camera


def test_a_cameras_pictures_are_rgb_and_timed(camera):
    frames = iter_frames("camera:0", size=(24, 32))
    seen = [next(frames) for _ in range(5)]
    assert [frame.index for frame in seen] == [0, 1, 2, 3, 4]
    assert seen[0].image.shape == (24, 32, 3)
    assert seen[0].image[0, 0].tolist() == [0, 0, 200]
    times = [frame.time for frame in seen]
    assert times[0] == 0 and all(np.diff(times) >= 0.009)
    with pytest.raises(MediaError, match="camera:0: gives no pictures any more"):
        next(frames)
    assert camera.opened[0].released
    grey = next(iter_frames("camera:0", grey=True))
    assert grey.image.shape == (48, 64, 1)


def test_left_early_a_camera_is_released(camera):
    frames = iter_frames("camera:0")
    next(frames)
    frames.close()
    assert camera.opened[0].released


def test_a_camera_is_thinned_to_the_rate(camera):
    frames = iter_frames("camera:0", rate=50)
    first, second = next(frames), next(frames)
    assert second.time - first.time >= 0.018
    assert second.index == 1


@pytest.mark.parametrize(
    ("source", "reason"),
    [("camera:3", "no such camera"), ("camera:front", "by its number, as in camera:0")],
)
def test_a_camera_that_is_not_there_is_named(camera, source, reason):
    with pytest.raises(MediaError, match=f"{source}: .*{reason}"):
        next(iter_frames(source))


def serve_rtsp(server, stream):
    """Answers one client of RTSP and sends it an MPEG transport stream as RTP over TCP."""
    client, _ = server.accept()
    with client, client.makefile("rb") as lines:
        while True:
            request = lines.readline().decode().split()
            if not request:
                return
            headers = {}
            while line := lines.readline().decode().strip():
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
            body, extra = "", ""
            if request[0] == "DESCRIBE":
                body = (
                    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\n"
                )
                body += "a=control:video\r\n"
                extra = "Content-Type: application/sdp\r\n"
            elif request[0] == "SETUP":
                extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            client.sendall(
                f"RTSP/1.0 200 OK\r\nCSeq: {headers['cseq']}\r\nSession: 1\r\n{extra}"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            if request[0] == "PLAY":
                for number, start in enumerate(range(0, len(stream), 7 * 188)):
                    payload = stream[start : start + 7 * 188]
                    rtp = struct.pack(">BBHII", 0x80, 33, number % 65536, number, 1) + payload
                    client.sendall(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
                return


@pytest.fixture
def rtsp(make_clip, tmp_path):
    """URL of a server that plays 40 frames, black and then white, at 10 frames/s, and hangs up."""
    frames = np.zeros((40, 48, 64, 3), np.uint8)
    frames[20:] = 255
    path = make_clip(tmp_path / "clip.ts", frames, 10)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_rtsp, args=(server, path.read_bytes()), daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/live"


@pytest.mark.filterwarnings("ignore:.*damaged:UserWarning")  # the server hangs up at the end
def test_frames_come_from_rtsp(rtsp):
    frames = list(iter_frames(rtsp, size=(24, 32)))
    levels = [frame.image.mean() for frame in frames]
    assert 36 <= len(frames) <= 40  # the last may have been on their way
    assert levels[0] < 5 and levels[-1] > 250
    np.testing.assert_allclose(np.diff([frame.time for frame in frames]), 0.1, atol=2e-3)


@pytest.mark.filterwarnings("ignore:.*damaged:UserWarning")
def test_rtsp_is_thinned_to_the_rate(rtsp):
    times = [frame.time for frame in iter_frames(rtsp, rate=5)]
    np.testing.assert_allclose(np.diff(times), 0.2, atol=2e-3)


def test_a_server_that_is_not_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(MediaError, match=f"rtsp://127.0.0.1:{port}/live: cannot be opened"):
        next(iter_frames(f"rtsp://127.0.0.1:{port}/live"))
