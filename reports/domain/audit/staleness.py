"""Whether another member was quicker: by the audit log alone, for whatever it knows by a subject.

A page carries the number of the newest audit event at the time of rendering (`now`). An act sends the number back and
names the acts that make it stale; it is refused if one of these was done to its subject since. Reading, signing in and
maintenance are never among them.
"""

from collections.abc import Collection

from reports.domain.errors import EditConflict
from reports.models import AuditEvent


def now() -> int:
    """Return the number of the newest audit event; call it before reading what a page shows."""
    return AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def require_unchanged(
    *, subject: str, seen: int, stale_after: Collection[str], but_by: str = ""
) -> None:
    """Raise EditConflict if one of `stale_after` (acts) was done to a subject after event `seen`.

    What the member named `but_by` did does not count. The caller holds the subject's row, so that nobody does it now.
    """
    events = AuditEvent.objects.filter(subject=subject, seq__gt=seen, act__in=stale_after)
    if event := events.exclude(actor=but_by).order_by("-seq").first():
        message = (
            f"{event.who} has changed this since you opened it. Look at it again, then decide."
        )
        raise EditConflict(message, change=event)
