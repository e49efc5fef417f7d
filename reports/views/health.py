"""Health for monitors: whether a tip could be received now, whether all is well behind it, and nothing of why not.

Balancers, restarts and containers act on the first, so it asks nothing but what receiving a tip takes. The answers are
the same for every visitor: behind nginx, Tor or a balancer, all have the same address.
"""

import logging
import threading

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from reports.domain.health import examination
from reports.domain.intake import receiving

PATIENCE = 1  # seconds that a question waits for another one, as on a disk that hangs

log = logging.getLogger(__name__)
_turn = threading.Lock()


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the outbox takes a file sealed to desk.pub now, else 503; say nothing else about the machine."""
    return _answer(well=_can_receive())


def healthz_desk(request: HttpRequest) -> HttpResponse:
    """Answer 200 if that holds, and maintenance is on time and found nothing wrong, else 503."""
    return _answer(well=_can_receive() and examination.is_well(now=timezone.now()))


def _can_receive() -> bool:
    if not _turn.acquire(timeout=PATIENCE):
        return False
    try:
        return receiving.can_receive()
    except Exception:  # whatever keeps a tip from being received
        log.exception("no tip could be received now")
        return False
    finally:
        _turn.release()


def _answer(*, well: bool) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(
        "ok\n" if well else "ill\n", "text/plain", 200 if well else 503, headers=headers
    )
