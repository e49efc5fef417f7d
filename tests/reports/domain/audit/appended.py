"""What someone appends to the audit log who writes to the database and has no key."""

from django.utils import timezone

from reports.domain.audit import audit_log
from reports.models import AuditEvent


def append(
    act,
    subject,
    *,
    actor="",
    at=None,
    mac="",
    rows=None,
    **detail,
):
    """Append an event whose hash is right, in a member's name or, without `actor`, in the program's."""
    last = AuditEvent.objects.order_by("-seq").first()
    event = AuditEvent(
        seq=last.seq + 1 if last else 1,
        at=at or timezone.now(),
        actor=actor or "system",
        by_program=not actor,
        act=act,
        subject=subject,
        detail=detail,
        rows=rows or {},
        mac=mac,
        previous=last.hash if last else audit_log.GENESIS,
    )
    event.hash = audit_log.digest(event)
    event.save(force_insert=True)
    return event
