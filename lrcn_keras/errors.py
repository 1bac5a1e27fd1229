"""The error of bad media; everything else is a ValueError."""


class MediaError(ValueError):
    """A photo or a clip that cannot be read.

    Args:
        file: name of the file as the caller gave it.
        reason: what is wrong with it, in a few words.
    """

    def __init__(self, file: object, reason: str):
        super().__init__(f"{file}: {reason}")
        self.file = str(file)
        self.reason = reason
