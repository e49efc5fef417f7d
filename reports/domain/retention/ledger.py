"""The public ledger of deletions: how many tips were deleted in each month that is over, and nothing else.

It is a file, so that the page that prints it asks no database.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from reports.domain import state_files
from reports.models import Deletions

FILE = "deletions.json"
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
    months = []
    for row in over:
        count = row.count if row.count >= FEW else None
        months.append([f"{row.month:%Y-%m-%d}", count])
    state_files.publish(FILE, months)


def months() -> list[DeletionMonth]:
    """Return the published months, newest first; none when the file is missing or damaged."""
    return state_files.published(
        FILE, lambda row: DeletionMonth(date.fromisoformat(row[0]), row[1])
    )
