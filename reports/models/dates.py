"""The bounds of a date that a public machine may write: PostgreSQL has dates that are infinite, and Python has none."""

from datetime import UTC, date, datetime

from django.db.models import Q


def day_in_bounds(name: str) -> Q:
    """Return the condition that a column holds a day that can be read, or nothing."""
    return Q(**{f"{name}__gte": date(2000, 1, 1), f"{name}__lt": date(3000, 1, 1)})


def instant_in_bounds(name: str) -> Q:
    """Return the condition that a column holds an instant that can be read, or nothing."""
    return Q(
        **{
            f"{name}__gte": datetime(2000, 1, 1, tzinfo=UTC),
            f"{name}__lt": datetime(3000, 1, 1, tzinfo=UTC),
        }
    )
