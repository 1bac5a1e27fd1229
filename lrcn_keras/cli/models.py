"""`lrcn models`: what the zoo has."""

import json

import click

# The first of them that a result has decides which is the best.
_SHOWN = ("word accuracy", "CIDEr-D", "video accuracy", "BLEU-4")


@click.command(short_help="List the models.")
@click.argument("pattern", default="*")
@click.option("--json", "as_json", is_flag=True, help="One card a line, complete.")
def models(pattern: str, as_json: bool) -> None:
    """List the models whose name matches PATTERN, such as '*-captioner'."""
    import lrcn_keras

    names = lrcn_keras.list_models(pattern)
    if not names:
        raise click.ClickException(f"No model matches {pattern!r}; `lrcn models` lists all.")
    cards = {name: lrcn_keras.card(name) for name in names}
    if as_json:
        for card in cards.values():
            click.echo(json.dumps(card))
        return
    _print_table(cards)


def _print_table(cards: dict[str, dict]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    table.add_column("name", no_wrap=True)
    table.add_column("parameters", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("licence")
    table.add_column("best results")
    for name, card in cards.items():
        table.add_row(
            name,
            f"{card['parameters'] / 1e6:.1f} M",
            f"{card['size'] / 1e6:.1f} MB",
            card["licence"],
            "\n".join(map(_line, _best(card["metrics"]))),
        )
    Console(markup=False).print(table)


def _best(results: list[dict]) -> list[dict]:
    """The model's best result on each data set; the card has them all."""
    best: dict[tuple, dict] = {}
    for result in filter(_is_its_own, results):
        data = (result["dataset"], result["split"])
        if data not in best or _score(result) > _score(best[data]):
            best[data] = result
    return list(best.values())


def _is_its_own(result: dict) -> bool:
    """Whether a result is the model's: not one stream's alone, nor one of those compared with."""
    return result.get("model", "fused").startswith("fused")


def _score(result: dict) -> float:
    return next((result["values"][name] for name in _SHOWN if name in result["values"]), 0.0)


def _line(result: dict) -> str:
    """A result in one line, such as "flickr8k test: CIDEr-D 0.530, BLEU-4 0.220"."""
    names = [name for name in _SHOWN if name in result["values"]]
    values = ", ".join(f"{name} {result['values'][name]:.3f}" for name in names)
    return f"{result['dataset']} {result['split']}: {values}"
