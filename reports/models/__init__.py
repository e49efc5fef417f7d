"""Every model of the desk, one file a subject; import them from here."""

from reports.models.audit import AuditAct, AuditEvent, Checkpoint
from reports.models.desk import Member, Notice, RingMark
from reports.models.digests import Digest, Search, Segment
from reports.models.enquiries import Enquiry, EnquiryQuerySet, EnquiryStatus, Link, LinkQuerySet
from reports.models.figures import FiguresRelease, Tally
from reports.models.handover import Grading, Sanitised
from reports.models.labels import Label, ReplyTemplate
from reports.models.messages import Message
from reports.models.outcomes import Outcome, OutcomeStatus
from reports.models.packs import (
    Confirmation,
    Pack,
    PackPart,
    PackPicture,
    PackQuerySet,
    PackState,
    Partner,
    Signature,
)
from reports.models.people import Invitation, Node, SessionOwner
from reports.models.relations import Relation, RelationQuerySet, Verdict
from reports.models.retention import Deletions, Hold, Recusal
from reports.models.tips import Entry, Note, Status, Tip, TipQuerySet, hidden_from, new_reference
from reports.models.urgent_calls import Disclosure

__all__ = [
    "AuditAct",
    "AuditEvent",
    "Checkpoint",
    "Confirmation",
    "Deletions",
    "Digest",
    "Disclosure",
    "Enquiry",
    "EnquiryQuerySet",
    "EnquiryStatus",
    "Entry",
    "FiguresRelease",
    "Grading",
    "Hold",
    "Invitation",
    "Label",
    "Link",
    "LinkQuerySet",
    "Member",
    "Message",
    "Node",
    "Note",
    "Notice",
    "Outcome",
    "OutcomeStatus",
    "Pack",
    "PackPart",
    "PackPicture",
    "PackQuerySet",
    "PackState",
    "Partner",
    "Recusal",
    "Relation",
    "RelationQuerySet",
    "ReplyTemplate",
    "RingMark",
    "Sanitised",
    "Search",
    "Segment",
    "SessionOwner",
    "Signature",
    "Status",
    "Tally",
    "Tip",
    "TipQuerySet",
    "Verdict",
    "hidden_from",
    "new_reference",
]
