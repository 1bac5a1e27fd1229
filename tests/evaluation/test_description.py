from lrcn_keras.evaluation import (
    compare_captions,
    compare_descriptions,
    compare_roles,
    compare_words,
    evaluate_captions,
    evaluate_descriptions,
    evaluate_roles,
    evaluate_words,
)

REFERENCES = {
    str(n): [f"{who} runs to {where}"]
    for n, (who, where) in enumerate(
        [("dog", "park"), ("man", "sea"), ("girl", "park"), ("dog", "sea")]
    )
}
GOLD = {name: {"who": texts[0].split()[0]} for name, texts in REFERENCES.items()}
ONE = {"0": "dog runs to park", "1": "man runs to park", "2": "dog runs to park", "3": "a dog"}
OTHER = {**ONE, "2": "girl runs to park"}
ROLES = {name: {"who": text.split()[0]} for name, text in ONE.items()}
OTHER_ROLES = {name: {"who": text.split()[0]} for name, text in OTHER.items()}
FAST = {"resamples": 20}


def test_scores_are_those_of_captions_words_and_roles():
    scores = evaluate_descriptions(ONE, REFERENCES, ROLES, GOLD, **FAST, with_meteor=False)
    for part in (
        evaluate_captions(ONE, REFERENCES, **FAST, with_meteor=False),
        evaluate_words(ONE, REFERENCES, **FAST),
        evaluate_roles(ROLES, GOLD, **FAST),
    ):
        assert part.pop("interval").items() <= scores["interval"].items()
        assert part.items() <= scores.items()
    gain = compare_descriptions(OTHER, ONE, REFERENCES, OTHER_ROLES, ROLES, GOLD, **FAST)
    assert gain == {
        **compare_captions(OTHER, ONE, REFERENCES, **FAST),
        **compare_words(OTHER, ONE, REFERENCES, **FAST),
        **compare_roles(OTHER_ROLES, ROLES, GOLD, **FAST),
    }


def test_words_and_roles_are_scored_where_there_are_any():
    references = {**REFERENCES, "3": ["a dog and a boy run"]}
    scores = evaluate_descriptions(ONE, references, ROLES, None, **FAST, with_meteor=False)
    assert scores.keys() & {"WER", "role accuracy"} == set()
    gain = compare_descriptions(OTHER, ONE, references, OTHER_ROLES, None, GOLD, **FAST)
    assert gain.keys() == {"BLEU-4", "CIDEr-D"}
