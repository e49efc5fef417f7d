"""The mark “possibly malicious”: such a tip counts nowhere, and tells its sender nothing.

It goes to the police only with a team lead's sentence, or in a danger. It stands beside the status, which it does not
change, and it stops no reminder.
"""

from django.contrib.auth.models import User
from django.db import transaction

from core import transitions
from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.figures import counting
from reports.domain.tips import recusal
from reports.domain.triage import triaging
from reports.models import AuditAct, AuditEvent, Tip

REASONS = {
    "feud": "A feud with the person it is about",
    "competitor": "A competitor of the person it is about",
    "prejudice": "Prejudice",
    "contradicts": "It contradicts itself",
    "other": "Another reason",
}
SAYS_THE_SAME = "It says the same as a tip that was marked"  # of copies, which nobody chooses
CHOOSE = "Choose why it may be malicious."


def reason_in_words(reason: str) -> str:
    """Return the text of the note that keeps why a tip was marked; raises Refused for no reason that there is."""
    words = {**REASONS, SAYS_THE_SAME: SAYS_THE_SAME}.get(reason)
    if words is None:
        raise Refused(CHOOSE)
    return f"Possibly malicious: {words[0].lower()}{words[1:]}."


def mark(*, tip: Tip, malicious: bool, by: User, press: str = "") -> None:
    """Mark a tip, or take the mark off; one that is so already is left alone."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        row = transitions.locked(tip)
        if row.malicious == malicious:
            return
        row.malicious = malicious
        row.save(update_fields=["malicious"])
        counted = counting.marked(tip=row)
        act = AuditAct.MARKED_MALICIOUS if malicious else AuditAct.UNMARKED_MALICIOUS
        was = triaging.can_be_undone(press, counted=counted)
        audit_log.record(by=by, act=act, subject=row.reference, **was)
    tip.refresh_from_db(fields=["malicious"])


def marked_by(*, tip: Tip) -> str:
    """Return who marked a tip last, as the log says; "" if it is not marked."""
    if not tip.malicious:
        return ""
    marks = AuditEvent.objects.filter(act=AuditAct.MARKED_MALICIOUS, subject=tip.reference)
    last = marks.order_by("-seq").first()
    return last.who if last else "Someone"
