"""A drain holds no more of the outbox in memory at once than it needs to, nor of what public machines left."""

import uuid

import pytest
from django.utils import timezone

from reports.domain.intake import arrivals, outbox
from reports.models import Arrival
from tests.reports.domain.intake.test_outbox import make

pytestmark = pytest.mark.django_db


def test_what_is_large_is_not_held_in_memory_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH_BYTES", 3000)
    sizes = [1000, 1000, 5000, 1000, 1000]
    for number, size in enumerate(sizes):
        outbox.put(make(lookup=f"{number:064x}", sealed=b"s" * size))
    batches = [[len(one.sealed) for one in batch] for batch in outbox._batches(sorted(outbox.waiting()))]
    assert batches == [[1000, 1000], [5000], [1000, 1000]]
    assert outbox.drain() == len(sizes)


@pytest.fixture
def sizes() -> list[int]:
    """Leave envelopes of these sizes, as a public machine does, and return the sizes."""
    facts = {"tag": "0" * 32, "received": timezone.localdate(), "key_index": 1}
    sizes = [1000, 1000, 3000, 1000, 1000]
    for number, size in enumerate(sizes):
        Arrival.objects.create(id=uuid.uuid4(), lookup=f"{number:064x}", sealed=b"s" * size, **facts)
    return sizes


def lent() -> list[int]:
    """Take in all that was left; return how many bytes each batch held."""
    held = list[int]()
    while arrivals.wait():
        with arrivals.taken(busy=()) as rows:
            held.append(sum(len(row.sealed) for row in rows))
    return held


def test_of_what_was_left_no_more_is_held_than_the_largest_envelope_has(
    sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "BATCH_BYTES", max(sizes))
    held = lent()
    assert (sum(held), max(held)) == (sum(sizes), max(sizes))
