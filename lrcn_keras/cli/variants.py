"""The table of a describer and its variants."""

from typing import Any

from lrcn_keras.cli.sentence_scores import number


def print_variants(name: str, results: list[dict[str, Any]]) -> None:
    """Print results as `training.variants_compared` gives them.

    Args:
        name: of the recipe.
        results: a row for each model, and for each pair of them.
    """
    from rich.console import Console
    from rich.table import Table

    first = results[0]
    metrics = [
        metric
        for metric in ("word accuracy", "BLEU-4", "METEOR", "CIDEr-D", "role accuracy")
        if any(metric in result["values"] for result in results)
    ]
    table = Table(title=f"{name} on {first['dataset']}:{first['split']}, 95 % intervals")
    table.add_column("model")
    for metric in metrics:
        table.add_column(metric, justify="right")
    table.add_column("seeds", justify="right")
    for result in results:
        table.add_row(
            result["model"],
            *(_cell(result, metric) for metric in metrics),
            str(result["values"]["seeds"]),
        )
    Console(markup=False).print(table)


def _cell(result: dict[str, Any], metric: str) -> str:
    values = result["values"]
    if metric not in values:
        return ""
    text = number(metric, values[metric], "+" if " minus " in result["model"] else "")
    spread = values.get(f"spread of {metric}")
    if spread is not None:
        text += f" ± {number(metric, spread).removesuffix(' %')}"
    ends = result["interval"].get(metric)
    if not ends:
        return text
    low, high = (number(metric, end).removesuffix(" %") for end in ends)
    return f"{text}\n[{low}, {high}]"
