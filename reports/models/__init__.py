"""Every model of the desk, one file a subject; import them from here."""

from reports.models.desk import Member, Notice, RingMark
from reports.models.keeping import Deletions, Hold, Recusal
from reports.models.record import AuditEvent, Checkpoint
from reports.models.tips import Entry, Note, Status, Tip, TipQuerySet, new_reference

__all__ = [
    "AuditEvent",
    "Checkpoint",
    "Deletions",
    "Entry",
    "Hold",
    "Member",
    "Note",
    "Notice",
    "Recusal",
    "RingMark",
    "Status",
    "Tip",
    "TipQuerySet",
    "new_reference",
]
