import functools
import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

import lrcn_keras
from lrcn_keras import decoding


@pytest.fixture
def photos(photo_folder):
    return sorted((photo_folder / "photos").iterdir())


@pytest.fixture
def caption(run):
    """Run `lrcn caption` with the decoder that is quickest to start."""
    return functools.partial(run, "caption", "--decoder", "greedy")


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_photo_gets_the_models_caption(run, zoo, photos):
    expected = lrcn_keras.load(zoo / "coco-captioner").caption(photos[0])
    assert run("caption", photos[0]).stdout == f"{photos[0]}: {expected.text}\n"


def test_json_has_caption_and_alternatives_in_the_order_of_the_input(run, zoo, photos):
    given = photos[::-1]
    found = objects(run("caption", "--json", "--batch-size", 5, *given))
    assert [each["file"] for each in found] == [str(photo) for photo in given]
    expected = lrcn_keras.load(zoo / "coco-captioner").caption(given)
    assert len({each.text for each in expected}) > 1  # or the order could not be seen
    for each, caption in zip(found, expected, strict=True):
        assert each["caption"] == caption.text
        assert each["log_prob"] == pytest.approx(caption.log_prob, abs=1e-3)
        texts = [other["caption"] for other in each["alternatives"]]
        assert texts == [text for text, _ in caption.alternatives]
        log_probs = [each["log_prob"], *(other["log_prob"] for other in each["alternatives"])]
        assert log_probs == sorted(log_probs, reverse=True)


def test_another_model_gives_its_own_captions(caption, zoo, photos):
    found = objects(caption("--json", "--model", "other-captioner", photos[0]))
    expected = lrcn_keras.load(zoo / "other-captioner").caption(photos[0], "greedy")
    assert [each["caption"] for each in found] == [expected.text]


def test_folders_globs_and_a_list_on_stdin_are_photos(caption, photo_folder, photos):
    names = [str(photo) for photo in photos]
    blue = [name for name in names if "blue-" in name]
    assert [each["file"] for each in objects(caption("--json", photo_folder))] == names
    glob = photo_folder / "photos" / "blue-*.jpg"
    assert [each["file"] for each in objects(caption("--json", glob))] == blue
    listed = "\r\n".join([*names[:2], "", str(glob)])
    found = objects(caption("--json", names[0], "-", input=listed))
    assert [each["file"] for each in found] == [names[0], *names[:2], *blue]


def test_greedy_is_greedy(caption, zoo, photos):
    found = objects(caption("--json", *photos))
    expected = lrcn_keras.load(zoo / "coco-captioner").caption(photos, decoder="greedy")
    assert [each["caption"] for each in found] == [caption.text for caption in expected]


def test_sampling_is_the_papers_and_repeats_itself(run, zoo, photos):
    once, again = (run("caption", "--json", "--decoder", "sample", photos[0]) for _ in range(2))
    assert once.stdout == again.stdout
    (found,) = objects(once)
    assert len(found["alternatives"]) == 99
    # The likeliest of many samples comes close to what beam search finds.
    model = lrcn_keras.load(zoo / "coco-captioner")
    assert found["log_prob"] > model.caption(photos[0], decoding.BeamSearch(beams=5)).log_prob - 3


@pytest.fixture
def bad(tmp_path, photos):
    """Files and folders that are no photos, and what `lrcn` must say of each."""
    whole = photos[0].read_bytes()
    (tmp_path / "text.jpg").write_text("not a photo")
    (tmp_path / "cut short.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "nothing.jpg").write_bytes(b"")
    (tmp_path / "no photos").mkdir()
    return {
        tmp_path / "text.jpg": "not a",
        tmp_path / "cut short.jpg": "truncated",
        tmp_path / "nothing.jpg": "empty",
        tmp_path / "no photos": "no photos",
        tmp_path / "missing.jpg": "no such file",
        tmp_path / "none-*.jpg": "no file matches",
    }


def test_bad_files_are_named_and_the_rest_go_on(caption, photos, bad):
    given = [photos[0], *bad, photos[1]]
    result = caption("--json", "--batch-size", 3, *given, status=1)
    assert [each["file"] for each in objects(result)] == [str(photos[0]), str(photos[1])]
    lines = result.stderr.splitlines()
    assert len(lines) == len(bad)
    for path, reason in bad.items():
        (line,) = [line for line in lines if f"Error: {path}: " in line]
        assert reason in line


def test_bad_files_alone_are_named(caption, bad):
    result = caption(*bad, status=1)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == len(bad)


def test_names_with_spaces_accents_and_brackets_are_names(caption, tmp_path, photos):
    paths = [tmp_path / "ein süßer Hund.jpg", tmp_path / "犬 [1].jpg"]
    for path in paths:
        shutil.copy(photos[0], path)
    lines = caption(*paths).stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == list(map(str, paths))
    found = objects(caption("--json", "-", input="\n".join(map(str, paths)).encode()))
    assert [each["file"] for each in found] == list(map(str, paths))


def test_a_name_that_is_no_text_is_captioned(caption, tmp_path, photos):
    path = os.fsencode(tmp_path) + b"/\xff.jpg"
    try:
        shutil.copy(os.fsencode(photos[0]), path)
    except OSError:
        pytest.skip("this file system takes text only")
    assert len(caption("-", input=path).stdout.splitlines()) == 1
    (found,) = objects(caption("--json", "-", input=path))
    assert os.fsencode(found["file"]) == path


def test_unusual_photos_get_captions(caption, tmp_path):
    rng = np.random.default_rng(0)
    colour = Image.fromarray(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))
    colour.resize((1, 1)).save(tmp_path / "1x1.png")
    colour.convert("CMYK").save(tmp_path / "cmyk.jpg")
    colour.convert("L").save(tmp_path / "grey.png")
    colour.convert("RGBA").save(tmp_path / "alpha.webp")
    deep = rng.integers(0, 2**16, (40, 60), dtype=np.uint16)
    Image.fromarray(deep).save(tmp_path / "16bit.png")
    colour.save(tmp_path / "moving.gif", save_all=True, append_images=[colour.rotate(180)])
    assert len(objects(caption("--json", tmp_path))) == 6


def test_a_sheet_shows_the_photos_that_were_captioned(caption, tmp_path, photos, bad):
    sheet = tmp_path / "new folder" / "sheet.png"
    caption(*photos, *bad, "--sheet", sheet, status=1)
    with Image.open(sheet) as picture:
        whole = picture.size
    caption(*photos[:4], "--sheet", sheet)
    with Image.open(sheet) as picture:
        assert picture.width == whole[0]
        # 12 photos lie in three rows, 4 in one.
        assert 2.5 < whole[1] / picture.height < 3.5


def test_a_sheet_of_another_kind_is_refused_before_the_work(caption, photos, tmp_path):
    result = caption(photos[0], "--sheet", tmp_path / "sheet.tx", status=2)
    assert "sheet.tx must end in .png" in result.stderr.replace("\n", " ")
    assert result.stdout == ""


def test_an_empty_list_is_an_error(caption):
    assert "standard input: no photos in the list" in caption("-", input="\n", status=1).stderr
