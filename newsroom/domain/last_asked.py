"""When this machine last saw that its pages show all that has changed: the time of a file."""

import time
from pathlib import Path

from newsroom.domain import request_rebuild


def age() -> float | None:
    """Return for how many seconds nobody here has seen that; None if nobody ever looked."""
    try:
        return max(0.0, time.time() - _file().stat().st_mtime)
    except FileNotFoundError:
        return None


def note_first() -> None:
    """Note that somebody looks from now on, unless somebody did before: what fails again must not hide since when."""
    if age() is None:
        write()


def write() -> None:
    """Note that the pages show all that has changed, now."""
    _file().touch()


def _file() -> Path:
    return request_rebuild.folder() / ".asked"
