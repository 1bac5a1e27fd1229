"""`lrcn train`: from a recipe to a model in the zoo's format."""

from pathlib import Path

import click


@click.command(short_help="Train a model by a recipe.")
@click.argument("recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of the data sets.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where progress, logs and the model go.  [default: runs/NAME]",
)
@click.option(
    "--devices", default="all", show_default=True, help="all, gpu:0,1 or cpu:2 (logical devices)."
)
def train(recipe: Path, data_dir: Path, output: Path | None, devices: str) -> None:
    """Train the captioner, describer or recognizer that RECIPE is for.

    Interrupted, the same command goes on where it stopped and ends with the same weights.
    """
    from lrcn_keras import training

    plan = training.Recipe.load(recipe)
    # Devices can be split only before TensorFlow has used them.
    strategy = training.strategy_for(devices)
    output = output or Path("runs") / plan.name
    training.train(plan, data_dir, output, strategy)
    trained = output / "trained"
    click.echo(f"Wrote {trained}. Next:")
    click.echo(f"  lrcn evaluate {trained} --data {plan.test} --data-dir {data_dir}")
