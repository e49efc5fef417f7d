"""One thread a process that keeps its edition current, and, when it is this process's turn, makes the next one."""

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

PAUSE = 0.05  # seconds between two looks at the files
ASK = 1.0  # seconds between two questions to the database whether another machine changed something
ASK_ALONE = 60.0  # the same for SQLite, which no other machine writes
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Looks after the editions of one process."""

    def __init__(self, application: Wsgi, source: Source, changes: Changes) -> None:
        """Take Django's application, what says which pages there are, and what says which of them changed."""
        self.layer = Layer(application)
        self.builder = Builder(application, source, changes, switched=self.layer.refresh)
        self._wait, self._not_before = 0.0, 0.0
        self._ask_every = ASK if connection.vendor == "postgresql" else ASK_ALONE
        self._asked = float("-inf")
        self._stopped = threading.Event()

    def start(self) -> Self:
        """Begin to look after the editions, in this process and in those that are forked from it."""
        os.register_at_fork(after_in_child=self._start)
        self._start()
        return self

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _start(self) -> None:
        threading.Thread(target=self._run, name="edition", daemon=True).start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.look()
            self._stopped.wait(PAUSE)

    def look(self) -> None:
        """Take over a new edition; make one if it is due and no other process is at it. Never raises."""
        try:
            self.layer.refresh()
            if time.monotonic() >= self._not_before and self._is_due():
                self._build()
            self._wait = 0.0
        except Exception:  # the edition before goes on, and this tries again
            self._wait = min(max(self._wait * 2, RETRY[0]), RETRY[1])
            self._not_before = time.monotonic() + self._wait
            log.warning("no new edition could be made; the one before goes on", exc_info=True)

    def _is_due(self) -> bool:
        """Return whether the current edition is out of date, as the files say and, now and then, the database."""
        edition = self.layer.edition
        if edition is None or request_rebuild.waiting():
            return True
        following = edition.manifest.next
        if following is not None and following <= time.time():
            return True
        if time.monotonic() < self._asked + self._ask_every:
            return False
        try:
            due = self.builder.is_due(edition.manifest)
        finally:
            connections.close_all()
        self._asked = time.monotonic()
        return due

    def _build(self) -> None:
        """Make an edition if no other process does, and if it is due even then."""
        with storage.build_lock(wait=False) as acquired:
            if not acquired:
                return
            self.layer.refresh()
            try:
                self.builder.build()
            finally:
                connections.close_all()
        storage.clear()
