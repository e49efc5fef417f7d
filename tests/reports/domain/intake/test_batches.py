"""A drain holds no more of the outbox in memory at once than it needs to."""

import pytest

from reports.domain.intake import outbox
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
