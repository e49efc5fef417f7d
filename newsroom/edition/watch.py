"""One thread per process that loads each new edition, and builds the next one if no other process does.

It asks the database twice a second for one number, by which it learns what any machine changed. While the database does
not answer, the edition that is there goes on.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from django.db import connections

from newsroom.domain import last_asked
from newsroom.edition import storage
from newsroom.edition.build import Builder
from newsroom.edition.page import Wsgi
from newsroom.edition.serve import Layer

PAUSE = 0.05  # seconds between two looks whether another process has made an edition
INTERVAL = 0.5  # seconds between two questions whether anything changed
LOOK = 60.0  # seconds between two looks for withdrawn articles, as a process may be killed before it counts a change
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Keeps the edition of one process current."""

    def __init__(self, application: Wsgi, *, after_build: Callable[[], object]) -> None:
        """Take Django's application, and what is done after each build for the pages that lie in no edition."""
        self.after_build = after_build
        self.layer = Layer(application)
        self.builder = Builder(application)
        self._wait = RETRY[0]
        self._not_before = 0.0
        self._next_look = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edition", daemon=True)

    def start(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread, and wait for its current check."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.check()
            self._stopped.wait(PAUSE)

    def check(self) -> None:
        """Load a new edition; build one if it is due and no other process is building. Never raises."""
        try:
            self.layer.refresh()
            if time.monotonic() < self._not_before:
                return
            self._build_if_due()
            self._wait = RETRY[0]
            self._not_before = time.monotonic() + INTERVAL
        except Exception:  # readers keep the edition before; a later check tries again
            log.warning("no new edition could be made; the one before goes on", exc_info=True)
            self._not_before = time.monotonic() + self._wait
            self._wait = min(self._wait * 2, RETRY[1])
            connections.close_all()
            with suppress(OSError):
                last_asked.note_first()

    def _build_if_due(self) -> None:
        """Build an edition if one is due, unless another process holds the build lock."""
        with storage.build_lock(wait=False) as acquired:
            if not acquired:
                return
            if time.monotonic() >= self._next_look:
                self.builder.take_away_withdrawn()
                self._next_look = time.monotonic() + LOOK
            if self.builder.is_due():
                self.builder.build()
                self.layer.refresh()
                self.after_build()
                return
            last_asked.write()
        storage.clear()
