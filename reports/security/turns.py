"""Turns at what takes much memory or time: a few at work, some wait for a moment, and the others are sent away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Busy(Exception):
    """Nobody's turn came in time."""


class Turns:
    """Lets `at_work` in at a time, in one process; up to `waiting` more wait for at most `seconds`."""

    def __init__(self, *, at_work: int, waiting: int, seconds: float) -> None:
        self._seconds = seconds
        self._work = threading.BoundedSemaphore(at_work)
        self._room = threading.BoundedSemaphore(at_work + waiting)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn and hold it; raises Busy when too many wait already, or the time is over."""
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            if not self._work.acquire(timeout=self._seconds):
                raise Busy
            try:
                yield
            finally:
                self._work.release()
        finally:
            self._room.release()
