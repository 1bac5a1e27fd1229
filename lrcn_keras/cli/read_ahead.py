"""Frames read in a thread, while the model is at work."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

_AHEAD = 8  # frames of a file that wait at most


def read_ahead(items: Iterator[T], newest: bool = False) -> Iterator[T]:
    """Give what an iterator gives, produced in a thread of its own.

    Args:
        items: a generator; it is closed when this one is.
        newest: of a live source: leave out what comes while the caller is busy, all but the last,
            so that he never lags behind.

    Raises:
        Exception: whatever the iterator raises, in its place.
    """
    waiting: queue.Queue = queue.Queue(1 if newest else _AHEAD)
    stop = threading.Event()
    reader = threading.Thread(target=_read, args=(items, waiting, stop, newest), daemon=True)
    reader.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                if not isinstance(error, StopIteration):
                    raise error
                return
            yield item
    finally:
        stop.set()
        reader.join(timeout=1.0)  # a camera may be waiting for a picture


def _read(items: Iterator, waiting: queue.Queue, stop: threading.Event, newest: bool) -> None:
    try:
        for item in items:
            if newest and waiting.full():
                try:
                    waiting.get_nowait()
                except queue.Empty:
                    pass  # the caller was quicker
            _put((item, None), waiting, stop)
            if stop.is_set():
                break
    except Exception as error:
        _put((None, error), waiting, stop)
    else:
        _put((None, StopIteration()), waiting, stop)
    finally:
        items.close()


def _put(entry: tuple, waiting: queue.Queue, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            waiting.put(entry, timeout=0.1)
            return
        except queue.Full:
            pass
