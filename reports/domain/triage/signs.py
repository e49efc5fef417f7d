"""What a list says beside each tip, from what stands in clear: how many are related, and who has it open.

Each is one query for all tips of a page.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reports.models import AuditAct, AuditEvent, Relation, Tip, hidden_from

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User

LATELY = timedelta(minutes=10)  # for which a colleague who read a tip is taken to have it open


def related(*, tips: Iterable[Tip], by: "User") -> Counter["UUID"]:
    """Count the confirmed relations of each tip by its key, without those that are hidden from the member."""
    found = Relation.objects.confirmed().touching([tip.pk for tip in tips]).order_by()
    pairs = list(found.values_list("low_id", "high_id"))
    hidden = {row["tip"] for row in hidden_from(by)} if pairs else set()
    return Counter(key for pair in pairs if hidden.isdisjoint(pair) for key in pair)


def readers(*, tips: Iterable[Tip], by: "User", now: datetime) -> Mapping[str, Mapping[str, datetime]]:
    """Return which colleagues read a tip lately and when, the last one first, by the tip's reference."""
    lately = AuditEvent.objects.filter(act=AuditAct.READ, at__gt=now - LATELY).exclude(actor=by.get_username())
    read = lately.filter(subject__in=[tip.reference for tip in tips]).order_by("-at")
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for reference, actor, at in read.values_list("subject", "actor", "at"):
        found[reference].setdefault(actor, at)
    return found
