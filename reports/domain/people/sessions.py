"""Whose sessions are open: their list, and their end. What a session holds stays sealed under its cookie."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from reports.domain import audit
from reports.models import AuditAct, SessionOwner

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

TOUCH_EVERY = timedelta(minutes=10)


@dataclass(frozen=True)
class Open:
    """One session of a member: when it began, when something was last kept in it, and whether it is this one."""

    started: datetime
    last_used: datetime
    here: bool


def owner_hash(user_id: int | str) -> str:
    """Return the keyed hash (64 hex digits) by which a session's row names its owner."""
    key = hashlib.sha256(f"streetlight session owner {settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, str(user_id).encode(), hashlib.sha256).hexdigest()


def own(*, row: str, user_id: int | str, started: datetime) -> None:
    """Note whose the session in this row is."""
    SessionOwner.objects.update_or_create(
        session_id=row, defaults={"owner": owner_hash(user_id), "started_at": started}
    )


def touch(session: Session) -> None:
    """Note that a session is in use, once in ten minutes; what is in it is not written, so nothing can be lost."""
    owner, now = getattr(session, "owner_row", None), timezone.now()
    lasts = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if owner is None or session.expire_date > now + lasts - TOUCH_EVERY:
        return
    ends = min(now + lasts, owner.started_at + timedelta(seconds=settings.SESSION_ABSOLUTE))
    if ends > session.expire_date:
        Session.objects.filter(pk=session.pk).update(expire_date=ends)


def listed(*, user: "User", here: str) -> list[Open]:
    """Return a member's open sessions, newest first; `here` is the row of the one that asks."""
    rows = _rows(user).filter(session__expire_date__gt=timezone.now()).select_related("session")
    lasts = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    found = [Open(row.started_at, max(row.started_at, row.session.expire_date - lasts), row.pk == here) for row in rows]
    return sorted(found, key=lambda one: one.started, reverse=True)


def end(*, user: "User", but: str = "") -> int:
    """End a user's sessions, except the row `but`, and return how many there were."""
    rows = list(_rows(user).exclude(pk=but).values_list("pk", flat=True))
    Session.objects.filter(pk__in=rows).delete()
    return len(rows)


def end_elsewhere(*, by: "User", here: str) -> int:
    """End a member's own sessions everywhere but here, on the record; return how many."""
    with transaction.atomic():
        count = end(user=by, but=here)
        audit.record(by=by, act=AuditAct.ENDED_SESSIONS, count=count)
    return count


def _rows(user: "User") -> "QuerySet[SessionOwner]":
    return SessionOwner.objects.filter(owner=owner_hash(user.pk))
