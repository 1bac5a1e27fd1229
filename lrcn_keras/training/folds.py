"""How clips are split for cross-validation."""

from dataclasses import dataclass
from urllib.parse import quote

from lrcn_keras.datasets import ClipDataset


@dataclass(frozen=True)
class Folds:
    """Leave one group out at a time, or k folds that part no group.

    Args:
        by: field of the clips' groups; None for the one by which the data set is split.
        k: number of folds, each with its share of every class; None leaves out each group of
            ``by`` once.
    """

    by: str | None = None
    k: int | None = None

    def split(self, data: ClipDataset, seed: int) -> list[tuple[str, ClipDataset, ClipDataset]]:
        """Split clips.

        Args:
            data: the clips.
            seed: which of the many ways to make k folds.

        Returns:
            For each fold its name, fit for a folder, the clips to train on, and those to test on.

        Raises:
            ValueError: for a field that is not there, or fewer groups than folds.
        """
        folds = data.folds(self.by) if self.k is None else data.k_folds(self.k, seed, self.by)
        return [(quote(name, safe=" =,"), train, test) for name, train, test in folds]

    @property
    def folder(self) -> str:
        """Name of a folder for results; those of other splits lie in others."""
        return f"folds {quote(str(self), safe=' ')}"

    def __str__(self) -> str:
        if self.k is None:
            return f"each {self.by or 'group'} left out once"
        return f"{self.k} folds by {self.by}" if self.by else f"{self.k} folds"
