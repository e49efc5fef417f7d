"""The proof: every page rendered once more, in case something changed that no surface told, or the code is newer.

It works aside while quick editions are made, gives way to whoever serves readers, and takes the turn only at its end.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from newsroom.domain import outdated
from newsroom.edition import shelf
from newsroom.edition.build import LOOK_EVERY, Builder, plan
from newsroom.edition.manifest import Entry, Manifest

EVERY = 900  # seconds after which every page is rendered again at the latest
SHARE = 0.2  # of its time, at most, that a node spends on proofs
LOCK = ".prove"
RECORD = ".proved"
LEAST = 19  # the priority of the thread that renders: what nobody else needs


class Stopped(Exception):
    """Nobody waits for this proof any more."""


@dataclass(frozen=True)
class Aside:
    """What was rendered: the edition from which the proof began, and the pages by address."""

    began: Manifest | None
    pages: dict[str, Entry]


def due(*, number: int, code: str) -> bool:
    """Return whether all pages of an edition have to be rendered: by newer code, after a quick edition or a while."""
    path = outdated.folder() / RECORD
    try:
        proved, by, took = path.read_text(encoding="utf-8").split()
        age, rest = time.time() - path.stat().st_mtime, float(took) * (1 / SHARE - 1)
    except (FileNotFoundError, ValueError):
        return True
    return by != code or age >= max(EVERY, rest) or (int(proved) != number and age >= rest)


def record(*, number: int, code: str, took: float) -> None:
    """Tell the watchers of this machine that all of an edition was rendered by this code, in so many seconds."""
    (outdated.folder() / RECORD).write_text(f"{number} {code} {took:.3f}", encoding="utf-8")


def begin(code: str) -> subprocess.Popen[bytes] | None:
    """Start a proof in a process of its own, for the watchers' code; None when one goes on already."""
    with shelf.lock(LOCK, wait=False) as lock:
        if lock is None:
            return None
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "edition_proof", code]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=quiet, stdout=quiet, pass_fds=[lock.fileno()])


def prove(
    builder: Builder, *, code: str, stop: Callable[[], bool] = lambda: False, behind: bool = False
) -> Manifest | None:
    """Render every page; switch, if one differs or the edition is a layer, and return the new manifest, else None.

    The caller holds the lock of proofs, and not the turn. `behind` renders in a thread that gets the time that nobody
    else wants; the switch is not behind, for others wait for its turn. Raises Stopped soon after `stop` says so.
    """
    began = time.monotonic()
    with shelf.Draft(aside=True) as draft:
        aside = _behind(lambda: _render(builder, draft, stop)) if behind else _render(builder, draft, stop)
        draft.settle()
        with shelf.turn(wait=True):
            made = _take_over(builder, draft, aside)
            current = shelf.current()
        if current:
            record(number=current.number, code=code, took=time.monotonic() - began)
    shelf.clear()
    return made


def _behind(work: Callable[[], Aside]) -> Aside:
    """Do something in a thread of the least priority, which Linux keeps for each thread by itself."""

    def begin() -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, LEAST)

    def once() -> Aside:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1, initializer=begin) as thread:
        return thread.submit(once).result()


def _render(builder: Builder, draft: shelf.Draft, stop: Callable[[], bool]) -> Aside:
    """Render all that is public at the beginning."""
    began, wanted = shelf.current(), plan(builder.source)
    old = began.pages if began else {}
    pages = {}
    for count, (address, changed) in enumerate(wanted.surfaces.items(), start=1):
        if count % LOOK_EVERY == 0 and stop():
            raise Stopped
        entry = builder.page(draft, address, changed, old.get(address), anew=True)
        if entry:
            pages[address] = entry
    return Aside(began, pages)


def _take_over(builder: Builder, draft: shelf.Draft, aside: Aside) -> Manifest | None:
    """Switch to what was rendered, but for pages that changed meanwhile; the caller has the turn."""
    before, draft.before = shelf.current(), shelf.current_folder()
    done = dict(aside.pages)
    if before and aside.began:
        old, new = aside.began.pages, before.pages
        for address in [one for one in done if one in new and (one not in old or old[one].digest != new[one].digest)]:
            draft.drop(done.pop(address))
    wanted = plan(builder.source)
    builder.strike(before, wanted)
    wanted, pages = builder.fill(draft, before, wanted, done)
    if before and pages == before.pages and wanted.met_by(before):
        builder.answered(before, wanted)
        return None
    return builder.publish(draft, before, wanted, pages)
