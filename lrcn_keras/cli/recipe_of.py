"""The recipe that a model was made by."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrcn_keras.training import Recipe


def recipe_of(name: str) -> "Recipe | None":
    """Load the recipe beside a model; None where there is none, as beside an exported model.

    Args:
        name: of a published model, or a folder.

    Raises:
        ValueError: for an unknown model, or a damaged recipe.
    """
    from lrcn_keras.storage import find_model
    from lrcn_keras.training import Recipe

    if (Path(name) / "saved_model.pb").is_file():
        return None
    path = find_model(name) / "recipe.toml"
    return Recipe.load(path) if path.exists() else None
