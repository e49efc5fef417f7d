"""What members write about a tip in numbered versions: sealed with the public key alone, opened by who has read it."""

import uuid
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from reports.domain.audit import audit_log, staleness
from reports.domain.audit.named_rows import Named
from reports.domain.keys import sealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import approvals
from reports.domain.tips import digests, recusal
from reports.models import AuditAct, Tip
from reports.models.wordings import Version

SEARCHED = (AuditAct.SAVED_WORDING, AuditAct.TRANSLATED)  # the digest has their words
# Each makes a version of our wording.
OURS = (
    AuditAct.SAVED_WORDING,
    AuditAct.WORDING_HOLDS,
    AuditAct.SET_ASIDE,
    AuditAct.ANSWERED_QUESTIONS,
)
NAMED = (*OURS, AuditAct.JUDGED_DENIAL)  # whose events name their row
# What these write changes a referral only where its document shows it: then the approvals do not count any more.
SHOWN_IN_THE_HASH = (AuditAct.ANSWERED_QUESTIONS, AuditAct.JUDGED_DENIAL)
KEEP_APPROVALS = (AuditAct.TRANSLATED, *SHOWN_IN_THE_HASH)  # no referral holds a translation


def add[V: Version](
    model: type[V],
    content: dict[str, Any],
    *,
    tip: Tip,
    seen: int,
    by: User,
    act: AuditAct,
    keys: Keys | None = None,
) -> V:
    """Store the next version and its event; but for KEEP_APPROVALS, approvals of the tip's referrals are void.

    What is NAMED takes `keys`. Raises EditConflict if anyone, in another tab `by` too, has saved
    one after event `seen`.
    """
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        Tip.objects.select_for_update().get(pk=tip.pk)
        staleness.require_unchanged(
            subject=tip.reference, seen=seen, stale_after=OURS if act in OURS else [act]
        )
        before = latest(model, tip=tip)
        number = before.version + 1 if before else 1
        new = model(id=uuid.uuid4(), tip=tip, version=number, author=by.get_username())
        sealed.fill(new, content)
        new.save(force_insert=True)
        if act not in KEEP_APPROVALS:
            approvals.void_of_tip(tip=tip, by=by)
        if act in SEARCHED:
            digests.drop(tip)
        rows = Named([new], keys=keys) if act in NAMED else None
        audit_log.record(by=by, act=act, subject=tip.reference, version=new.version, rows=rows)
    return new


def latest[V: Version](model: type[V], *, tip: Tip, up_to: int | None = None) -> V | None:
    """Return the latest version, or the latest up to this number, still sealed."""
    rows = model._default_manager.filter(tip=tip).order_by("-version")  # noqa: SLF001 - Django's public name
    return rows.first() if up_to is None else rows.filter(version__lte=up_to).first()
