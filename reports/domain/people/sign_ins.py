"""Sign-ins on the record: who came and went, and under whose name somebody tried to, within bounds.

Wrong passwords are counted from what axes keeps, by maintenance and not by the page: a page that recorded them for
names that exist would take longer for those. Under one name there is one event of a kind an hour, whatever strangers
do.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from reports.domain import audit
from reports.models import AuditAct, AuditEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR = timedelta(hours=1)
UNKNOWN = "unknown "  # before the hash under which axes keeps what is nobody's name, which has no space in it
IN_A_BROWSER = " in "  # between the name and the browser's, as tries in a known browser are counted apart


def signed_in(*, user: User, way: str) -> None:
    """Record that a member signed in, with an `app`, a `passkey`, a `recovery-code` or a `password` alone."""
    audit.record(by=user, act=AuditAct.SIGNED_IN, subject=user.get_username()[:60], way=way)


def signed_out(*, user: User) -> None:
    """Record that a member signed out."""
    audit.record(by=user, act=AuditAct.SIGNED_OUT, subject=user.get_username()[:60])


def wrong_code(*, user: User) -> None:
    """Record, once an hour, that somebody knew a member's password and not their code."""
    _once_an_hour(AuditAct.WRONG_CODE, user.get_username(), now=timezone.now())


def record_failures(*, now: datetime) -> int:
    """Record, once an hour for each, under which members' names wrong passwords were typed; return how many events."""
    failures, paused = Counter[str](), set[str]()
    of_one_place = Counter[tuple[str, str | None]]()
    attempts = AccessAttempt.objects.filter(attempt_time__gt=now - HOUR).exclude(username__startswith=UNKNOWN)
    for kept, address, count in attempts.values_list("username", "ip_address", "failures_since_start"):
        name = str(kept or "").partition(IN_A_BROWSER)[0]
        failures[name] += count
        of_one_place[str(kept or ""), address] += count
        if of_one_place[str(kept or ""), address] >= settings.AXES_FAILURE_LIMIT:
            paused.add(name)
    known = _known(failures)
    recorded = [_once_an_hour(AuditAct.WRONG_PASSWORD, name, now=now, count=failures[name]) for name in known]
    recorded += [_once_an_hour(AuditAct.SIGN_IN_PAUSED, name, now=now) for name in known if name in paused]
    return sum(recorded)


def _known(names: "Iterable[str]") -> list[str]:
    """Return those of the names that are members'; what else was typed is kept as a keyed hash."""
    found = User.objects.filter(username__in=[name for name in names if name])
    return sorted(found.values_list("username", flat=True))


def _once_an_hour(act: AuditAct, name: str, *, now: datetime, **detail: Any) -> bool:
    with transaction.atomic():
        audit.take_turn()
        if AuditEvent.objects.filter(act=act, at__gt=now - HOUR, subject=name[:60]).exists():
            return False
        audit.record(by=None, act=act, subject=name[:60], **detail)
    return True
