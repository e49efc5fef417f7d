"""One thread per process that loads each new edition, and builds the next one if no other process does."""

import logging
import os
import threading
import time
from typing import Self

from django.db import connection, connections

from newsroom.domain import request_rebuild
from newsroom.edition import storage
from newsroom.edition.build import Builder, Changes, Source
from newsroom.edition.page import Wsgi
from newsroom.edition.serve import Layer

PAUSE = 0.05  # seconds between two checks of the files
QUERY_INTERVAL = 1.0  # seconds between two queries for changes by another machine
QUERY_INTERVAL_SQLITE = 60.0  # the same for SQLite, which no other machine can write
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Keeps the edition of one process current."""

    def __init__(self, application: Wsgi, source: Source, changes: Changes) -> None:
        """Take Django's application, the source of public pages, and the changes to articles."""
        self.layer = Layer(application)
        self.builder = Builder(application, source, changes, switched=self.layer.refresh)
        self._retry_after, self._not_before = 0.0, 0.0
        self._interval = QUERY_INTERVAL if connection.vendor == "postgresql" else QUERY_INTERVAL_SQLITE
        self._last_query = float("-inf")
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
            due = self.builder.is_due(edition.manifest)
        finally:
            connections.close_all()
        self._last_query = time.monotonic()
        return due

    def _build(self) -> None:
        """Build an edition, unless another process holds the build lock."""
        with storage.build_lock(wait=False) as acquired:
            if not acquired:
                return
            self.layer.refresh()
            try:
                self.builder.build()
            finally:
                connections.close_all()
        storage.clear()
