"""A tip that denies what others say: its sender may live there, so it counts as no source, and approvers are told."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User

from reports.domain.keys import unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import versions
from reports.models import AuditAct, Denial, Tip


def mark(*, tip: Tip, denies: bool, seen: int, by: User, keys: Keys) -> Denial:
    """Seal whether a tip denies what others say as the next version, as of event `seen`; the log does not say which."""
    content = {"denies": "yes" if denies else "no"}
    return versions.add(
        Denial, content, tip=tip, seen=seen, by=by, act=AuditAct.JUDGED_DENIAL, keys=keys
    )


def marked(*, tips: Iterable[Tip], keys: Keys) -> dict[UUID, str]:
    """Return who said that it denies what others say, by the key of each such tip; raises Swapped as `unsealed` does.

    The caller has recorded the reading.
    """
    rows = Denial.objects.filter(tip__in=[tip.pk for tip in tips]).order_by("version")
    newest = {row.tip_id: row for row in rows}
    return {
        pk: row.author
        for pk, row in newest.items()
        if unsealed.content(row, keys=keys, denies=str)["denies"] == "yes"
    }
