"""The table of what cross-validation found."""

from typing import Any

from lrcn_keras.cli.recognizer_scores import METRICS, interval, percent, points


def print_results(name: str, results: list[dict[str, Any]]) -> None:
    """Print results as `training.cross_validated` gives them.

    Args:
        name: of the recipe.
        results: a row for each model and stream, and their differences.
    """
    from rich.console import Console
    from rich.table import Table

    first = results[0]
    table = Table(title=f"{name} on {first['dataset']}, {first['split']}")
    table.add_column("model")
    for metric in METRICS:
        table.add_column(metric, justify="right")
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("seeds", justify="right")
    for result in results:
        values, ends = result["values"], result["interval"]
        model = result.get("model", "model")
        if "gain" in values:
            row = [points(values["gain"]), "", interval(ends["gain"], points), ""]
        else:
            accuracy = percent(values["video accuracy"])
            if "spread" in values:
                accuracy += f" ± {100 * values['spread']:.1f}"
            mean = percent(values["mean class accuracy"])
            row = [accuracy, mean, interval(ends["video accuracy"]), str(values["seeds"])]
        table.add_row(model, *row)
    Console(markup=False).print(table)
