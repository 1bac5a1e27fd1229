"""How much a captioner says of its own."""

from collections.abc import Iterable


def diversity(
    captions: list[str], training_captions: Iterable[str] | None = None
) -> dict[str, float | int | None]:
    """Measure how varied captions are, and how many were learnt by heart.

    Args:
        captions: (N,) captions as tokens joined by spaces, see `ptb_tokenize`.
        training_captions: what the model was trained on, in the same form.

    Returns:
        "distinct": share of different captions among the N, in (0, 1]; "repeated": share of
        captions that repeat a training caption word for word, None without training captions;
        "vocabulary": number of different words used.

    Raises:
        ValueError: for no captions.

    Example:
        >>> diversity(["a dog", "a dog", "a cat", "two men"], ["a dog"])
        {'distinct': 0.75, 'repeated': 0.5, 'vocabulary': 5}
    """
    if not captions:
        raise ValueError("At least one caption is needed: got none.")
    repeated = None
    if training_captions is not None:
        known = set(training_captions)
        repeated = sum(caption in known for caption in captions) / len(captions)
    return {
        "distinct": len(set(captions)) / len(captions),
        "repeated": repeated,
        "vocabulary": len({word for caption in captions for word in caption.split()}),
    }
