"""References: short enough for the phone, so that now and then one is drawn that a tip has already."""

import pytest

from reports.domain.intake import outbox
from reports.models import Tip
from tests.reports.domain.intake.test_outbox import DAY, make


def test_drain_draws_another_reference_where_one_is_taken_already(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("K7QX94MW" * 3 + "K7QX94MV")  # the tip that is there, the fresh one's first two tries, its third
    monkeypatch.setattr("reports.models.tips.secrets.choice", lambda alphabet: next(letters))
    taken = Tip.objects.create(lookup="c" * 64, received=DAY)
    outbox.put(make())
    assert outbox.drain() == 1
    assert taken.reference == "K7QX-94MW"
    assert Tip.objects.get(lookup="a" * 64).reference == "K7QX-94MV"
