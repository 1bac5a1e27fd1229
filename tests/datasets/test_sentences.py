import gzip
import json

import pytest

from lrcn_keras.datasets import sentences


def test_every_kind_of_file(tmp_path):
    lines = ["A dog .", "Ein Mädchen\u2028läuft"]
    text = "\n".join([lines[0], "", f"  {lines[1]} ", ""]).encode()
    (tmp_path / "a.txt").write_bytes(text)
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.json").write_text(json.dumps({"clip 1": lines[:1], "clip 2": lines[1]}))
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps([*lines, ""]).encode()))
    for name in ("a.txt", "a.txt.gz", "a.json", "b.json.gz"):
        assert sentences(tmp_path / name) == lines
    assert sentences([tmp_path / "a.txt", str(tmp_path / "a.json")]) == lines * 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "x", "come in .txt, .json"),
        ("a.json", "{", "a.json is not JSON"),
        ("a.json", "[1, 2]", "must hold a list of sentences"),
        ("a.json", '{"a": [["x"]]}', "must hold a list of sentences"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it(tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        sentences(tmp_path / name)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no file of sentences .*none.txt"):
        sentences(tmp_path / "none.txt")
