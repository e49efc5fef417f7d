"""A part of each process's threads that never waits for the database, so that the form answers whatever happens there.

A commit can wait for ever, as where a PostgreSQL has lost the standbys that must confirm it: neither a timeout nor the
client ends that. Only what asks the database takes one of these places; receiving a tip needs none.

In a flood the places are taken too, but one is given back every few milliseconds: then who comes waits for the next, as
right words to a mailbox must not be refused. Where nothing has moved for that long, the database hangs: nobody waits.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

PATIENCE = 2.0  # seconds


class Places:
    """So many places. Strangers at the desk have half of them: while they wait to sign in, members find another."""

    def __init__(self, count: int) -> None:
        self._all = threading.BoundedSemaphore(count)
        self._strangers = threading.BoundedSemaphore(max(1, count // 2))
        self._moved = time.monotonic()  # when one was last taken or given back

    @contextmanager
    def take(self, *, stranger: bool = False) -> Iterator[bool]:
        """Yield whether there was a place for one more; it is taken until the end."""
        if stranger and not self._strangers.acquire(blocking=False):
            yield False
            return
        taken = self._take()
        try:
            yield taken
        finally:
            if taken:
                self._moved = time.monotonic()
                self._all.release()
            if stranger:
                self._strangers.release()

    def _take(self) -> bool:
        hangs = time.monotonic() - self._moved > PATIENCE
        taken = self._all.acquire(timeout=0 if hangs else PATIENCE)
        if taken:
            self._moved = time.monotonic()
        return taken


places = Places(settings.DATABASE_THREADS)
