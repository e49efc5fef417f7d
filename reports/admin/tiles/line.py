"""The tiles that tell leads, days before, that the form will say that nobody reads, or will close."""

from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.intake import unwatched_line
from reports.domain.triage.bounded_count import Count


def says(_user: User) -> Count:
    """Return in how many days the form says so, 0 when it is not near."""
    return _days("unwatched")


def closes(_user: User) -> Count:
    """Return in how many days the form closes, 0 when it is not near."""
    return _days("closed")


def _days(becomes: str) -> Count:
    found = unwatched_line.ahead(now=timezone.now())
    return Count(found[1] if found and found[0] == becomes else 0)
