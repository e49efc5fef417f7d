"""Waiting for a fact, and for what a command came to: nothing here waits for a time."""

import time
from typing import NamedTuple

PATIENCE = 60.0  # seconds for anything that should take one


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        """Return all that it printed."""
        return self.out + self.err

    def well(self):
        """Return what it printed for programs; a failure says all of what it said."""
        assert self.code == 0, f"it ended with {self.code}:\n{self.said}"
        return self.out


def until(true, what, *, seconds=PATIENCE):
    """Wait until something is so, and return after how many seconds it was."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, f"never: {what}"
        time.sleep(0.02)
    return time.monotonic() - began
