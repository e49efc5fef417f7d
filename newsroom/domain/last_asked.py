"""When this machine last asked the database for changes by others, and how far its pages have come; a small file.

One process of a machine asks; every other one, and commands, learn it here.
"""

import json
import time
from pathlib import Path
from typing import NamedTuple

from newsroom.domain import request_rebuild

EVERY = 10.0  # seconds between two writes of the file while nothing changes


class LastAsked(NamedTuple):
    """Up to which of the newsroom's changes (`changes.number`) the pages show all, and when that was asked."""

    number: int
    at: float


def read() -> LastAsked | None:
    """Return what was last written; None on a machine that never asked, as one with SQLite, which shares nothing."""
    try:
        number, at = json.loads(_path().read_bytes())
        return LastAsked(int(number), float(at))
    except (OSError, ValueError, TypeError):
        return None


def age() -> float | None:
    """Return for how many seconds nobody here could ask (up to EVERY more than it is); None if nobody ever did."""
    last = read()
    return None if last is None else max(0.0, time.time() - last.at)


def write(*, number: int) -> None:
    """Write that the pages show all changes up to `number` now, unless that was said just before."""
    last, now = read(), time.time()
    if last is None or last.number != number or not last.at <= now < last.at + EVERY:
        unfinished = _path().with_name(".asked-new")
        unfinished.write_text(json.dumps([number, now]), encoding="ascii")
        unfinished.replace(_path())


def _path() -> Path:
    return request_rebuild.folder() / ".asked"
