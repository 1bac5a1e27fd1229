import numpy as np
import pytest

import lrcn_keras


@pytest.mark.parametrize("decoder", [None, "greedy"])
def test_the_served_model_says_what_the_model_says(run, zoo, photo_folder, tmp_path, decoder):
    import tensorflow as tf

    directory = tmp_path / "served" / "1"
    run("export", "coco-captioner", directory, *(["--decoder", decoder] if decoder else []))
    photos = sorted((photo_folder / "photos").iterdir())[:3]
    data = tf.constant([photo.read_bytes() for photo in photos] + [b"no photo"])
    served = tf.saved_model.load(str(directory)).signatures["serving_default"](data)
    expected = lrcn_keras.load(zoo / "coco-captioner").caption(photos, decoder=decoder)
    assert served["ok"].numpy().tolist() == [True, True, True, False]
    captions = [each.decode() for each in served["captions"].numpy()]
    assert captions == [*(each.text for each in expected), ""]


def test_a_recognizer_is_served_and_has_no_decoder(run, recognizers, saved_recognizer, tmp_path):
    import tensorflow as tf

    directory = tmp_path / "served" / "1"
    assert "clips in, labels out" in run("export", saved_recognizer, directory).stdout
    served = tf.saved_model.load(str(directory)).signatures["serving_default"]
    clip = np.random.default_rng(0).integers(0, 256, (1, 5, 32, 40, 3), dtype=np.uint8)
    answer = served(clips=tf.constant(clip), lengths=tf.constant([5]))
    expected = recognizers["fight-recognizer"].recognize(clip[0])
    assert answer["labels"].numpy() == [expected.label.encode()]
    result = run("export", saved_recognizer, directory, "--decoder", "beam", status=1)
    assert "has no decoder" in result.stderr
