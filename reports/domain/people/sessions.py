"""Open sessions of members: listing and ending them. Their data stay sealed under the cookie."""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.people import session_files
from reports.models import AuditAct, SessionOwner

TOUCH_EVERY = timedelta(minutes=10)


def owner_hash(user_id: int | str) -> str:
    """Return the keyed hash (64 hex digits) by which a session's row names its owner."""
    key = hashlib.sha256(f"streetlight session owner {settings.SECRET_KEY}".encode()).digest()
    return hmac.new(key, str(user_id).encode(), hashlib.sha256).hexdigest()


def own(*, row: str, user_id: int | str, started: datetime) -> None:
    """Store the owner of the session in this row."""
    SessionOwner.objects.update_or_create(
        session_id=row, defaults={"owner": owner_hash(user_id), "started_at": started}
    )


def touch(session: Session) -> None:
    """Extend a session in use, once in ten minutes, without writing its data."""
    owner = getattr(session, "owner_row", None)
    now = timezone.now()
    lasts = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if owner is None or session.expire_date > now + lasts - TOUCH_EVERY:
        return
    ends = min(now + lasts, owner.started_at + timedelta(seconds=settings.SESSION_ABSOLUTE))
    if ends > session.expire_date:
        Session.objects.filter(pk=session.pk).update(expire_date=ends)


def listed(*, user: User, here: str) -> list[dict[str, Any]]:
    """Return a member's open sessions, newest first: start, last use, whether it is `here`, the row of the present."""
    rows = _rows(user).filter(session__expire_date__gt=timezone.now()).select_related("session")
    lasts = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    sessions = []
    for row in rows.order_by("-started_at"):
        last_used = max(row.started_at, row.session.expire_date - lasts)
        sessions.append({"started": row.started_at, "last_used": last_used, "here": row.pk == here})
    return sessions


def end(*, user: User, but: str = "") -> int:
    """End a user's sessions, except the row `but`, and return how many there were."""
    rows = list(_rows(user).exclude(pk=but).values_list("pk", flat=True))
    Session.objects.filter(pk__in=rows).delete()
    session_files.forget(rows)
    return len(rows)


def end_elsewhere(*, by: User, here: str) -> None:
    """End a member's own sessions everywhere but here, on the record."""
    with transaction.atomic():
        audit_log.record(by=by, act=AuditAct.ENDED_SESSIONS, count=end(user=by, but=here))


def lock_ended() -> None:
    """Lock the desk for good in each session that was unlocked on this machine and has ended, wherever that was."""
    here = set(session_files.rows())
    session_files.forget(
        here - set(Session.objects.filter(pk__in=here).values_list("pk", flat=True))
    )


def _rows(user: User) -> QuerySet[SessionOwner]:
    return SessionOwner.objects.filter(owner=owner_hash(user.pk))
