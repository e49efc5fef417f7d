"""The desk's own figures: of the tips that are not hidden from whoever looks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reports.domain.tips import opening, recusal
from reports.domain.triage import dashboard, triaging
from reports.models import AuditEvent, Tip
from tests.reports.handing import newest_keys

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def tips(send, caseworker, keys):
    """Return three tips: one read in the week it came, one two weeks later, and one unread."""
    sent = [send(kind="home", area="olney"), send(kind="street", area="olney"), send()]
    opening.open_new(by=caseworker, keys=keys)
    for tip in sent[:2]:
        opening.read(tip=Tip.objects.get(pk=tip.pk), by=caseworker, keys=keys)
    triaging.assign(tip=sent[0], to=caseworker, by=caseworker)
    for tip, monday in zip(sent, ("2026-11-23", "2026-11-09", "2026-11-16"), strict=True):
        Tip.objects.filter(pk=tip.pk).update(received=monday)
    return sent


def test_count_says_what_the_desk_holds(tips, caseworker, team_lead, unguarded):
    AuditEvent.objects.filter(act="read").update(at=NOW)
    found = dashboard.count(by=caseworker, now=NOW)
    weeks = {week: number for week, number in found.weeks.items() if number}
    assert weeks == {"2026-11-09": 1, "2026-11-16": 1, "2026-11-23": 1}
    assert len(found.weeks) == 13
    assert found.areas == {"olney": 2}
    assert found.kinds == {"home": 1, "street": 1}
    assert found.statuses == {"reading": 2, "new": 1}
    assert (found.members, found.appeals) == ({"": 2, "olu": 1}, {})
    assert found.reading == {0: 1, 1: 0, 2: 1, 3: 0, 4: 0}
    assert found.oldest == date(2026, 11, 16)
    recusal.recuse(tip=tips[0], by=team_lead, reason="My cousin.", keys=newest_keys())
    assert (dashboard.count(by=team_lead, now=NOW).areas, found.areas) == (
        {"olney": 1},
        {"olney": 2},
    )


def test_tip_that_was_read_much_later_counts_as_late(tips, caseworker, unguarded):
    AuditEvent.objects.filter(act="read").update(at=NOW + timedelta(weeks=9))
    assert dashboard.count(by=caseworker, now=NOW).reading[4] == 2
    Tip.objects.update(received="2020-01-06")
    assert set(dashboard.count(by=caseworker, now=NOW).reading.values()) == {0}
