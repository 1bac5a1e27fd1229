"""Probabilities as bars in the terminal, while a video runs."""

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

_MOST = 8  # classes
_WIDTH = 30  # of a bar, in characters


class Bars:
    """The likeliest classes as bars; a context manager. Shows nothing where there is no terminal.

    Args:
        title: above the bars.
        classes: names of the classes.
        console: where to draw; None for standard error or standard output, whichever is a terminal.
    """

    def __init__(self, title: str, classes: Sequence[str], console: Console | None = None):
        console = console or _terminal()
        self._title = title
        self._classes = classes
        self._scores: np.ndarray | None = None
        self._time = 0.0
        self._clock: deque[float] = deque(maxlen=60)
        self._live = console and Live(self, console=console, refresh_per_second=10, transient=True)

    @property
    def shown(self) -> bool:
        """Whether there is a terminal."""
        return self._live is not None

    def __enter__(self) -> "Bars":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_) -> None:
        if self._live:
            self._live.stop()

    def update(self, scores: np.ndarray, seconds: float) -> None:
        """Show the probabilities of a frame.

        Args:
            scores: (K,), in [0, 1].
            seconds: since the video's first frame.
        """
        self._clock.append(time.monotonic())
        self._scores, self._time = scores, seconds

    def __rich__(self) -> "RenderableType":
        if self._scores is None:
            return Text(f"{self._title}: waiting for the first frame")
        # The order of the classes: bars that change places cannot be read.
        chosen = sorted(np.argsort(-self._scores, kind="stable")[:_MOST])
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", no_wrap=True)
        for index in chosen:
            style = "bold" if index == self._scores.argmax() else ""
            table.add_row(
                Text(self._classes[index], style),
                ProgressBar(1.0, float(self._scores[index]), width=_WIDTH),
                Text(f"{100 * self._scores[index]:3.0f} %", style),
            )
        passed = self._clock[-1] - self._clock[0]
        speed = f", {(len(self._clock) - 1) / passed:.0f} frames/s" if passed else ""
        return Group(Text(f"{self._title}, {self._time:.1f} s{speed}"), table)


def _terminal() -> Console | None:
    for console in (Console(stderr=True), Console()):
        if console.is_terminal:
            return console
    return None
