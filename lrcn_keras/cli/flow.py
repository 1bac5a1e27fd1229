"""`lrcn flow`: the optical flow of clips, computed ahead."""

from pathlib import Path

import click

from lrcn_keras.cli.files import found, report
from lrcn_keras.errors import MediaError


@click.command(short_help="Compute the optical flow of clips.")
@click.argument("clips", nargs=-1, required=True)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the flow; it may be a cache that training reads.",
)
@click.option(
    "--algorithm",
    type=click.Choice(["dis", "farneback", "tvl1"]),
    default="dis",
    show_default=True,
    help="tvl1 is in OpenCV's contrib build only.",
)
@click.option(
    "--scale", type=float, default=16.0, show_default=True, help="Levels a pixel of motion."
)
@click.option(
    "--size", type=click.IntRange(1), nargs=2, help="Height and width.  [default: the clip's own]"
)
@click.option("--rate", type=float, help="Frames a second.  [default: the clip's own]")
@click.option("--workers", type=click.IntRange(1), help="Clips at a time.  [default: the cores]")
@click.pass_context
def flow(
    ctx: click.Context,
    clips: tuple[str, ...],
    output: Path,
    algorithm: str,
    scale: float,
    size: tuple[int, int] | None,
    rate: float | None,
    workers: int | None,
) -> None:
    """Compute the flow images of CLIPS: files, folders or globs.

    A clip that is there already is not computed again; interrupted, the same command goes on. A
    clip that cannot be read is named on standard error and the others go on; the exit status is 1
    then.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from lrcn_keras.media import compute_flows, find_clips

    errors: list[MediaError] = []
    paths = found(clips, find_clips, errors)
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("clips", total=len(paths))

        def advance(_: Path, error: MediaError | None) -> None:
            progress.advance(bar)
            if error is not None:
                report(error, errors)

        settings = {"size": size or None, "rate": rate, "algorithm": algorithm, "scale": scale}
        done = compute_flows(paths, output, workers, **settings, on_clip=advance)
    click.echo(
        f"Wrote the flow of {done.done} clips to {output}; "
        f"{done.cached} were there, {len(errors)} failed."
    )
    if errors:
        ctx.exit(1)
