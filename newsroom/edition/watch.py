"""One thread a process that keeps its edition current, and, when it is this process's turn, makes the next one."""

import logging
import os
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from django.db import connection, connections

from newsroom.domain import outdated
from newsroom.edition import proof, shelf
from newsroom.edition.build import Builder, Source
from newsroom.edition.fingerprint import fingerprint
from newsroom.edition.render import Wsgi
from newsroom.edition.serve import Layer

PAUSE = 0.05  # seconds between two looks at the files
ASK = 1.0  # seconds, at least, between two questions to the database whether another machine changed something
ASK_ALONE = 60.0  # the same for SQLite, which no other machine writes
ASK_SHARE = 0.01  # of its time, at most, that a node spends on such questions
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Looks after the editions of one process."""

    def __init__(
        self,
        application: Wsgi,
        source: Source,
        *,
        prove: Callable[[str], subprocess.Popen[bytes] | None] = proof.begin,
    ) -> None:
        """Take Django's application, what says which pages there are, and what starts a proof for some code."""
        self.layer = Layer(application)
        self.builder = Builder(application, source)
        self._code = fingerprint()
        self._wait, self._not_before = 0.0, 0.0
        self._least = ASK if connection.vendor == "postgresql" else ASK_ALONE
        self._ask_every = self._least
        self._prove = prove
        self._proof: subprocess.Popen[bytes] | None = None
        self._prove_not_before = 0.0
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
            if time.monotonic() >= self._not_before:
                if self._due():
                    self._build()
                elif self._unproved():
                    self._proof = self._prove(self._code)
                self.layer.refresh()
            self._wait = 0.0
        except Exception:  # the edition before goes on, and this tries again
            self._wait = min(max(self._wait * 2, RETRY[0]), RETRY[1])
            self._not_before = time.monotonic() + self._wait
            log.warning("no new edition could be made; the one before goes on", exc_info=True)

    def _due(self) -> bool:
        return self._urgent() or _age(".asked") >= self._ask_every

    def _urgent(self) -> bool:
        """Return whether the current edition is known to be out of date."""
        edition = self.layer.edition
        if edition is None or edition.manifest.wanted != outdated.token():
            return True
        following = edition.manifest.next
        return following is not None and following <= time.time()

    def _unproved(self) -> bool:
        """Return whether a proof has to be started; after one that failed, not for a while."""
        ended = self._proof.poll() if self._proof else 0
        if ended:
            log.warning("the pages of the edition could not all be rendered again; this is tried later")
            self._prove_not_before = time.monotonic() + RETRY[1]
        if ended is not None:
            self._proof = None
        edition = self.layer.edition
        return (
            self._proof is None
            and edition is not None
            and time.monotonic() >= self._prove_not_before
            and proof.due(number=edition.manifest.number, code=self._code)
        )

    def _build(self) -> None:
        """Make an edition if this process gets the turn, and if it is due even then."""
        with shelf.turn(wait=False) as had:
            if not had:
                return
            self.layer.refresh()
            if not self._due():
                return
            try:
                self._make()
            finally:
                connections.close_all()
        self.layer.refresh()
        shelf.clear()

    def _make(self) -> None:
        """Make what is due; this process has the turn."""
        began, first = time.monotonic(), self.layer.edition is None
        made = self.builder.build()
        took = time.monotonic() - began
        if made is None:
            self._ask_every = max(self._least, took / ASK_SHARE)
        _note(".asked", "")
        if made and first:  # every page was rendered just now
            proof.record(number=made.number, code=self._code, took=took)


def _note(name: str, text: str) -> None:
    (outdated.folder() / name).write_text(text, encoding="utf-8")


def _age(name: str) -> float:
    """Return how many seconds ago a file was written; endless when it is not there."""
    with suppress(FileNotFoundError):
        return time.time() - (outdated.folder() / name).stat().st_mtime
    return float("inf")
