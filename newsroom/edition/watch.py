"""One thread a process that keeps its edition current, and, when it is this process's turn, makes the next one."""

import logging
import os
import threading
import time
from contextlib import suppress
from typing import Self

from django.db import connection, connections

from newsroom.domain import outdated
from newsroom.edition import shelf
from newsroom.edition.build import Builder, Source
from newsroom.edition.fingerprint import fingerprint
from newsroom.edition.render import Wsgi
from newsroom.edition.serve import Layer

PAUSE = 0.1  # seconds between two looks at the files
ASK = 1.0  # seconds, at least, between two questions to the database whether another machine changed something
ASK_ALONE = 60.0  # the same for SQLite, which no other machine writes
ASK_SHARE = 0.01  # of its time, at most, that a node spends on such questions
PROVE = 900  # seconds after which every page is rendered again, in case something changed that no surface told
RETRY = (1.0, 30.0)  # seconds to wait after a failure, at first and at most

log = logging.getLogger(__name__)


class Watcher:
    """Looks after the editions of one process."""

    def __init__(self, application: Wsgi, source: Source) -> None:
        """Take Django's application, and what says which pages there are."""
        self.layer = Layer(application)
        self.builder = Builder(application, source)
        self._code = fingerprint()
        self._wait, self._not_before = 0.0, 0.0
        self._least = ASK if connection.vendor == "postgresql" else ASK_ALONE
        self._ask_every = self._least
        self._breath = 0.0
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
            if time.monotonic() >= self._not_before and self._due():
                with shelf.turn(wait=False) as had:
                    if had:
                        self.layer.refresh()
                        self._work()
                self.layer.refresh()
            self._wait = 0.0
        except Exception:  # the edition before goes on, and this tries again
            self._wait = min(max(self._wait * 2, RETRY[0]), RETRY[1])
            self._not_before = time.monotonic() + self._wait
            log.warning("no new edition could be made; the one before goes on", exc_info=True)

    def _due(self) -> bool:
        return self._urgent() or self._unproved() or _age(".asked") >= self._ask_every

    def _urgent(self) -> bool:
        """Return whether the current edition is known to be out of date."""
        edition = self.layer.edition
        if edition is None or edition.manifest.wanted != outdated.token():
            return True
        following = edition.manifest.next
        return following is not None and following <= time.time()

    def _unproved(self) -> bool:
        """Return whether all pages have to be rendered: by newer code, after a quick edition, or after a while."""
        return _age(".proved") >= PROVE or _read(".proved") != self._mark()

    def _mark(self) -> str:
        edition = self.layer.edition
        return f"{edition.manifest.number if edition else 0} {self._code}"

    def _work(self) -> None:
        """Do the most urgent thing; this process has the turn."""
        try:
            if self._urgent() or _age(".asked") >= self._ask_every:
                began, first = time.monotonic(), self.layer.edition is None
                made = self.builder.build()
                if made is None:
                    self._ask_every = max(self._least, (time.monotonic() - began) / ASK_SHARE)
                _note(".asked", "")
                if first:  # every page was rendered just now
                    self.layer.refresh()
                    _note(".proved", self._mark())
            elif self._unproved():
                self._prove()
        finally:
            connections.close_all()

    def _prove(self) -> None:
        """Render every page, with a breath for readers in between, unless something urgent comes up."""
        self._breath = time.monotonic()
        self.builder.build(thorough=True, busy=self._busy)
        self.layer.refresh()
        if not self._urgent():
            _note(".proved", self._mark())

    def _busy(self) -> bool:
        """Pause as long as the work since the last pause took; return whether something urgent came up."""
        time.sleep(min(time.monotonic() - self._breath, 1.0))
        self._breath = time.monotonic()
        return self._urgent()


def note_proved(number: int) -> None:
    """Tell the watchers of this machine that every page of an edition was rendered by this code."""
    _note(".proved", f"{number} {fingerprint()}")


def _read(name: str) -> str:
    try:
        return (outdated.folder() / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _note(name: str, text: str) -> None:
    (outdated.folder() / name).write_text(text, encoding="utf-8")


def _age(name: str) -> float:
    """Return how many seconds ago a file was written; endless when it is not there."""
    with suppress(FileNotFoundError):
        return time.time() - (outdated.folder() / name).stat().st_mtime
    return float("inf")
