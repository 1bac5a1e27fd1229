"""What every metric asks of its candidates and references."""


def check_pairs(candidates: list[str], references: list[list[str]]) -> None:
    """Refuse corpora on which no metric is defined.

    Args:
        candidates: one caption an image.
        references: for each image, in the same order, its reference captions.

    Raises:
        ValueError: for different lengths, no image at all, or an image without references.
    """
    if len(candidates) != len(references):
        raise ValueError(
            f"One candidate for each image's references: got {len(candidates)} candidates and "
            f"{len(references)} lists of references."
        )
    if not len(candidates):
        raise ValueError("At least one image is needed: got none.")
    for index, captions in enumerate(references):
        if isinstance(captions, str) or not len(captions):
            raise ValueError(
                f"Every image needs a list of at least one reference: image {index} has "
                f"{captions!r}."
            )


def check_names(predictions: dict, references: dict[str, list[str]]) -> None:
    """Refuse predictions of other images than those with references.

    Args:
        predictions: name of an image -> prediction.
        references: name of an image -> its reference captions.

    Raises:
        ValueError: for a prediction without references, the reverse, or an empty list.
    """
    for names, what in (
        (references.keys() - predictions.keys(), "have references but no prediction"),
        (predictions.keys() - references.keys(), "have a prediction but no references"),
    ):
        if names:
            some = ", ".join(map(repr, sorted(names)[:3]))
            raise ValueError(f"{len(names)} images {what}, such as {some}.")
    empty = [name for name, captions in references.items() if not captions]
    if empty:
        raise ValueError(f"{len(empty)} images have no reference, such as {empty[0]!r}.")
