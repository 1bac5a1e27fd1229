"""The data of a recipe whose model writes sentences."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrcn_keras import datasets
from lrcn_keras.datasets import CaptionDataset, ClipCaptionDataset
from lrcn_keras.text import Vocabulary
from lrcn_keras.training.recipe import OWN_CAPTIONS, Recipe, Stage

Described = CaptionDataset | ClipCaptionDataset


@dataclass(frozen=True)
class SentenceData:
    """Photos or clips with sentences, and sentences alone.

    Args:
        recipe: says which.
        data_dir: folder of the data sets.
        train: what is trained on.
        dev: what is chosen on.
        test: what is reported.
        files: sentences of each text file.
    """

    recipe: Recipe
    data_dir: Path
    train: Described
    dev: Described
    test: Described
    files: dict[str, list[str]]

    @classmethod
    def load(cls, recipe: Recipe, data_dir: str | Path) -> "SentenceData":
        """Read what a recipe names.

        Raises:
            ValueError: for what is not there, or has no sentences.
        """
        data_dir = Path(data_dir)
        parts = [datasets.get(name, data_dir) for name in (recipe.train, recipe.dev, recipe.test)]
        for part in parts:
            if not isinstance(part, Described):
                raise ValueError(f"{recipe.name} learns sentences: {part.name} has none.")
        files = {file: datasets.sentences(data_dir / file) for file in recipe.sentences}
        return cls(recipe, data_dir, *parts, files)

    def of_stage(self, stage: Stage) -> Described:
        """Read what a stage trains on.

        Raises:
            ValueError: for clips to which similar sentences should be added.
        """
        train = self.train if stage.train is None else datasets.get(stage.train, self.data_dir)
        if stage.similar is None:
            return train
        if not isinstance(train, CaptionDataset):
            raise ValueError(f"Stage {stage.name!r}: similar sentences are for photos.")
        if stage.similar == OWN_CAPTIONS:
            own = [text for texts in train.captions for text in texts]
            return datasets.with_similar_sentences(train, own, to_others=True)
        sentences = datasets.sentences(self.data_dir / stage.similar)
        return datasets.with_similar_sentences(train, sentences)

    @property
    def captions(self) -> list[str]:
        """All sentences of the photos or clips that are trained on."""
        return [text for texts in self.train.captions for text in texts]

    @property
    def sentences(self) -> list[str]:
        """All sentences of the text files."""
        return [text for texts in self.files.values() for text in texts]

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that occur often enough."""
        return Vocabulary.from_captions([*self.sentences, *self.captions], self.recipe.min_count)

    def sources(self) -> list[dict[str, Any]]:
        """Say for a card what was trained on."""
        use = "vocabulary only"
        if any(stage.kind == "sentences" for stage in self.recipe.stages):
            use = "language"
        return [
            *map(self._source, self.recipe.train.split("+")),
            *(
                {"name": Path(file).name, "sentences": len(texts), "use": use}
                for file, texts in self.files.items()
            ),
        ]

    def _source(self, name: str) -> dict[str, Any]:
        part = datasets.get(name, self.data_dir)
        kind = "photos" if isinstance(part, CaptionDataset) else "clips"
        return {"name": name, kind: len(part)}
