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
