"""Whether an outcome is as it was proposed, and which of its approvals count."""

from django.contrib.auth.models import User
from django.db.models import Q

from reports.domain.audit import columns, findings, named_rows
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts
from reports.domain.rights import APPROVE_OUTCOME
from reports.models import AuditAct, AuditEvent, Outcome, OutcomeStatus


def doubts(*, outcome: Outcome, keys: Keys | None) -> list[str]:
    """Return why nobody should approve, release or believe an outcome, a sentence each.

    There is no reason for one that tells nobody anything: it is withdrawn, or has no story. Without `keys`, as for a
    member who has none and for maintenance, no MAC can be tried. Who approved one that is released may have left since.
    """
    if outcome.status == OutcomeStatus.WITHDRAWN or outcome.article_id is None:
        return []
    proof = keys.audit_keys if keys else None
    if findings.compare(columns.of_one([outcome]), proof=proof):
        return ["Someone has changed or added this public result outside Streetlight. Withdraw it."]
    if outcome.status == OutcomeStatus.RELEASED:
        return []
    message = (
        "The approval by %(name)s does not count, because they have no access now or did "
        "not approve this. Withdraw it."
    )
    found = []
    for capacity in ("editor", "team_lead"):
        name = getattr(outcome, capacity)
        if name and not _counts(outcome, capacity, name, proof):
            found.append(message % {"name": name})
    return found


def _counts(outcome: Outcome, capacity: str, name: str, proof: AuditKeys | None) -> bool:
    """Return whether a member who still may has approved what the outcome says: who has a key, under a right MAC."""
    user = User.objects.filter(username=name, is_active=True).first()
    events = AuditEvent.objects.filter(
        act=AuditAct.APPROVED_OUTCOME, subject=outcome.subject, actor=name
    )
    event = events.filter(by_program=False).order_by("-seq").first()
    if user is None or event is None or not user.has_perm(APPROVE_OUTCOME):
        return False
    if event.detail.get("capacity") != capacity:
        return False
    if not _has_key(user):
        return bool(event.detail.get("digest") == columns.digest(outcome))
    row = columns.name(outcome, subject=outcome.subject)
    return bool(
        event.mac
        and event.rows.get(row) == columns.digest(outcome)
        and named_rows.tried(proof)(event)
    )


def _has_key(user: User) -> bool:
    """Return whether a member has a key, by the log too: `granted` may have been taken away for a moment."""
    name = user.get_username()[:60]
    acts = (AuditAct.GRANTED, AuditAct.RECOVERED, AuditAct.REVOKED)
    events = AuditEvent.objects.filter(
        Q(subject=name, act__in=acts) | Q(actor=name, act=AuditAct.FOUNDED)
    )
    newest = events.order_by("-seq").first()
    by_log = newest is not None and newest.act != AuditAct.REVOKED
    return by_log or accounts.way_of(user=user) == accounts.Way.WORDS
