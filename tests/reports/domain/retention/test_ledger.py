"""The public ledger: months that are over, small months hidden, a file and no database."""

from datetime import date

import pytest
from django.conf import settings

from reports.domain.retention import ledger
from reports.models import Deletions

pytestmark = pytest.mark.engine

NOVEMBER = date(2026, 11, 15)


@pytest.fixture
def counted(db):
    """Count deletions in three months."""
    for month, count in ((8, 9), (9, 10), (10, 31), (11, 40)):
        Deletions.objects.create(month=date(2026, month, 1), count=count)


def test_ledger_tells_months_that_are_over_and_hides_small_ones(counted):
    ledger.publish(today=NOVEMBER)
    assert ledger.months() == [
        ledger.DeletionMonth(date(2026, 10, 1), 31),
        ledger.DeletionMonth(date(2026, 9, 1), 10),
        ledger.DeletionMonth(date(2026, 8, 1), None),
    ]
    text = (settings.STATE_DIR / "deletions.json").read_text()
    assert text == '[["2026-10-01", 31], ["2026-09-01", 10], ["2026-08-01", null]]'


def test_counting_adds_up(db):
    for day in (NOVEMBER, date(2026, 11, 30), date(2026, 12, 1)):
        ledger.count(today=day)
    assert [str(row) for row in Deletions.objects.order_by("month")] == ["2026-11: 2", "2026-12: 1"]
