"""What the audit log says that was done."""

from reports.models import AuditEvent


def acts(subject=""):
    """Return the acts on the record, the first first: to a tip, to what has this reference, or all."""
    events = AuditEvent.objects.order_by("seq")
    if subject:
        events = events.filter(subject=getattr(subject, "reference", subject))
    return list(events.values_list("act", flat=True))
