"""The stores of the outbox: the folder of this machine's, and the mirror on another disk where there is one.

An entry goes into both at once. Where one fails, or hangs for longer than two seconds, the other suffices.
"""

import logging
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path

from reports.domain import mirror

OUTBOX, MIRROR = "outbox", "mirror"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """One store: its name (OUTBOX or MIRROR), its folder, and whether an entry could be stored there now."""

    name: str
    path: Path
    works: bool


def put(first: Callable[[], None], *, name: str, data: bytes) -> None:
    """Store an entry by calling `first`, and in the mirror beside it; raises OSError if neither holds it durably."""
    if mirror.folder() is None:
        first()
        return
    calls = {_first.begin(first), mirror.begin_put(name, data)}
    done, pending = wait(calls, timeout=mirror.LIMIT)
    while pending and not any(map(_is_stored, done)):
        more, pending = wait(pending, return_when=FIRST_COMPLETED)
        done |= more
    for call in done:
        if not _is_stored(call):
            log.error("one store of the outbox failed", exc_info=call.exception())
    if pending:
        log.error("one store of the outbox hangs")
    if not any(map(_is_stored, done)):
        raise OSError("no store of the outbox works")


def states(folder: Path, probe: Callable[[], bool]) -> list[Store]:
    """Return the stores as they are now; `probe` tries the first."""
    try:
        works = _first.begin(probe).result(mirror.LIMIT)
    except (OSError, TimeoutError):
        works = False
    found = [Store(OUTBOX, folder, works)]
    path = mirror.folder()
    return [*found, Store(MIRROR, path, mirror.works())] if path else found


def _is_stored(call: "Future[None]") -> bool:
    return call.exception() is None


_first = mirror.Disk()
