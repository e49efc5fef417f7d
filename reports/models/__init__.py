"""Every model of reports, one module for each noun; import them from here."""

from reports.models.arrivals import Arrival, NodeReport
from reports.models.audit import AuditAct, AuditEvent, Checkpoint
from reports.models.changed_answers import ChangedAnswer
from reports.models.closed_pictures import ClosedPictures
from reports.models.desk import BackupMark, KeyFileMark, Member, Notice
from reports.models.digests import Digest, Search
from reports.models.drafts import Draft
from reports.models.enquiries import Enquiry, EnquiryQuerySet, EnquiryStatus, Link, LinkQuerySet
from reports.models.figures import FiguresRelease, Tally
from reports.models.labels import Label, ReplyTemplate
from reports.models.messages import Message
from reports.models.outcomes import Outcome, OutcomeStatus
from reports.models.people import Invitation, Node, SessionOwner
from reports.models.referrals import (
    Approval,
    Confirmation,
    Correction,
    ExportedPart,
    Recipient,
    Referral,
    ReferralPart,
    ReferralPicture,
    ReferralQuerySet,
    ReferralState,
)
from reports.models.relations import JUDGED, Relation, Verdict
from reports.models.results import ReferralResult
from reports.models.retention import Deletions, Hold, Recusal
from reports.models.safety import SafetyDecision
from reports.models.tips import (
    Entry,
    Note,
    Status,
    Tip,
    TipQuerySet,
    hidden_from,
    hidden_keys,
    new_reference,
    shown_to,
)
from reports.models.urgent_calls import UrgentCall
from reports.models.wordings import Denial, Grading, Translation, Wording
