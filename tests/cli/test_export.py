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
