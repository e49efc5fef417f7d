"""A part of each process's threads that never waits for the database, so that the form answers whatever happens there.

A commit can wait for ever, as where a PostgreSQL has lost the standbys that must confirm it: neither a timeout nor the
client ends that. Only what asks the database takes one of these places; receiving a tip needs none.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

_places = threading.BoundedSemaphore(settings.DATABASE_THREADS)


@contextmanager
def place() -> Iterator[bool]:
    """Yield whether there was a place for one more thread that asks the database; it is taken until the end."""
    taken = _places.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            _places.release()
