"""A tip that is deleted, without the days that the schedule takes."""

from reports.domain import retention
from reports.domain.intake import outbox
from reports.models import Tip


def purge(*, tip: Tip) -> None:
    """Delete a tip as `retention.delete_due` deletes one that is due, under the same lock."""
    with outbox.locked(wait=True):
        retention._delete(tip)
