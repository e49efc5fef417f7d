"""Verify the record and all that it names, in bounded steps: first the chain, then every row that is there."""

from dataclasses import replace
from itertools import batched
from typing import TYPE_CHECKING

from reports.domain.audit import findings, verification
from reports.domain.audit import rows as covered
from reports.domain.audit.verification import Verification
from reports.models import AuditEvent, Enquiry, Outcome, Pack, Search, Tip

if TYPE_CHECKING:
    from reports.domain import audit
    from reports.domain.audit.rows import Present

AT_ONCE = 100  # subjects that are looked at together


def step(run: Verification, *, proof: "audit.Vouchers | None") -> Verification:
    """Verify some more events, or once these are done some more rows, and return the progress."""
    if not run.chained:
        on = verification.step(run, proof=proof)
        on = _told(on, _gone(after=run.at, up_to=on.at), proof=proof)
        return replace(on, chained=on.done, done=False)
    tips = Tip.objects.order_by("pk")
    some = list((tips.filter(pk__gt=run.tip) if run.tip else tips)[:AT_ONCE])
    if some:
        return replace(_told(run, covered.of_tips(some), proof=proof), tip=str(some[-1].pk))
    for present in (
        covered.of_packs(Pack.objects.all()),
        covered.of_one(Enquiry.objects.all()),
        covered.of_one(Search.objects.all()),
        covered.of_one(Outcome.objects.standing()),
    ):
        for subjects in batched(present, AT_ONCE):
            run = _told(run, {subject: present[subject] for subject in subjects}, proof=proof)
    return replace(run, done=True)


def _gone(*, after: int, up_to: int) -> "Present":
    """Return the subjects of which these events name rows, and of which none is there."""
    events = AuditEvent.objects.filter(seq__gt=after, seq__lte=up_to).exclude(mac="")
    there = covered.of_subjects(set(events.values_list("subject", flat=True)))
    return {subject: rows for subject, rows in sorted(there.items()) if not rows}


def _told(run: Verification, present: "Present", *, proof: "audit.Vouchers | None") -> Verification:
    said = (one.sentence for one in findings.compare(present, proof=proof))
    return run.told([sentence for sentence in said if sentence not in run.found])
