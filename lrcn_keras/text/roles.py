"""Who does what, with what and where: words taken from captions by a rule."""

from __future__ import annotations

from lrcn_keras.text import role_words as words
from lrcn_keras.text.tokenizer import tokenize

ROLES = ("who", "doing", "what", "where")


def caption_roles(caption: str) -> dict[str, str]:
    """Finds the semantic roles of a caption.

    The rule, which needs no tagger and can be applied by hand, on the caption's `tokenize`d words
    (without hyphens, quotation marks and the possessive 's) and the lists of `role_words`:

    1. *Verbs* are words in -ing, but not behind a determiner, adjective or preposition ("a boxing
       match") nor such as "building"; listed verbs in -s behind a noun ("a dog runs"), and any
       word in -s right behind the subject's noun if the subject began with "a"; listed verbs in
       their base form behind a plural, behind "and" or behind "to". All are labels in -ing.
    2. A *noun* is the last word of a stretch that begins behind a determiner, verb or preposition
       and goes on to the next determiner, verb, preposition, conjunction, adverb, comma or
       participle ("dog covered in"). Listed adjectives may be joined by commas and "and". After
       "group of", "side of" and the like, the stretch behind "of" counts.
    3. ``who`` is the first noun ("there is" aside).
    4. ``doing`` is the first verb behind it that says more than "wearing", "trying" and the like;
       if there is none, the first verb.
    5. ``what`` is the noun right behind that verb (particles such as "up" aside), or else the
       first noun behind "with", "to", "for", "after" ("at" for looking, pointing, ...) before the
       next verb or conjunction. A pronoun does not count.
    6. ``where`` is the first noun behind a preposition of place, if possible behind the verb of
       rule 4. Clothes, parts of the body, times of day and nouns with "its", "his", "her" or
       "their" do not count. If there is none: "outside", "indoors" and the like.

    Args:
        caption: a sentence.

    Returns:
        A word for each of `ROLES` that was found, in that order.

    Example:
        >>> caption_roles("A small dog in a red coat jumps over a log with a stick in its mouth.")
        {'who': 'dog', 'doing': 'jumping', 'what': 'stick', 'where': 'log'}
    """
    reading = _Reading(caption)
    found = (reading.who, reading.doing, reading.what(), reading.where())
    return {role: word for role, word in zip(ROLES, found, strict=True) if word}


class _Reading:
    """A caption's tokens, what kind each is, and what its verbs are."""

    def __init__(self, caption: str):
        self.tokens = _plain(tokenize(caption))
        self.kinds: list[str] = []
        self.verbs: dict[int, str] = {}  # place -> label
        for place in range(len(self.tokens)):
            self.kinds.append(self._kind(place))
        start = 0
        while self.token(start) in ("there", "this", "here") or self.kind(start) == "auxiliary":
            start += 1
        self.who, behind = self._noun(start)
        verbs = [place for place in self.verbs if place >= behind]
        strong = [place for place in verbs if self.verbs[place] not in words.WEAK]
        self.action = (strong or verbs or [len(self.tokens)])[0]
        self.doing = self.verbs.get(self.action)

    def token(self, place: int) -> str:
        return self.tokens[place] if 0 <= place < len(self.tokens) else ""

    def kind(self, place: int) -> str:
        return self.kinds[place] if 0 <= place < len(self.kinds) else ""

    def what(self) -> str | None:
        place = self.action + 1
        while self.kind(place) == "adverb":
            place += 1
        word, place = self._noun(place)
        while not word and self.kind(place) not in ("verb", "stop", ""):
            if self._is_target(place):
                word, _ = self._noun(place + 1)
            place += 1
        return None if word in words.PRONOUNS else word

    def where(self) -> str | None:
        places = range(len(self.tokens))
        for place in sorted(places, key=lambda place: (place < self.action, place)):
            if self.kind(place) != "place" or self._is_target(place):
                continue
            word, end = self._noun(place + 1)
            owned = "owner" in self.kinds[place:end]
            if word and not owned and word not in words.NO_PLACE | words.PRONOUNS:
                return word
        return next((token for token in self.tokens if token in words.OUTDOORS), None)

    def _is_target(self, place: int) -> bool:
        if self.token(place) == "at":
            return self.doing in words.LOOKING and "at" not in self.tokens[self.action : place]
        return self.kind(place) == "target" and self.token(place) != "of"

    def _noun(self, start: int) -> tuple[str | None, int]:
        """Read the stretch from a place on: its last noun, and the place behind the stretch."""
        nouns, adjective, place = [], None, start
        for place in range(start, len(self.tokens) + 1):
            token, kind = self.token(place), self.kind(place)
            if kind == "noun":
                nouns.append(token)
            elif kind == "adjective":
                adjective = token
            elif token == "of" and nouns and nouns[-1] in words.MEASURES:
                nouns = []
            elif kind in ("determiner", "owner", "adverb") and not nouns:
                pass
            elif token in ("and", ",") and adjective and not nouns:
                pass
            else:
                break
        if self.kind(place) == "verb" and self._is_compound(place) and len(nouns) > 1:
            nouns.pop()
        if not nouns and start == 0 and adjective:  # "an elderly", "the blonde"
            nouns = [adjective]
        return (nouns[-1] if nouns else None), place

    def _kind(self, place: int) -> str:
        token, behind = self.tokens[place], self.token(place + 1)
        label = self._verb(place)
        if label:
            self.verbs[place] = words.SAME_VERBS.get(label, label)
            return "verb"
        kind = next((kind for kind, members in _KINDS.items() if token in members), None)
        if token == "of" and self.token(place - 1) in ("out", "outside", "inside"):
            return "place"
        if token in words.PARTICLES and self.verbs.get(place - 1) in words.PARTICLE_VERBS:
            return "adverb"
        if kind == "place" and token in words.ADVERBS:
            return "place" if behind[:1].isalnum() and behind not in _NO_NOUN else "adverb"
        if kind:
            return kind
        if token.endswith("ed") and token not in words.NO_VERBS:
            ends = not behind or behind in _NO_NOUN or behind.endswith("ing")
            return "participle" if ends else "adjective"
        if token.endswith("ly") and token not in words.LY_NOUNS:
            return "adverb"
        return "noun" if token[0].isalnum() else "stop"

    def _verb(self, place: int) -> str | None:
        """Tell a verb's label; what is before it has its kind already."""
        token, before = self.token(place), self.token(place - 1)
        if token in words.PARTICIPLES:
            return words.PARTICIPLES[token] if place else None
        if token == "has":
            return words.THIRD_PERSONS[token]
        if token.endswith("ing") and len(token) > 4:
            return token if self._is_verb_in_ing(place) else None
        if token == "to" or token in words.NO_FINITE:
            return None
        if before == "to" and token in words.BASE_FORMS:
            infinitive = self.token(place - 2) not in ("next", "close")
            return words.BASE_FORMS[token] if infinitive else None
        noun = self.kind(place - 1) == "noun"
        in_subject = all(kind in ("determiner", "adjective", "noun") for kind in self.kinds)
        singular = in_subject and self.token(0) in words.SINGULAR
        follows = noun or self.kind(place - 1) == "adverb" or self._is_in_colour(place)
        follows = follows or before in ("and", "who", "that", "which", ",")
        adult = singular and self.kind(place - 1) == "adjective" and token in words.THIRD_PERSONS
        if not (follows or adult):
            return None
        if token in words.THIRD_PERSONS:
            return None if in_subject and _is_plural(before) else words.THIRD_PERSONS[token]
        if token.endswith("s") and not token.endswith(("ss", "us")):
            return words.third_person(token) if noun and singular else None
        if token in words.BASE_FORMS:
            said = any(label not in words.WEAK for label in self.verbs.values())
            many = any(_is_plural(word) or word == "and" for word in self.tokens[:place])
            thing = token in words.NOUNS_TOO and noun and self._begins_with_a(place)
            if many and not thing and (not said or before == "and"):
                return words.BASE_FORMS[token]
        return None

    def _is_verb_in_ing(self, place: int) -> bool:
        token, before, behind = (self.token(place + step) for step in (0, -1, 1))
        if token in words.NO_VERBS | words.AUXILIARIES:
            return False
        if token in words.THING_VERBS and behind in words.THINGS:
            return False
        if self._is_compound(place) and self.kind(place - 2) not in _BEFORE_COMPOUNDS:
            return False
        described = self.kind(place - 1) in ("", "determiner", "owner", "place", "target")
        described = described or self.kind(place - 1) == "adjective"
        allowed = before in ("after", "before", "from", "by", "about", "without")
        return not described or allowed or self._is_in_colour(place)

    def _is_in_colour(self, place: int) -> bool:
        """Tell whether an adjective before a place is a noun: "a girl in black and white"."""
        first = place
        while self.kind(first - 1) == "adjective" or self.token(first - 1) == "and":
            first -= 1
        return self.kind(place - 1) == "adjective" and self.token(first - 1) == "in"

    def _begins_with_a(self, place: int) -> bool:
        while self.kind(place - 1) in ("noun", "adjective"):
            place -= 1
        return self.token(place - 1) in words.SINGULAR

    def _is_compound(self, place: int) -> bool:
        return (
            self.token(place) in words.COMPOUND_VERBS and self.token(place - 1) in words.COMPOUNDS
        )


_BEFORE_COMPOUNDS = ("noun", "auxiliary", "verb", "adverb", "stop")
_NO_NOUN = words.PLACE | words.TARGET | words.STOPS | words.ADVERBS
_KINDS = {
    "determiner": words.DETERMINERS,
    "owner": words.POSSESSIVES,
    "auxiliary": words.AUXILIARIES,
    "stop": words.STOPS,
    "place": words.PLACE,
    "target": words.TARGET,
    "adverb": words.ADVERBS,
    "adjective": words.ADJECTIVES,
}


def _plain(tokens: list[str]) -> list[str]:
    """Leave out hyphens, quotation marks and the possessive 's."""
    kept = []
    for before, token in zip(["", *tokens], tokens, strict=False):
        if token not in ("-", '"', "'") and not (before == "'" and token in ("s", "t")):
            kept.append(token)
    return kept


def _is_plural(word: str) -> bool:
    if word in words.PLURAL or word in words.IRREGULAR_PLURALS:
        return True
    small = words.DETERMINERS | words.POSSESSIVES | words.AUXILIARIES
    return word.endswith("s") and not word.endswith("ss") and word not in small | {"has", "as"}
