import importlib.util
import shutil

import pytest

from lrcn_keras.evaluation import meteor


def test_is_none_without_java(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert meteor(["a dog"], [["a dog"]]) is None


def test_is_none_without_pycocoevalcap(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/java")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert meteor(["a dog"], [["a dog"]]) is None


def test_equals_pycocoevalcap_on_a_corpus():
    pytest.importorskip("pycocoevalcap")
    if shutil.which("java") is None:
        pytest.skip("needs Java")
    candidates = ["a dog runs on grass", "two men sit", "a cat"]
    references = [["a dog runs on the grass", "the dog"], ["two men are sitting"], ["a dog"]]
    # What Meteor().compute_score of pycocoevalcap 1.2 returned. Java takes seconds to start.
    assert meteor(candidates, references) == pytest.approx(0.32247740896021976, abs=1e-9)
