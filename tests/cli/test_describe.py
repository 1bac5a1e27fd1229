import json

import keras
import numpy as np
import pytest
from PIL import Image

import lrcn_keras
from lrcn_keras.cli import files, sentence_scores
from lrcn_keras.evaluation import captioning
from lrcn_keras.media import clip_info, read_clip

av = pytest.importorskip("av")
cv2 = pytest.importorskip("cv2")

ROLES = {"who": ("circle", "square"), "doing": ("lying", "standing", "running")}


def _cnn(channels=3):
    return keras.Sequential(
        [
            keras.Input((32, 32, channels)),
            keras.layers.Rescaling(1 / 127.5, -1),
            keras.layers.Conv2D(4, 8, 8, activation="relu"),
            keras.layers.Flatten(),
        ]
    )


@pytest.fixture(scope="module")
def describers(tiny_vocabulary):
    """Describers by name, one called as the command's default is; read only."""
    keras.utils.set_random_seed(0)
    greedy = {"name": "greedy", "max_length": 8, "forbidden": [1]}
    sizes = {"units": 8, "embedding_size": 8, "max_length": 8, "decoder": greedy}
    models = {
        "video-describer": lrcn_keras.VideoDescriber(tiny_vocabulary, _cnn(), frames=3, **sizes),
        "role-describer": lrcn_keras.VideoDescriber(
            tiny_vocabulary, _cnn(), variant="c", roles=ROLES, frames=2, **sizes
        ),
        "grey-describer": lrcn_keras.VideoDescriber(
            tiny_vocabulary, _cnn(1), modality="grey", frames=2, **sizes
        ),
        "label-describer": lrcn_keras.VideoDescriber(
            tiny_vocabulary, None, feature_size=5, variant="b", roles=ROLES, **sizes
        ),
    }
    for model in models.values():
        for weight in model.trainable_weights:  # so that what is said depends on the clip
            weight.assign(weight * 4)
    return models


@pytest.fixture
def run(run, describers, monkeypatch):
    load = lrcn_keras.load
    monkeypatch.setattr(
        lrcn_keras, "load", lambda name: describers.get(name) or load(name), raising=False
    )
    monkeypatch.setattr(sentence_scores, "recipe_of", lambda name: None)
    monkeypatch.setattr(captioning, "meteor", lambda *_: None)
    return run


@pytest.fixture
def paths(clip_folder):
    return sorted((clip_folder / "data").rglob("*.mp4"))[:3]


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_is_one_object_a_clip_and_bad_files_are_named(run, describers, paths, tmp_path):
    (tmp_path / "text.mp4").write_text("no clip")
    given = [paths[2], tmp_path / "text.mp4", tmp_path / "none.mp4", paths[0]]
    result = run("describe", "--json", *given, status=1)
    expected = describers["video-describer"].describe([paths[2], paths[0]])
    for found, path, answer in zip(objects(result), [paths[2], paths[0]], expected, strict=True):
        assert found == {
            "file": str(path),
            "sentence": answer.text,
            "log_prob": pytest.approx(answer.log_prob, abs=1e-3),
            "roles": None,
        }
    lines = result.stderr.splitlines()
    for name, reason in (("none", "no such file"), ("text", "not a")):
        (line,) = [line for line in lines if line.startswith(f"Error: {tmp_path / name}.mp4: ")]
        assert reason in line


def test_a_photo_is_a_clip_of_one_frame_and_folders_have_both(run, describers, photo_folder, paths):
    photo = sorted((photo_folder / "photos").iterdir())[0]
    expected = describers["role-describer"].describe([photo, paths[0]])
    result = run("describe", photo, paths[0], "--model", "role-describer")
    assert result.stdout == f"{photo}: {expected[0].text}\n{paths[0]}: {expected[1].text}\n"
    (first, *_) = objects(run("describe", "--json", "--model", "role-describer", photo_folder))
    assert first["file"] == str(photo)
    assert first["roles"].keys() == ROLES.keys()
    for role, found in first["roles"].items():
        assert found["label"] == expected[0].labels[role]
        assert found["probabilities"] == pytest.approx(expected[0].roles[role], abs=1e-4)


def test_overlay_and_storyboard_show_what_was_said(run, make_clip, photo_folder, tmp_path):
    photo = sorted((photo_folder / "photos").iterdir())[0]
    clip = make_clip(tmp_path / "white.mp4", np.full((7, 120, 160, 3), 255, np.uint8), 12)
    options = ("--overlay", tmp_path / "seen", "--storyboard", tmp_path / "boards")
    result = run("describe", clip, photo, "--model", "role-describer", *options, status=1)
    assert f"Error: {photo}: is a photo" in result.stderr
    assert len(result.stdout.splitlines()) == 2
    video = tmp_path / "seen" / "white.mp4"
    assert clip_info(video).rate == 12
    frames = read_clip(video)
    assert len(frames) == 7
    assert frames[:, :40].min() > 245
    assert frames[:, -3:].mean() < 200  # behind the sentence
    for name in ("white", photo.stem):
        with Image.open(tmp_path / "boards" / f"{name}.png") as board:
            assert board.width >= 640


def test_files_that_cannot_be_written_are_refused_before_the_work(run, paths):
    assert "would overwrite" in run("describe", paths[0], "--overlay", paths[0], status=1).stderr
    one_for_all = run("describe", *paths, "--storyboard", "all.png", status=1)
    assert "one file for 3 clips" in one_for_all.stderr
    assert one_for_all.stdout == ""


def _refused(run, *arguments):
    """The usage error, before a model is looked for."""
    result = run("describe", *arguments, "--model", "nowhere", status=2)
    assert result.stdout == ""
    return result.stderr


def test_a_drawing_of_another_kind_is_no_folder(run, paths, tmp_path):
    for option, name, endings in (
        ("--storyboard", "o.gif", ".png, .jpg, .jpeg, .webp"),
        ("--overlay", "o.avi", ".mp4, .mkv, .mov"),
    ):
        message = _refused(run, paths[0], option, tmp_path / name)
        assert f"{name} must end in {endings}, or be a folder" in " ".join(message.split())
    assert not list(tmp_path.iterdir())
    (tmp_path / "v1.2").mkdir()
    run("describe", paths[0], "--storyboard", tmp_path / "v1.2")
    assert [each.name for each in (tmp_path / "v1.2").iterdir()] == [f"{paths[0].stem}.png"]


def test_a_folder_that_cannot_be_written_to_is_refused_before_the_work(
    run, paths, tmp_path, monkeypatch
):
    (tmp_path / "file").touch()
    assert "file must end in .mp4" in _refused(run, paths[0], "--overlay", tmp_path / "file")
    for below in ("file/new", "file/new/o.png", "file/o.png"):
        message = _refused(run, paths[0], "--storyboard", tmp_path / below)
        assert f"{tmp_path / 'file'} is a file, not a folder" in message
    monkeypatch.setattr(files.os, "access", lambda *_: False)  # root may write everywhere
    message = _refused(run, paths[0], "--overlay", tmp_path / "new" / "o.mp4")
    assert f"the folder {tmp_path} cannot be written to" in message


def test_an_overlay_that_turns_out_unwritable_is_named_and_the_others_go_on(run, paths, tmp_path):
    taken = tmp_path / "seen" / f"{paths[0].stem}.mp4"
    taken.mkdir(parents=True)
    result = run("describe", *paths[:2], "--overlay", tmp_path / "seen", status=1)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert line.startswith(f"Error: {taken}: cannot be written (")
    assert len(result.stdout.splitlines()) == 2
    assert clip_info(tmp_path / "seen" / f"{paths[1].stem}.mp4").width == 64


def test_a_photo_is_named_where_the_model_looks_at_clips_only(run, describers, photo_folder, paths):
    photo = sorted((photo_folder / "photos").iterdir())[0]
    given = (paths[0], photo, paths[1])
    result = run("describe", *given, "--model", "grey-describer", status=1)
    first, second = result.stdout.splitlines()
    assert first.startswith(f"{paths[0]}: ") and second.startswith(f"{paths[1]}: ")
    assert f"Error: {photo}: is a photo: this model looks at clips only\n" in result.stderr


@pytest.mark.parametrize(
    ("model", "what"),
    [("coco-captioner", "no describer but an ImageCaptioner."), ("label-describer", "has no CNN")],
)
def test_a_model_that_sees_no_clips_is_one_line(run, paths, model, what):
    (line,) = run("describe", paths[0], "--model", model, status=1).stderr.splitlines()
    assert line.startswith(f"Error: {model}") and what in line


@pytest.fixture
def described(paths, tmp_path, monkeypatch):
    """A folder of clips with sentences."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "clips").symlink_to(paths[0].parent)
    captions = {path.name: ["A red square.", "It is blue, the circle."] for path in paths}
    (tmp_path / "films" / "captions.json").write_text(json.dumps(captions))
    return ("--data", "described:films", "--data-dir", tmp_path)


def test_a_describer_is_compared_with_a_captioner_that_sees_the_middle_frame(
    run, describers, zoo, paths, described, tmp_path
):
    texts = {path.name: describers["video-describer"].describe(path).text for path in paths}
    names = ("video-describer", "coco-captioner")
    options = ("--decoder", "greedy", *described)
    report = json.loads(run("evaluate", names[0], *options, "--json", "--compare", names[1]).stdout)
    assert (report["images"], report["sees"]) == (3, "clips")
    assert report["compared_with"]["sees"] == "middle frames"
    assert json.loads((tmp_path / "predictions.json").read_text(encoding="utf-8")) == texts
    alone = json.loads(run("evaluate", names[1], *options, "--json").stdout)
    assert alone["sees"] == "middle frames"
    difference = report["compared_with"]["CIDEr-D"]["difference"]
    assert difference == pytest.approx(report["CIDEr-D"] - alone["CIDEr-D"], abs=1e-6)


def test_the_table_of_a_describer_has_its_roles(
    run, describers, photo_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    arguments = ("role-describer", "--data", "folder", "--data-dir", photo_folder)
    table = run("evaluate", *arguments).stdout
    photos = sorted((photo_folder / "photos").iterdir())
    labels = [each.labels["who"] for each in describers["role-describer"].describe(photos)]
    right = np.mean([who in photo.name for who, photo in zip(labels, photos, strict=True)])
    for row in ("12 photos, greedy", "role accuracy", "role who"):
        assert row in table
    assert table.count(f" {100 * right:.1f} % ") >= 2
    # Nobody in those captions does anything.
    assert "role doing" not in table


def test_recognizers_data_and_options_are_refused(run, described, clip_folder):
    (line,) = run(
        "evaluate",
        "video-describer",
        "--data",
        "clips:data",
        "--data-dir",
        clip_folder,
        status=1,
    ).stderr.splitlines()
    assert "clips:data has none" in line
    result = run("evaluate", "video-describer", *described, "--by", "camera", status=2)
    assert "is a describer: it has no --by" in result.stderr
