"""Sign-ins on the record: who came and went, and under whose name somebody tried to, within bounds.

Wrong passwords are counted from what axes keeps, by maintenance and not by the page: a page that recorded them for
names that exist would take longer for those. Under one name there is one event of a kind an hour, whatever strangers
do.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.models import AuditAct, AuditEvent

HOUR = timedelta(hours=1)
UNKNOWN = "unknown "  # before the hash under which axes keeps what is nobody's name, which has no space in it
IN_A_BROWSER = (
    " in "  # between the name and the browser's, as tries in a known browser are counted apart
)


def signed_in(*, user: User, way: str) -> None:
    """Record that a member signed in, with an `app`, a `passkey`, a `recovery-code` or a `password` alone."""
    audit_log.record(by=user, act=AuditAct.SIGNED_IN, subject=user.get_username()[:60], way=way)


def signed_out(*, user: User) -> None:
    """Record that a member signed out."""
    audit_log.record(by=user, act=AuditAct.SIGNED_OUT, subject=user.get_username()[:60])


def wrong_code(*, user: User) -> None:
    """Record, once an hour, that somebody knew a member's password and not their code."""
    _once_an_hour(AuditAct.WRONG_CODE, user.get_username(), now=timezone.now())


def record_failures(*, now: datetime) -> None:
    """Record, once an hour for each, under which members' names wrong passwords were typed."""
    failures = Counter[str]()
    attempts = AccessAttempt.objects.filter(attempt_time__gt=now - HOUR).exclude(
        username__startswith=UNKNOWN
    )
    for username, count in attempts.values_list("username", "failures_since_start"):
        failures[str(username or "").partition(IN_A_BROWSER)[0]] += count
    known = (
        User.objects.filter(username__in=failures)
        .order_by("username")
        .values_list("username", flat=True)
    )
    for name in known:
        _once_an_hour(AuditAct.WRONG_PASSWORD, name, now=now, count=failures[name])


def _once_an_hour(act: AuditAct, name: str, *, now: datetime, **detail: Any) -> None:
    with transaction.atomic():
        audit_log.take_turn()
        if not AuditEvent.objects.filter(act=act, at__gt=now - HOUR, subject=name[:60]).exists():
            audit_log.record(by=None, act=act, subject=name[:60], **detail)
