import json

import pytest

from lrcn_keras.evaluation import (
    bleu,
    cider_d,
    compare_captions,
    evaluate_captions,
    ptb_tokenize,
    rouge_l,
)

REFERENCES = {
    "a.jpg": ["A dog runs on the grass.", "The brown dog is running."],
    "b.jpg": ["Two men sit, talking!", "Two people don't stand."],
    "c.jpg": ["A child in a T-shirt.", "The child's shirt is red."],
    "d.jpg": ["A cat (asleep) on a bed."],
}
PREDICTIONS = {
    "d.jpg": "a cat on a bed",
    "a.jpg": "A dog is running on the grass.",
    "b.jpg": "two men sit",
    "c.jpg": "two men sit",
}


def test_metrics_are_of_the_tokenized_captions():
    scores = evaluate_captions(PREDICTIONS, REFERENCES, with_meteor=False)
    candidates = [ptb_tokenize(PREDICTIONS[name]) for name in REFERENCES]
    references = [[ptb_tokenize(c) for c in captions] for captions in REFERENCES.values()]
    assert {f"BLEU-{n}": scores[f"BLEU-{n}"] for n in (1, 2, 3, 4)} == pytest.approx(
        bleu(candidates, references)
    )
    assert scores["ROUGE-L"] == pytest.approx(rouge_l(candidates, references))
    assert scores["CIDEr-D"] == pytest.approx(cider_d(candidates, references))
    assert scores["images"] == 4
    assert scores["METEOR"] is None


def test_case_and_punctuation_do_not_hide_a_repeated_caption():
    scores = evaluate_captions(
        PREDICTIONS, REFERENCES, training_captions=["Two men sit."], with_meteor=False
    )
    assert scores["distinct"] == 0.75
    assert scores["repeated"] == 0.5


def test_every_metric_lies_in_its_interval():
    scores = evaluate_captions(PREDICTIONS, REFERENCES, resamples=200, with_meteor=False)
    assert set(scores["interval"]) == {
        "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D",
    }  # fmt: skip
    for name, (low, high) in scores["interval"].items():
        assert low <= scores[name] <= high, name


def test_scores_are_plain_json():
    scores = evaluate_captions(PREDICTIONS, REFERENCES, resamples=10, with_meteor=False)
    assert json.loads(json.dumps(scores)) == scores


def test_identical_captioners_differ_by_exactly_0():
    result = compare_captions(PREDICTIONS, dict(PREDICTIONS), REFERENCES)
    zero = {"difference": 0.0, "interval": [0.0, 0.0]}
    assert result == {"BLEU-4": zero, "CIDEr-D": zero}


def test_a_better_captioner_is_better_by_what_the_metrics_say():
    better = {name: captions[0] for name, captions in REFERENCES.items()}
    result = compare_captions(better, PREDICTIONS, REFERENCES)
    ours, theirs = (
        evaluate_captions(predictions, REFERENCES, with_meteor=False)
        for predictions in (better, PREDICTIONS)
    )
    for name, value in result.items():
        assert value["difference"] == pytest.approx(ours[name] - theirs[name])
        assert 0 < value["interval"][0] <= value["difference"] <= value["interval"][1]


def test_images_on_one_side_only_are_named():
    with pytest.raises(ValueError, match=r"1 images have references but no prediction.*'d.jpg'"):
        evaluate_captions({n: "a" for n in ("a.jpg", "b.jpg", "c.jpg")}, REFERENCES)
    with pytest.raises(ValueError, match=r"no references, such as 'e.jpg'"):
        evaluate_captions({**PREDICTIONS, "e.jpg": "a"}, REFERENCES)
    with pytest.raises(ValueError, match=r"no reference, such as 'a.jpg'"):
        compare_captions({"a.jpg": "a"}, {"a.jpg": "a"}, {"a.jpg": []})
    with pytest.raises(ValueError, match="none"):
        evaluate_captions({}, {})
