"""Whether the machine's clock may be believed: what cannot be undone waits for a lead where it has jumped."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from reports.domain import audit, desk
from reports.domain.errors import Refused
from reports.domain.health import heartbeat
from reports.models import AuditAct, AuditEvent, Node

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FAR = timedelta(days=7)  # from the last heartbeat, beyond which a clock is not believed


def is_held(*, now: datetime) -> bool:
    """Return whether `now` is further than FAR from every instant that is known to have been.

    That is: the last run whose clock was believed, what a lead confirmed, before the first run the newest event on the
    record, and on a public machine what another machine last reported. A demonstration has nothing to lose.
    """
    if settings.DEMO:
        return False
    known = list(filter(None, (heartbeat.instant(heartbeat.read().trusted), _confirmed())))
    if settings.SITE_ROLE == "public":  # it may read this of the machines and nothing of the record
        near = Node.objects.filter(seen_at__range=(now - FAR, now + FAR)).order_by()
        known += near.values_list("seen_at", flat=True)[:1]
    elif not known:
        known = list(AuditEvent.objects.order_by("-seq").values_list("at", flat=True)[:1])
    return bool(known) and all(abs(now - then) > FAR for then in known)


def confirm(*, by: "User", now: datetime) -> None:
    """Record that a lead has found this machine's date and time right: maintenance deletes and releases again."""
    if not by.has_perm("reports.run_desk"):
        raise Refused(_("Only a lead can do that."))
    with transaction.atomic():
        audit.record(by=by, act=AuditAct.CONFIRMED_CLOCK)
        desk.write(_path(), heartbeat.stamp(now).encode())


def believe_only(*, at: datetime) -> None:
    """Take this as the only instant that is known to have been: a restored machine knows when its backup was made."""
    with heartbeat.changing() as beat:
        beat.trusted = heartbeat.stamp(at)
    _path().unlink(missing_ok=True)


def _confirmed() -> datetime | None:
    try:
        return heartbeat.instant(_path().read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _path() -> Path:
    path: Path = settings.STATE_DIR / "clock-confirmed"
    return path
