"""The public ledger of deletions: how many tips were deleted in each month that is over, and nothing else.

It is a file, so that the page that prints it asks no database.
"""

import json
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import F

from newsroom.domain import request_rebuild
from reports.domain import desk
from reports.models import Deletions

FEW = 10  # below this a month says "fewer than", so that nobody can watch for a single one


@dataclass(frozen=True)
class DeletionMonth:
    """A month (its first day) and how many tips were deleted in it; None for fewer than FEW."""

    first: date
    count: int | None


def count(*, today: date) -> None:
    """Count one deletion; runs in the transaction that deletes."""
    month, _ = Deletions.objects.get_or_create(month=today.replace(day=1))
    Deletions.objects.filter(pk=month.pk).update(count=F("count") + 1)


def publish(*, today: date) -> None:
    """Write the months that are over; unchanged months leave the file alone."""
    over = Deletions.objects.filter(month__lt=today.replace(day=1)).order_by("-month")
    months = [[f"{row.month:%Y-%m-%d}", row.count if row.count >= FEW else None] for row in over]
    text, path = json.dumps(months).encode(), settings.STATE_DIR / "deletions.json"
    if not path.exists() or path.read_bytes() != text:
        desk.write(path, text)
        request_rebuild.request_rebuild(articles=[])  # The privacy page prints it.


def months() -> list[DeletionMonth]:
    """Return the published months, newest first; none when the file is missing or damaged."""
    try:
        rows = json.loads((settings.STATE_DIR / "deletions.json").read_text(encoding="ascii"))
        return [DeletionMonth(date.fromisoformat(first), count) for first, count in rows]
    except (OSError, ValueError, TypeError):
        return []
