import hashlib

import pytest

from lrcn_keras.text import ROLES, RoleLabels, caption_roles

# Read and labelled by hand; "-" where a caption says nothing of a role.
BY_HAND = {
    "A black dog runs out of the water with a stick in its mouth .": "dog running stick water",
    "A black and brown dog jumps over a log": "dog jumping - log",
    "A group of people sit together near the stairs of a monument .": "people sitting - stairs",
    "A girl wearing red and blue clothing poses for a man kneeling": "girl posing man -",
    "Two dogs play on the beach .": "dogs playing - beach",
    "A man is rock climbing .": "man climbing - -",
    "A little girl is eating cake and strawberries at a wooden table .": "girl eating cake table",
    "A woman wearing a colorful costume looks at the camera .": "woman looking camera -",
    "Child in pink runs": "child running - -",
    "A man tries to catch a football on grass surrounded by flags .": "man catching football grass",
    "A boy in a hat is seated on a bench": "boy sitting - bench",
    "There is a young girl playing with water": "girl playing water -",
    "Three small boys play basketball indoors .": "boys playing basketball indoors",
    "Boys in swimming trunks": "boys - - -",
    "A large dog wards off a smaller dog": "dog warding - dog",
    "A man and a woman crossing a suspension bridge": "man crossing bridge -",
    "A dog , wearing a collar , is moving through water": "dog moving - water",
    "The boy picks up a ball": "boy picking ball -",
    "A t-shirt": "shirt - - -",
    "A man's dog sleeps outside": "dog sleeping - outside",
    "an adult holds a small child": "adult holding child -",
    "": "- - - -",
    "...": "- - - -",
}


@pytest.mark.parametrize("caption", BY_HAND)
def test_roles_are_those_found_by_hand(caption):
    found = caption_roles(caption)
    assert [found.get(role, "-") for role in ROLES] == BY_HAND[caption].split()
    assert list(found) == [role for role in ROLES if role in found]


def test_case_and_the_final_full_stop_do_not_matter():
    assert caption_roles("A DOG RUNS.") == caption_roles("a dog runs")


CAPTIONS = ["A dog chases a ball", "A dog chases balls", "Dogs chase a ball", "A cat sits"]


def test_labels_are_ordered_by_count_and_then_by_alphabet():
    roles = RoleLabels.from_captions([*CAPTIONS, "A cat runs in the snow"], min_count=1)
    assert roles.labels == {
        "who": ("cat", "dog", "dogs"),  # whether one or two matters in a sentence's subject
        "doing": ("chasing", "running", "sitting"),
        "what": ("ball",),  # three times, once as a plural
        "where": ("snow",),
    }
    assert roles.sizes == {"who": 3, "doing": 3, "what": 1, "where": 1}
    few = RoleLabels.from_captions(CAPTIONS * 2 + ["A cat in the snow"], 1, max_labels=1)
    assert few.labels["who"] == ("dog",)


def test_a_role_that_is_too_rare_is_an_error():
    with pytest.raises(ValueError, match="needs labels, got who: 1, doing: 1, what: 1, where: 0"):
        RoleLabels.from_captions(CAPTIONS * 3, min_count=6)


def test_encode_and_decode():
    roles = RoleLabels.from_captions([*CAPTIONS, "A cat runs in the snow"], min_count=1)
    assert roles.encode("A dog chases two balls in the snow.").tolist() == [1, 0, 0, 0]
    assert roles.encode("A horse runs").tolist() == [-1, 1, -1, -1]
    assert roles.encode({"what": "ball", "who": "cat", "why": "fun"}).tolist() == [0, -1, 0, -1]
    assert roles.decode([1, -1, 0, -1]) == {"who": "dog", "what": "ball"}
    assert roles.encode("").dtype == "int32"


def test_gold_is_what_most_captions_say_and_the_first_of_equals():
    roles = RoleLabels({"who": ["dog", "cat"], "doing": ["running", "sitting"], "where": ["snow"]})
    captions = ["A cat sits", "A dog runs", "A dog sits", "A horse runs"]
    assert roles.gold(captions).tolist() == [0, 1, -1]  # sitting twice, running twice
    assert roles.gold([]).tolist() == [-1, -1, -1]


def test_annotated_roles_are_taken_as_they_are():
    annotated = [{"scene": "Home Office", "object1": "dishes"}, {"scene": "Kitchen"}] * 2
    roles = RoleLabels.from_roles([*annotated, {"scene": "Kitchen", "object1": "dish"}])
    assert roles.labels == {"scene": ("Kitchen", "Home Office"), "object1": ("dishes", "dish")}
    assert roles.encode({"scene": "Home Office"}).tolist() == [1, -1]


def test_file_is_plain_text_and_comes_back(tmp_path):
    roles = RoleLabels({"who": ["dog", "straße"], "place seen": ["Home Office"]})
    roles.save(tmp_path / "roles.txt")
    text = "who\tdog\nwho\tstraße\nplace seen\tHome Office\n".encode()
    assert (tmp_path / "roles.txt").read_bytes() == text
    again = RoleLabels.load(tmp_path / "roles.txt")
    assert again == roles
    assert again.hash == roles.hash == hashlib.sha256(text).hexdigest()
    assert RoleLabels({"who": ["straße", "dog"], "place seen": ["Home Office"]}) != roles


@pytest.mark.parametrize(
    "content",
    [b"", b"who\n", b"who\tdog\ttwo\n", b"who\tdog\nwho\tdog\n", b"who\t\n", b"\xff\t\xfe"],
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, content):
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"broken\.txt holds no role labels or is damaged"):
        RoleLabels.load(path)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({}, "got none"),
        ({"who": []}, "got who: 0"),
        ({"who": ["dog", "dog"]}, "'who' has labels twice.*'dog'"),
        ({"who": ["a\tb"]}, "a line of text"),
        ({"who": [3]}, "a line of text"),
        ({"": ["dog"]}, "a line of text"),
    ],
)
def test_bad_labels_are_errors(labels, message):
    with pytest.raises(ValueError, match=message):
        RoleLabels(labels)


@pytest.mark.parametrize("ids", [[2, 0], [-2, 0], [0], [0, 0, 0]])
def test_an_id_outside_the_labels_is_an_error(ids):
    with pytest.raises(ValueError, match="Ids must be in"):
        RoleLabels({"who": ["dog", "cat"], "doing": ["running"]}).decode(ids)
