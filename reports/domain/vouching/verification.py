"""Verify the record and all that it vouches for, in bounded steps: first the chain, then every row that stands."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from reports.domain import vouching
from reports.domain.audit import verification
from reports.domain.audit.verification import Verification
from reports.domain.vouching import findings, taking_over
from reports.domain.vouching import rows as kept_rows
from reports.domain.vouching.findings import Finding
from reports.models import AuditAct, AuditEvent, Enquiry, Outcome, Pack, Search, Tip, Voucher
from reports.models.digests import KEPT_DAYS

if TYPE_CHECKING:
    from reports.domain import audit

AT_ONCE = 100  # subjects of one step
ALL = "~"  # after every subject's name


def step(run: Verification, *, proof: "audit.Vouchers | None") -> Verification:
    """Verify some more events, or once these are done some more rows, and return the progress."""
    if not run.chained:
        on = verification.step(run, proof=proof)
        on = _told(on, _gone(after=run.at, up_to=on.at))
        return replace(on, chained=on.done, done=False)
    if run.subject != ALL:
        names = list(Voucher.objects.filter(pk__gt=run.subject).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        found = findings.compare(kept_rows.of_subjects(names), proof=proof)
        return replace(_told(run, found), subject=names[-1] if len(names) == AT_ONCE else ALL)
    return _unnamed(run, proof=proof)


def _unnamed(run: Verification, *, proof: "audit.Vouchers | None") -> Verification:
    """Look for what nobody vouches for, some tips at a time; before all is taken over, nothing needs to be."""
    if not taking_over.settled():
        return replace(run, done=True)
    known = Voucher.objects.values("pk")
    tips = Tip.objects.exclude(reference__in=known).order_by("pk")
    some = list((tips.filter(pk__gt=run.tip) if run.tip else tips)[:AT_ONCE])
    found = findings.compare(kept_rows.of_tips(some), proof=proof)
    if len(some) == AT_ONCE:
        return replace(_told(run, found), tip=str(some[-1].pk))
    for present in (
        kept_rows.of_packs(Pack.objects.exclude(reference__in=known)),
        kept_rows.of_one(Enquiry.objects.all()),
        kept_rows.of_one(Search.objects.all()),
        kept_rows.of_one(Outcome.objects.standing()),
    ):
        without = {
            subject: rows for subject, rows in present.items() if not Voucher.objects.filter(pk=subject).exists()
        }
        found += findings.compare(without, proof=proof)
    return replace(_told(run, found), done=True)


def _gone(*, after: int, up_to: int) -> list[Finding]:
    """Return what these events vouch for and what is no longer there, though the desk has not deleted it."""
    events = AuditEvent.objects.filter(seq__gt=after, seq__lte=up_to, detail__has_key=vouching.NAMED)
    subjects = set(events.values_list("subject", flat=True))
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    searched = AuditEvent.objects.filter(act=AuditAct.SEARCHED, at__lte=old, subject__in=kept_rows.searches(subjects))
    # Whatever events came to them since. Nothing but searches is deleted for its age alone.
    subjects -= set(searched.values_list("subject", flat=True))
    return findings.gone(subjects=subjects, present=Voucher.objects.in_bulk(list(subjects)))


def _told(run: Verification, found: list[Finding]) -> Verification:
    return run.told([one.sentence for one in found])
