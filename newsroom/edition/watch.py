"""One thread per process that loads each new edition, and builds the next one if no other process does.

One process of a machine asks the database each second whether another machine changed anything: for one row, on a
connection that it keeps. While the database does not answer, the edition that is there goes on.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Self

from django.db import connection, connections

from newsroom.domain import failing_since, last_asked, request_rebuild
from newsroom.edition import storage
from newsroom.edition.build import Builder, Changes, Source
from newsroom.edition.page import Wsgi
from newsroom.edition.serve import Layer
from newsroom.edition.storage import Manifest

PAUSE = 0.05  # seconds between two checks of the files
QUERY_INTERVAL = 1.0  # seconds between two questions whether another machine changed anything
FULL_INTERVAL = 60.0  # seconds after which what changed is looked for, counted or not; no other machine writes SQLite
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Keeps the edition of one process current."""

    def __init__(
        self,
        application: Wsgi,
        source: Source,
        changes: Changes,
        *,
        before: Callable[..., None] = lambda **_at: None,
    ) -> None:
        """Take Django's application, the source of public pages, the changes to articles, and what Builder takes."""
        self.layer = Layer(application)
        refresh = self.layer.refresh
        self.builder = Builder(application, source, changes, before=before, switched=refresh)
        self._retry_after, self._not_before = 0.0, 0.0
        self._shared = connection.vendor == "postgresql"
        self._interval = QUERY_INTERVAL if self._shared else FULL_INTERVAL
        self._last_query = self._last_look = float("-inf")
        self._number = -1
        self._turn: int | None = None  # a file, locked by the one process of this machine that asks
        self._stopped = threading.Event()

    def start(self) -> Self:
        """Start the thread, in this process and in every process forked from it."""
        os.register_at_fork(after_in_child=self._start)
        self._start()
        return self

    def stop(self) -> None:
        """End the thread after its current check."""
        self._stopped.set()

    def _start(self) -> None:
        if self._turn is not None:  # it is the parent's
            os.close(self._turn)
            self._turn = None
        threading.Thread(target=self._run, name="edition", daemon=True).start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.check()
            self._stopped.wait(PAUSE)

    def check(self) -> None:
        """Load a new edition; build one if it is due and no other process is building. Never raises."""
        try:
            self.layer.refresh()
            if time.monotonic() >= self._not_before and self._is_due():
                self._build()
            self._retry_after = 0.0
        except Exception:  # readers keep the edition before; the next check tries again
            self._retry_after = min(max(self._retry_after * 2, RETRY[0]), RETRY[1])
            self._not_before = time.monotonic() + self._retry_after
            log.warning("no new edition could be made; the one before goes on", exc_info=True)

    def _is_due(self) -> bool:
        """Return True if the current edition is out of date: by the files, or at intervals by the database."""
        edition = self.layer.edition
        if edition is None or request_rebuild.waiting():
            return True
        next_instant = edition.manifest.next
        if next_instant is not None and next_instant <= time.time():
            return True
        if time.monotonic() < self._last_query + self._interval:
            return False
        try:
            due = self._differs(edition.manifest)
        except Exception:
            connections.close_all()
            raise
        self._last_query = time.monotonic()
        return due

    def _differs(self, manifest: Manifest) -> bool:
        """Return whether pages changed since an edition: looked for when the count grew, and now and then in any case.

        The count is remembered only once the pages agree with it, so a change is asked for until it is shown.
        """
        look_due = time.monotonic() >= self._last_look + FULL_INTERVAL
        asks = self._shared and self._asks()
        number = self.builder.changes.number() if asks else self._number
        if (look_due or number != self._number) and self._look(manifest):
            return True
        self._number = number
        if asks:
            last_asked.write(number=number)
        return False

    def _asks(self) -> bool:
        """Return whether this process is the machine's one that asks: the first to come, for as long as it lives."""
        if self._turn is None:
            turn = os.open(request_rebuild.folder() / ".asking", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(turn)
                return False
            self._turn = turn
        return True

    def _look(self, manifest: Manifest) -> bool:
        """Return whether anything changed that pages show, by many queries."""
        try:
            due = self.builder.is_due(manifest)
        except Exception:
            self._build()  # it fails as this did, but takes away first what was withdrawn
            raise
        finally:
            connections.close_all()
        self._last_look = time.monotonic()
        if not due:
            failing_since.end()
        return due

    def _build(self) -> None:
        """Build an edition, unless another process holds the build lock."""
        with storage.build_lock(wait=False) as acquired:
            if not acquired:
                return
            self.layer.refresh()
            try:
                self.builder.build()
            except Exception:
                failing_since.begin()
                raise
            finally:
                connections.close_all()
        storage.clear()
