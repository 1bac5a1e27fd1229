"""A model's README, generated from its card and recipe."""

from collections.abc import Iterable, Mapping
from typing import Any


def render(card: Mapping[str, Any], recipe: str | None = None) -> str:
    """Write a README in Markdown.

    Args:
        card: the content of ``card.json``.
        recipe: the content of ``recipe.toml``.
    """
    parts = [
        f"# {card['name']}",
        card["description"],
        _USE.format(name=card["name"], call=_call(card)),
        _table(("", ""), _facts(card)),
        *_section("Results", _results(card["metrics"])),
        *_section("Trained on", _datasets(card["datasets"])),
        *_section("Intended use", card["intended_use"]),
        *_section("Limits", card["limits"]),
        *_section("Origin", "\n".join(f"- {key}: {text}" for key, text in card["origin"].items())),
        *_section("Recipe", recipe and _RECIPE.format(recipe=recipe.strip(), **card)),
        "Generated from `card.json` and `recipe.toml`: change those.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_USE = """```python
import lrcn_keras

model = lrcn_keras.load("{name}")
model.{call}
```"""

_CALLS = {
    "activity-recognition": 'recognize("clip.mp4")',
    "image-captioning": 'caption("photo.jpg")',
    "video-description": 'describe("clip.mp4")',
}

_RECIPE = """`lrcn train zoo/{name}/recipe.toml --data-dir DIR` trains it again.

```toml
{recipe}
```"""


# The same in every row of results, as a rule.
_COMMON_OPTIONS = ("max_length", "min_length", "forbidden", "n_best", "seed")


def _call(card: Mapping[str, Any]) -> str:
    if card.get("roles") and not card["backbone"]:  # it sees labels
        roles = "".join(f'        "{role}": ...,\n' for role in card["roles"])
        return f"describe_roles(\n    {{\n{roles}    }}\n)"
    return _CALLS[card["task"]]


def _facts(card: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "task", card["task"]
    yield "class", f"`{card['class']}`"
    if card["backbone"]:
        yield "CNN", f"`{card['backbone']}` on {card['image_size']}x{card['image_size']} pixels"
    if "vocabulary_size" in card:
        yield "vocabulary", f"{card['vocabulary_size']:,} tokens"
    if "classes" in card:
        yield "classes", ", ".join(card["classes"])
    if "variant" in card:
        yield "variant", f"`{card['variant']}`"
    if "roles" in card:
        yield "roles", ", ".join(f"{role} ({count})" for role, count in card["roles"].items())
    if "modality" in card:
        rate = card.get("rate")
        seen = f"{rate:g} frames/s" if rate else "all frames"
        if "frames" in card:
            seen = f"{card['frames']} frames a clip"
        yield "sees", f"{card['modality']}, {seen}"
    if "protocol" in card:
        yield "protocol", _protocol(card["protocol"])
    if "fusion" in card:
        yield "fusion", ", ".join(f"{name} {x:.3f}" for name, x in card["fusion"].items())
    yield "parameters", f"{card['parameters']:,}"
    yield "size", f"{card['size'] / 1e6:.1f} MB, weights in float16"
    flops = (
        f"{count / 1e6:,.1f} M a{'n' * (what[0] in 'aeiou')} {what}"
        for what, count in card["flops"].items()
    )
    yield "FLOPs", f"{', '.join(flops)} (two a multiply-add)"
    if "decoder" in card:
        yield (
            "default decoder",
            ", ".join(f"{key} {value}" for key, value in card["decoder"].items()),
        )
    yield "licence", card["licence"]
    yield "written by", card["created_by"]


def _results(metrics: list[Mapping[str, Any]]) -> str:
    if not metrics:
        return "None were measured."
    values = [(name, value) for result in metrics for name, value in result["values"].items()]
    names = list(dict.fromkeys(name for name, value in values if value is not None))
    further = [key for key in ("stage", "model") if any(key in result for result in metrics)]
    how = "decoding" if any("decoding" in result for result in metrics) else "protocol"
    rows = []
    for result in metrics:
        intervals = result.get("interval") or {}
        rows.append(
            (
                f"{result['dataset']} {result['split']}",
                *(result.get(key, "") for key in further),
                _decoding(result["decoding"]) if how == "decoding" else _protocol(result[how]),
                *(_number(result["values"].get(name), intervals.get(name)) for name in names),
            )
        )
    heads = ("data", *further, how, *names)
    table = _table(heads, rows)
    if len({result["stage"] for result in metrics if "stage" in result}) > 1:
        table += "\n\nEarlier stages are weights on the way: the recipe makes them again."
    if any(result.get("interval") for result in metrics):
        table += "\n\nIn brackets: 95 % bootstrap intervals."
    return table


def _decoding(decoding: Any) -> str:
    if not isinstance(decoding, Mapping):
        return str(decoding)
    options = (
        f"{key} {value}"
        for key, value in decoding.items()
        if key not in ("name", *_COMMON_OPTIONS) and value is not None
    )
    return ", ".join((decoding["name"], *options))


def _protocol(protocol: Any) -> str:
    """A `Protocol`'s config in words."""
    if not isinstance(protocol, Mapping):
        return str(protocol)
    length, stride = protocol["clip_length"], protocol["stride"]
    crops = {
        1: "centre crop",
        2: "centre crop and its mirror image",
        8: "centre crop, turned and mirrored in 8 ways",
    }.get(protocol["crops"], f"{protocol['crops']} crops")
    steps = "mean of all steps" if protocol["steps"] == "all" else "last step"
    if length is None:
        return f"whole clip, {crops}, {steps}"
    return f"{length}-frame clips, stride {stride or length}, {crops}, {steps}"


def _number(value: Any, interval: Iterable[float] | None) -> str:
    if value is None:
        return "-"
    text = f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
    return text if interval is None else f"{text} [{', '.join(f'{end:.3f}' for end in interval)}]"


def _datasets(datasets: list[Mapping[str, Any]]) -> str:
    return "\n".join(
        "- "
        + ", ".join(
            f"{value:,} {key}" if isinstance(value, int) else str(value)
            for key, value in dataset.items()
        )
        for dataset in datasets
    )


def _section(title: str, text: str | None) -> tuple[str, ...]:
    return (f"## {title}", text) if text else ()


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(heads), *map(tuple, rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
