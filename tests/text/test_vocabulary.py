import copy
import hashlib
import pickle

import numpy as np
import pytest
import tensorflow as tf

from lrcn_keras.text import Vocabulary, shared_rows, tokenize_tf

CAPTIONS = ["A dog runs.", "a dog , a cat", "The dog sleeps", "a bird"]


def test_words_are_ordered_by_count_and_then_by_alphabet():
    vocabulary = Vocabulary.from_captions(CAPTIONS, min_count=1)
    expected = ("<eos>", "<unk>", "a", "dog", ",", "bird", "cat", "runs", "sleeps", "the")
    assert vocabulary.words == expected
    assert len(vocabulary) == 10
    assert Vocabulary.from_captions(CAPTIONS, min_count=3).words == expected[:4]
    assert Vocabulary.from_captions(["x " * 4]).words == ("<eos>", "<unk>")  # 5 by default


def test_encode_and_decode():
    vocabulary = Vocabulary(["a", "dog", "runs"])
    assert vocabulary.encode("A dog runs.") == [2, 3, 4]
    assert vocabulary.encode("A cat runs. A dog!", max_length=4) == [2, 1, 4, 1]
    assert vocabulary.encode("") == []
    assert vocabulary.decode([2, 1, 4]) == "a <unk> runs"
    assert vocabulary.decode(np.array([2, 3, 0, 99])) == "a dog"
    assert vocabulary.decode([]) == ""


@pytest.mark.parametrize("index", [-1, 5])
def test_an_id_outside_the_vocabulary_is_an_error(index):
    with pytest.raises(ValueError, match=rf"in \[0, 5\), got {index}"):
        Vocabulary(["a", "dog", "runs"]).decode([2, index])


def test_a_caption_cannot_name_the_specials():
    assert 0 not in Vocabulary(["<", ">", "eos"]).encode("<eos>")


def test_graph_lookup_equals_encode():
    vocabulary = Vocabulary.from_captions(CAPTIONS, min_count=1)
    sentences = ["A dog runs", "", "my cat"]
    dataset = tf.data.Dataset.from_tensors(sentences).map(
        lambda batch: vocabulary.lookup(tokenize_tf(batch))
    )
    ids = next(iter(dataset))
    assert ids.dtype == tf.int32
    assert ids.to_list() == [vocabulary.encode(sentence) for sentence in sentences]
    assert vocabulary.lookup(tf.constant([["a", "x"]])).numpy().tolist() == [[2, 1]]
    assert [word.decode() for word in vocabulary.table_tf().numpy()] == list(vocabulary.words)


def test_file_is_plain_text_and_comes_back(tmp_path):
    vocabulary = Vocabulary(["straße", "犬", "."])
    vocabulary.save(tmp_path / "vocabulary.txt")
    text = "<eos>\n<unk>\nstraße\n犬\n.\n".encode()
    assert (tmp_path / "vocabulary.txt").read_bytes() == text
    assert vocabulary.hash == hashlib.sha256(text).hexdigest()
    loaded = Vocabulary.load(tmp_path / "vocabulary.txt")
    assert loaded == vocabulary
    assert loaded.hash == vocabulary.hash
    assert loaded != Vocabulary(["."])


def test_order_changes_the_hash():
    assert Vocabulary(["a", "b"]).hash != Vocabulary(["b", "a"]).hash


def test_copies_leave_the_lookup_table_behind():
    vocabulary = Vocabulary(["a"])
    vocabulary.lookup(tf.constant(["a"]))
    for twin in (copy.deepcopy(vocabulary), pickle.loads(pickle.dumps(vocabulary))):
        assert twin == vocabulary
        assert twin.lookup(tf.constant(["a"])).numpy().tolist() == [2]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<eos>\n<unk>\na\nb\na\n", "damaged.*twice.*'a'"),
        (b"<eos>\n<unk>\na\n<unk>\n", "damaged.*twice.*'<unk>'"),
        (b"a\nb\n", "must begin with <eos> and <unk>"),
        (b"<unk>\n<eos>\na\n", "must begin with <eos> and <unk>"),
        (b"", "must begin with <eos> and <unk>"),
        (b"<eos>\n<unk>\na\n\nb\n", "damaged.*white space.*''"),
        (b"<eos>\n<unk>\na dog\n", "damaged.*white space.*'a dog'"),
        (b"<eos>\n<unk>\n\xff\xfe\n", "not UTF-8"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, content, message):
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        Vocabulary.load(path)
    assert "broken.txt" in str(error.value)


def test_shared_rows_find_the_same_word_in_both():
    old = Vocabulary(["a", "dog", "cat"])
    new = Vocabulary(["bird", "cat", "a"])
    old_ids, new_ids = shared_rows(old, new)
    assert old_ids.tolist() == [0, 1, 4, 2]
    assert new_ids.tolist() == [0, 1, 3, 4]
    old_ids, new_ids = shared_rows(Vocabulary(), new)
    assert old_ids.tolist() == new_ids.tolist() == [0, 1]
