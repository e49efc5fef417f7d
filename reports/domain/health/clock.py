"""Whether the machine's clock may be believed: what cannot be undone waits for a team lead where it has jumped."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.health import heartbeat
from reports.domain.rights import RUN_DESK
from reports.models import AuditAct, AuditEvent, Node

FAR = timedelta(
    days=7
)  # from the last run that believed its clock, beyond which a clock is not believed


def is_held(*, now: datetime) -> bool:
    """Return whether `now` is further than FAR from the last run whose clock was believed, and from what else is known.

    That is: when a team lead last confirmed the date, before the first run the newest event on the record, and on a
    public machine what another machine last reported. A demonstration has nothing to lose.
    """
    trusted = heartbeat.instant(heartbeat.read().trusted)
    if settings.DEMO or (trusted and abs(now - trusted) <= FAR):
        return False
    if settings.SITE_ROLE == "public":  # it may read this of the machines and nothing of the record
        return (
            trusted is not None
            and not Node.objects.filter(seen_at__range=(now - FAR, now + FAR)).exists()
        )
    events = (
        AuditEvent.objects.filter(act=AuditAct.CONFIRMED_CLOCK)
        if trusted
        else AuditEvent.objects.all()
    )
    newest = events.order_by("-seq").values_list("at", flat=True).first()
    if newest is None:
        return trusted is not None
    return abs(now - newest) > FAR


def confirm(*, by: User) -> None:
    """Record that a team lead has found this machine's date and time right: maintenance deletes and releases again."""
    if not by.has_perm(RUN_DESK):
        raise Refused("Only a team lead can do that.")
    audit_log.record(by=by, act=AuditAct.CONFIRMED_CLOCK)


def believe_only(*, at: datetime) -> None:
    """Take this for the last run whose clock was believed: a restored machine knows when its backup was made."""
    with heartbeat.changing() as beat:
        beat.trusted = heartbeat.stamp(at)
