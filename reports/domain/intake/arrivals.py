"""Envelopes that public machines leave in the database; these may not write a tip, so the desk's takes them in."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.db import transaction
from django.db.models import Exists
from django.db.models.functions import Length

from reports.models import Arrival
from reports.models.arrivals import MOST_BYTES

BATCH = 20  # envelopes a transaction ...
BATCH_BYTES = MOST_BYTES  # ... and what these may hold together: as much as the largest one
QUARTER = timedelta(minutes=15)


def leave(*, rows: Sequence[Arrival]) -> None:
    """Leave envelopes for the desk's machine; one that lies there already is left once. It needs INSERT alone."""
    Arrival.objects.bulk_create(rows, ignore_conflicts=True)


@contextmanager
def taken(*, busy: Collection[str]) -> Iterator[list[Arrival]]:
    """Yield some envelopes that were left, and in the caller's transaction delete those that it leaves in the list.

    Those of `busy` lookups are left alone. The order is random, so that nobody chooses to be first or to hold
    up others. Another machine that takes at the same moment gets others. Whoever took over a public machine can leave
    the largest envelopes there are, so only those are read that fit into memory together.
    """
    with transaction.atomic():
        free = (
            Arrival.objects.exclude(lookup__in=busy)
            .select_for_update(skip_locked=True)
            .order_by("?")
        )
        sizes = dict(free.values_list("pk", Length("sealed"))[:BATCH])
        pks = [
            pk
            for pk, end in zip(sizes, accumulate(sizes.values()), strict=True)
            if end <= BATCH_BYTES
        ]
        arrivals = Arrival.objects.in_bulk(pks)
        rows = [arrivals[pk] for pk in pks]
        yield rows
        Arrival.objects.filter(pk__in=[row.pk for row in rows]).delete()


def next_quarter(now: datetime) -> datetime:
    """Return the first quarter hour after `now`, at which an alarm begins."""
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + QUARTER


def wait() -> bool:
    """Return whether anything was left."""
    return Arrival.objects.exists()


def count(lookup: str) -> int:
    """Return how many envelopes were left under a lookup."""
    return Arrival.objects.filter(lookup=lookup).count()


def left(lookup: str) -> Exists:
    """Return the condition, for any query, that something was left under a lookup."""
    return Exists(Arrival.objects.filter(lookup=lookup))


def unread_since(day: date) -> bool:
    """Return whether anything was left on this day or earlier: nobody has read it, for the desk does not have it."""
    return Arrival.objects.filter(received__lte=day).exists()


def ids(lookup: str) -> list[uuid.UUID]:
    """Return the ids of what was left under a lookup."""
    return list(Arrival.objects.filter(lookup=lookup).values_list("pk", flat=True))


def delete(ids: Iterable[str]) -> None:
    """Delete what a restored backup brought back of what had been deleted."""
    Arrival.objects.filter(pk__in=ids).delete()


def forget(lookup: str) -> None:
    """Delete what was left under a lookup that is being purged."""
    Arrival.objects.filter(lookup=lookup).delete()
