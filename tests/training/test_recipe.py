import pytest

from lrcn_keras.training import Recipe, train

_HEAD = 'name = "x"\ndescription = "y"\ntrain = "folder"\ndev = "folder"\ntest = "folder"\n'
_STAGE = '[[stage]]\nname = "frozen"\nkind = "features"\nepochs = 2\n'


def _written(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    return path


def test_a_recipe_keeps_its_own_text(tmp_path):
    recipe = Recipe.load(_written(tmp_path, _HEAD + _STAGE))
    assert recipe.text == _HEAD + _STAGE
    assert (recipe.stages[0].kind, recipe.stages[0].epochs, recipe.seed) == ("features", 2, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "is not TOML"),
        (_HEAD, r"has no \[\[stage\]\]"),
        (_HEAD + "speed = 3\n" + _STAGE, r"unknown recipe fields \['speed'\]"),
        (_HEAD + _STAGE + "rate = 3\n", r"unknown stage fields \['rate'\]"),
        (_HEAD.replace('test = "folder"', "") + _STAGE, r"recipe lacks \['test'\]"),
        (_HEAD + _STAGE.replace("features", "pixels"), "kind must be one of .* got 'pixels'"),
        (_HEAD + _STAGE + "step_power = 2\n", "step_power is for activity-recognition alone"),
        (_HEAD + "roles = { hide = 0.3 }\n" + _STAGE, r"roles have .*'hidden'.* got \['hide'\]"),
        (_HEAD.replace("dev", "#") + _STAGE, "chosen on dev, which is missing"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        Recipe.load(_written(tmp_path, text))


def test_published_recipes_can_be_read():
    from pathlib import Path

    root = Path(__file__).parents[2]
    for place in ("zoo/*/*.toml", "examples/recipes/*.toml"):
        recipes = list(root.glob(place))
        assert recipes
        for path in recipes:
            Recipe.load(path)


def test_an_unknown_argument_of_the_model_is_named(photo_folder, tmp_path):
    recipe = Recipe.load(_written(tmp_path, _HEAD + "model = { depth = 3 }\n" + _STAGE))
    with pytest.raises(ValueError, match=r"The recipe x, \[model\]: .*depth"):
        train(recipe, photo_folder, tmp_path / "run")
