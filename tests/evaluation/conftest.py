import random

import pytest

WORDS = "a the man dog red runs sits on grass two men ball in blue shirt".split()


def _generated(seed, images, most_references):
    generator = random.Random(seed)

    def caption(shortest):
        return " ".join(generator.choices(WORDS, k=generator.randint(shortest, 12)))

    references = [
        [caption(1) for _ in range(generator.randint(1, most_references))] for _ in range(images)
    ]
    # A third of the candidates are references with a word changed, so that 4-grams match.
    candidates = []
    for captions in references:
        if generator.random() < 0.33:
            words = captions[0].split()
            words[generator.randrange(len(words))] = "cat"
            candidates.append(" ".join(words))
        else:
            candidates.append(caption(0))
    return candidates, references


CORPORA = {
    "generated": _generated(0, 60, 5),
    "one reference": _generated(1, 40, 1),
    "empty candidate": (["", "a dog runs"], [["a dog", "the dog"], ["a dog runs fast"]]),
    "all empty": (["", ""], [["a dog"], ["a cat"]]),
    "one word": (["dog", "a"], [["a dog runs", "dog"], ["dog"]]),
    "repeated words": (["the the the the the", "a dog a dog"], [["the cat"], ["a dog", "a a"]]),
    "identical": (["a man in red runs", "two men"], [["a man in red runs"], ["two men"]]),
    "much too long": (["a dog " * 20 + "runs", "a b"], [["a dog runs"], ["a b c"]]),
    "one image": (["a dog runs"], [["a dog runs", "the dog"]]),
}


@pytest.fixture(params=CORPORA.values(), ids=list(CORPORA))
def corpus(request):
    """Candidates and references on which metrics are compared with the reference's."""
    return request.param


@pytest.fixture
def as_dicts(corpus):
    """The corpus as pycocoevalcap takes it: references and candidates by image."""
    candidates, references = corpus
    return dict(enumerate(references)), {n: [caption] for n, caption in enumerate(candidates)}
