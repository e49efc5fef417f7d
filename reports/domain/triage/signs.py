"""What a list says beside each tip, from what stands in clear: labels, enquiries, related tips, who has it open.

Each is one query for all tips of a page, and reads a bounded number of rows.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from reports.models import AuditAct, AuditEvent, Link, Relation, Tip, hidden_from

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import User
    from django.db.models import QuerySet

LATELY = timedelta(minutes=10)  # for which a colleague who read a tip is taken to have it open
READINGS = 200  # that are looked at, the newest first
ROWS = 1_000  # labels, links or relations that are looked at for one page


@dataclass(frozen=True)
class Signs:
    """What stands beside one tip; `readers` are colleagues who read it lately and when, the last one first."""

    labels: Sequence[str] = ()
    enquiries: Sequence[str] = ()
    related: int = 0
    readers: Mapping[str, datetime] = field(default_factory=dict)


def signs(*, tips: Sequence[Tip], by: "User", now: datetime) -> dict["UUID", Signs]:
    """Return the signs by the tip's key; codenames only for members who may see enquiries.

    The caller leaves out tips that are hidden from `by`.
    """
    keys = [tip.pk for tip in tips]
    labels = _names(Tip.labels.through.objects.filter(tip__in=keys), "label__name")
    links = Link.objects.standing().filter(tip__in=keys)
    enquiries = _names(links, "enquiry__codename") if by.has_perm("reports.view_enquiry") else {}
    related, readers = _related(keys, by=by), _readers(by=by, now=now)
    return {
        tip.pk: Signs(
            labels.get(tip.pk, ()), enquiries.get(tip.pk, ()), related[tip.pk], readers.get(tip.reference, {})
        )
        for tip in tips
    }


def _names(rows: "QuerySet[Any]", column: str) -> dict["UUID", list[str]]:
    names: dict[UUID, list[str]] = defaultdict(list)
    for tip, name in sorted(rows.order_by().values_list("tip_id", column)[:ROWS], key=lambda row: row[1].casefold()):
        names[tip].append(name)
    return names


def _related(keys: Sequence["UUID"], *, by: "User") -> Counter["UUID"]:
    """Count the confirmed relations of each tip, without those that are hidden from the member."""
    rows = Relation.objects.confirmed().touching(keys).order_by().values_list("low_id", "high_id")[:ROWS]
    pairs = list(rows)
    hidden = {row["tip"] for row in hidden_from(by)} if pairs else set()
    return Counter(key for pair in pairs if hidden.isdisjoint(pair) for key in pair)


def _readers(*, by: "User", now: datetime) -> dict[str, dict[str, datetime]]:
    """Return which colleagues read a tip lately, by its reference, as the record has it."""
    lately = AuditEvent.objects.filter(act=AuditAct.READ, at__gt=now - LATELY).exclude(actor=by.get_username())
    readers: dict[str, dict[str, datetime]] = defaultdict(dict)
    for reference, actor, at in lately.order_by("-at").values_list("subject", "actor", "at")[:READINGS]:
        readers[reference].setdefault(actor, at)
    return readers
