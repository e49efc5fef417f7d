"""Health for monitors: whether a tip could be received now, whether all is well behind it, and nothing of why not.

Balancers, restarts and containers act on the first, so it asks nothing but what receiving a tip takes. The answers are
the same for every visitor: behind nginx, Tor or a balancer, all have the same address.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from reports.domain import intake
from reports.domain.health import examination

EVERY = 5.0  # seconds between two probes of a process
OLD = 30.0  # seconds after which an answer says nothing any more

log = logging.getLogger(__name__)


class Probe:
    """A check that a process runs at most every EVERY seconds; in between, its last answer stands.

    While one runs, nobody waits for it: the last answer is given, until it is OLD. So one that does not come back (a
    disk that hangs) counts as failed, and holds one thread.
    """

    def __init__(self, check: Callable[[], bool]) -> None:
        self._check = check
        self._turn = threading.Lock()
        self._at, self._well = -OLD, False

    def ask(self) -> bool:
        """Return whether all is well; never raises."""
        if not self._turn.acquire(blocking=False):
            return self._well and time.monotonic() - self._at < OLD
        try:
            if time.monotonic() - self._at >= EVERY:
                self._well = self._run()
                self._at = time.monotonic()
            return self._well
        finally:
            self._turn.release()

    def _run(self) -> bool:
        try:
            return self._check()
        except Exception:  # whatever keeps a tip from being received
            log.exception("no tip could be received now")
            return False


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the outbox takes a file sealed to desk.pub now, else 503; say nothing else about the machine."""
    return _answer(well=_receiving.ask())


def healthz_desk(request: HttpRequest) -> HttpResponse:
    """Answer 200 if that holds, and maintenance is on time and found nothing wrong, else 503."""
    return _answer(well=_receiving.ask() and examination.is_well(now=timezone.now()))


def _answer(*, well: bool) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse("ok\n" if well else "ill\n", "text/plain", 200 if well else 503, headers=headers)


_receiving = Probe(intake.can_receive)
