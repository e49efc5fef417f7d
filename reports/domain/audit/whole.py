"""Check the audit log and all that it names: first the chain, then every row that is there or should be."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import batched

from reports.domain.audit import columns, findings, verification
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.columns import Present
from reports.domain.audit.verification import Verification
from reports.models import AuditEvent, Outcome, Referral, Tip

AT_ONCE = 100  # subjects that are looked at together


def verify(*, proof: AuditKeys | None) -> Verification:
    """Verify the events, then the rows that they name; `proof` is as for `verification.verify`."""
    run = verification.verify(proof=proof)
    sentences = list[str]()
    for present in _named(up_to=run.end):
        sentences += [finding.sentence for finding in findings.compare(present, proof=proof)]
    return replace(run, findings=tuple(dict.fromkeys([*run.findings, *sentences])))


def _named(*, up_to: int) -> Iterator[Present]:
    """Yield all subjects that are there with their rows, some at a time; then those that only events know."""
    named = (
        AuditEvent.objects.filter(seq__lte=up_to)
        .exclude(mac="")
        .order_by()
        .values_list("subject", flat=True)
    )
    gone = set(named.distinct())
    for present in _there():
        gone -= present.keys()
        yield present
    for some in batched(sorted(gone), AT_ONCE):
        yield {subject: {} for subject in some}


def _there() -> Iterator[Present]:
    for keys in batched(list(Tip.objects.order_by("pk").values_list("pk", flat=True)), AT_ONCE):
        yield columns.of_tips(Tip.objects.filter(pk__in=keys))
    for present in (
        columns.of_referrals(Referral.objects.all()),
        columns.of_one(Outcome.objects.standing()),
        columns.of_one(columns.compared_recipients()),
    ):
        for subjects in batched(present, AT_ONCE):
            yield {subject: present[subject] for subject in subjects}
