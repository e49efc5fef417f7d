"""What pages say beside a tip, from what stands in clear: how many are related, and who has it open."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from reports.models import AuditAct, AuditEvent, Relation, Tip, hidden_from

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

LATELY = timedelta(minutes=10)  # for which a colleague who read a tip is taken to have it open


def related(*, tips: Iterable[Tip], by: "User") -> Counter["UUID"]:
    """Count the confirmed relations of each tip by its key, without those that are hidden from the member."""
    keys = {tip.pk for tip in tips}
    found = Relation.objects.confirmed().order_by().values_list("low_id", "high_id")
    pairs = [pair for pair in found if not keys.isdisjoint(pair)]
    hidden = {row["tip"] for row in hidden_from(by)} if pairs else set()
    return Counter(key for pair in pairs if hidden.isdisjoint(pair) for key in pair)


def readers(*, tip: Tip, by: "User") -> list[str]:
    """Return which colleagues read a tip lately, by name."""
    read = AuditEvent.objects.filter(act=AuditAct.READ, subject=tip.reference, at__gt=timezone.now() - LATELY)
    return sorted(set(read.exclude(actor=by.get_username()).order_by().values_list("actor", flat=True)))
