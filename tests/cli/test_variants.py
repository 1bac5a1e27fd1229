from lrcn_keras.cli.variants import print_variants


def _row(model, interval, **values):
    return {
        "dataset": "grid",
        "split": "test",
        "model": model,
        "decoding": "beam",
        "interval": interval,
        "values": {"seeds": 3, **values},
    }


def test_the_table_has_means_spreads_intervals_and_differences(capsys):
    scores = {"CIDEr-D": 0.5678, "spread of CIDEr-D": 0.0123, "role accuracy": 0.4567}
    rows = [
        _row("model", {"CIDEr-D": [0.5, 0.6]}, **scores, **{"BLEU-4": 0.2}),
        _row("a", {}, **{"CIDEr-D": 0.5}),
        _row("model minus a", {"role accuracy": [-0.01, 0.02]}, **{"role accuracy": 0.0051}),
    ]
    print_variants("mine", rows)
    text = capsys.readouterr().out
    for cell in ("0.568 ± 0.012", "[0.500, 0.600]", "45.7 %", "20.0 %", "+0.5 %", "[-1.0, 2.0]"):
        assert cell in text
    assert "mine on grid:test" in text
    assert "word accuracy" not in text
