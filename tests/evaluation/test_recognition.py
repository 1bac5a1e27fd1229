import json

import numpy as np
import pytest

from lrcn_keras.evaluation import (
    accuracy,
    class_gain,
    compare_recognition,
    confusion_matrix,
    evaluate_recognition,
    per_class_accuracy,
)

CLASSES = ("fall", "sit", "walk")
# fall is right 3 of 4 times, sit 0 of 1, walk 2 of 5.
LABELS = [0, 0, 0, 0, 1, 2, 2, 2, 2, 2]
PREDICTED = [0, 0, 0, 2, 2, 2, 2, 0, 1, 1]
NAMES = list("abcdefghij")


def as_probabilities(predicted):
    return dict(zip(NAMES, 0.1 + 0.7 * np.eye(3)[predicted], strict=True))


@pytest.fixture
def labels():
    return dict(zip(NAMES, LABELS, strict=True))


def test_accuracies_are_counted_by_hand():
    assert accuracy(LABELS, PREDICTED) == 0.5
    assert per_class_accuracy(LABELS, PREDICTED, CLASSES) == {"fall": 0.75, "sit": 0, "walk": 0.4}
    assert confusion_matrix(LABELS, PREDICTED, CLASSES).tolist() == [
        [3, 0, 1],
        [0, 0, 1],
        [1, 2, 2],
    ]
    assert per_class_accuracy([0, 2], [0, 1], CLASSES) == {"fall": 1.0, "walk": 0.0}


def test_the_gain_is_of_each_class_and_sorted():
    baseline = [0, 2, 2, 2, 1, 2, 2, 2, 1, 1]  # fall 1 of 4, sit 1 of 1, walk 3 of 5
    gains = class_gain(LABELS, PREDICTED, baseline, CLASSES)
    assert list(gains) == ["fall", "walk", "sit"]
    assert gains == pytest.approx({"fall": 0.5, "walk": -0.2, "sit": -1.0})


def test_all_metrics_at_once_are_those_by_themselves(labels):
    # The probabilities may come in another order than the labels.
    probabilities = dict(reversed(as_probabilities(PREDICTED).items()))
    scores = evaluate_recognition(probabilities, labels, CLASSES)
    assert scores["videos"] == 10
    assert scores["video accuracy"] == 0.5
    assert scores["mean class accuracy"] == pytest.approx((0.75 + 0 + 0.4) / 3)
    assert scores["confusion"] == [[3, 0, 1], [0, 0, 1], [1, 2, 2]]
    assert scores["per class"] == {"fall": 0.75, "sit": 0.0, "walk": 0.4}
    for metric, (low, high) in scores["interval"].items():
        assert low < scores[metric] < high
    assert json.loads(json.dumps(scores)) == scores


def test_the_interval_is_that_of_a_binomial():
    truth = np.zeros(1000, int)
    probabilities = {str(n): np.eye(2)[int(n >= 800)] for n in range(1000)}
    labels = {str(n): int(label) for n, label in enumerate(truth)}
    scores = evaluate_recognition(probabilities, labels, ["x", "y"])
    half = 1.96 * np.sqrt(0.8 * 0.2 / 1000)
    for metric in ("video accuracy", "mean class accuracy"):
        np.testing.assert_allclose(
            scores["interval"][metric], [0.8 - half, 0.8 + half], atol=0.15 * half
        )


def test_the_interval_is_over_groups_where_they_are_given():
    # Ten cameras, on which all of 20 clips are right or all are wrong.
    names = [f"{camera}-{clip}" for camera in range(10) for clip in range(20)]
    groups = {name: name.split("-")[0] for name in names}
    probabilities = {name: np.eye(2)[int(groups[name] >= "7")] for name in names}
    labels = dict.fromkeys(names, 0)
    by_clip = evaluate_recognition(probabilities, labels, ["x", "y"])["interval"]
    by_group = evaluate_recognition(probabilities, labels, ["x", "y"], groups)["interval"]
    width = {"clip": np.ptp(by_clip["video accuracy"]), "group": np.ptp(by_group["video accuracy"])}
    assert width["group"] == pytest.approx(width["clip"] * np.sqrt(20), rel=0.15)
    with pytest.raises(ValueError, match="1 have no group, such as '9-19'"):
        evaluate_recognition(probabilities, labels, ["x", "y"], {n: "1" for n in names[:-1]})


@pytest.mark.parametrize("unit", ["frame", "clip", "video"])
def test_a_result_says_what_was_counted(labels, unit):
    scores = evaluate_recognition(as_probabilities(PREDICTED), labels, CLASSES, unit=unit)
    assert [key for key in scores if "accuracy" in key] == [
        f"{unit} accuracy",
        "mean class accuracy",
    ]
    assert scores[f"{unit}s"] == 10
    assert f"{unit} accuracy" in scores["interval"]


def test_models_are_compared_on_the_same_videos(labels):
    better = [0, 0, 0, 0, 2, 2, 2, 2, 1, 1]  # 7 of 10 against 5, and never worse
    result = compare_recognition(
        as_probabilities(better), as_probabilities(PREDICTED), labels, resamples=500
    )["video accuracy"]
    assert result["difference"] == pytest.approx(0.2)
    low, high = result["interval"]
    assert 0 <= low < 0.2 < high <= 0.6
    # With a pair in each group, differences are of whole groups: 2 of 5 groups gain a half each.
    grouped = compare_recognition(
        as_probabilities(better),
        as_probabilities(PREDICTED),
        labels,
        groups={name: str(number // 2) for number, name in enumerate(NAMES)},
        resamples=500,
    )["video accuracy"]
    assert grouped["difference"] == pytest.approx(0.2)
    tenths = np.array(grouped["interval"]) * 10
    np.testing.assert_allclose(tenths, np.round(tenths), atol=0.5)
    same = compare_recognition(as_probabilities(better), as_probabilities(better), labels)
    assert same == {"video accuracy": {"difference": 0.0, "interval": [0.0, 0.0]}}


def test_what_does_not_fit_is_an_error(labels):
    probabilities = as_probabilities(PREDICTED)
    with pytest.raises(ValueError, match="1 have a label but no probabilities, such as 'k'"):
        evaluate_recognition(probabilities, {**labels, "k": 0}, CLASSES)
    with pytest.raises(ValueError, match="1 have probabilities but no label, such as 'k'"):
        compare_recognition({**probabilities, "k": [1, 0, 0]}, probabilities, labels)
    with pytest.raises(ValueError, match=r"shapes \[\(3,\)\] for 2 classes"):
        evaluate_recognition(probabilities, labels, CLASSES[:2])
    with pytest.raises(ValueError, match="Classes are 0 to 2: got 0 to 3"):
        evaluate_recognition(probabilities, {**labels, "a": 3}, CLASSES)
    with pytest.raises(ValueError, match="one of frame, clip, video: got 'second'"):
        evaluate_recognition(probabilities, labels, CLASSES, unit="second")
    with pytest.raises(ValueError, match="at least one"):
        evaluate_recognition({}, {}, CLASSES)
    with pytest.raises(ValueError, match=r"shapes \(1,\) and \(2,\)"):
        accuracy([0, 1], [0])
