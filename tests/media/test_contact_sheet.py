import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from lrcn_keras import MediaError
from lrcn_keras.media import contact_sheet


def test_every_photo_has_an_equal_frame_and_row_after_row(pixels):
    photos = [np.full((30, 40, 3), shade, np.uint8) for shade in (10, 60, 110)]
    sheet = contact_sheet(photos, ["one", "two", "three"], columns=2, cell_width=160)
    assert sheet.mode == "RGB"
    assert sheet.width == 2 * 160 + 3 * 10
    array = np.asarray(sheet)
    for shade in (10, 60, 110):
        rows, columns = np.nonzero((array == shade).all(-1))
        size = (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1)
        assert size == (120, 160)
    second, third = (np.nonzero((array == shade).all(-1)) for shade in (60, 110))
    assert second[1].min() == 160 + 2 * 10
    assert third[0].min() > second[0].max()


@pytest.mark.parametrize(("shape", "inside"), [((90, 30), (120, 40)), ((30, 90), (53, 160))])
def test_a_photo_of_another_shape_is_shown_whole(shape, inside):
    sheet = contact_sheet([np.full((*shape, 3), 60, np.uint8)], [""], cell_width=160)
    rows, columns = np.nonzero((np.asarray(sheet) == 60).all(-1))
    assert (rows.max() - rows.min() + 1, columns.max() - columns.min() + 1) == inside


def test_captions_make_room_for_themselves():
    photo = np.zeros((3, 4, 3), np.uint8)
    short = contact_sheet([photo], ["a dog"], cell_width=160)
    long = contact_sheet([photo], ["a dog " * 20], cell_width=160)
    assert long.height > short.height
    assert long.width == short.width
    ink = (np.asarray(long) < 128).all(-1)[-30:]
    assert ink.any()  # the last line is drawn
    assert not ink[-3:].any()


def test_photos_may_be_files_images_and_grey(tmp_path, pixels):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "été am See.jpg", exif=exif)
    clear = Image.new("RGBA", (30, 40), (0, 0, 0, 0))
    photos = [tmp_path / "été am See.jpg", Image.fromarray(pixels), pixels[..., 0], clear]
    sheet = contact_sheet(photos, ["Größe", "a", "b", "c"], cell_width=64)
    assert sheet.width == 4 * 64 + 5 * 4
    assert sheet.getpixel((4 + 3 * 68 + 32, 4 + 24)) == (255, 255, 255)  # transparent is white


@pytest.mark.parametrize(
    ("photos", "captions", "options", "message"),
    [
        ([], [], {}, "got 0 and 0"),
        ([np.zeros((2, 2, 3), np.uint8)], ["a", "b"], {}, "got 1 and 2"),
        ([np.zeros((2, 2, 3), np.uint8)], ["a"], {"columns": 0}, "got 0 and 320"),
    ],
)
def test_bad_arguments_are_an_error(photos, captions, options, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(photos, captions, **options)


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "no such file"), (b"text", "cannot be drawn")]
)
def test_a_bad_file_is_named(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "bad.jpg").write_bytes(content)
    with pytest.raises(MediaError, match=f"bad.jpg: {reason}"):
        contact_sheet([tmp_path / "bad.jpg"], ["a"])


def test_finding_and_drawing_need_no_tensorflow():
    code = (
        "import sys; from lrcn_keras.media import contact_sheet, find_photos\n"
        "assert callable(contact_sheet) and 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
