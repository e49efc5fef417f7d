"""Every model of the desk, one file a subject; import them from here."""

from reports.models.desk import Member, Notice, RingMark
from reports.models.record import AuditEvent
from reports.models.tips import Entry, Note, Status, Tip, TipQuerySet, new_reference

__all__ = [
    "AuditEvent",
    "Entry",
    "Member",
    "Note",
    "Notice",
    "RingMark",
    "Status",
    "Tip",
    "TipQuerySet",
    "new_reference",
]
