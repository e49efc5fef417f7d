"""A line that nobody watches says so, then closes; only reading opens it again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from reports.domain.intake import unwatched_line
from reports.domain.tips import opening
from reports.models import Tip

type Send = Callable[..., Tip]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday


def aged(tip, days):
    """Make a tip so many days old."""
    Tip.objects.filter(pk=tip.pk).update(received=(NOW - timedelta(days=days)).date())
    return tip


def test_state_by_how_long_a_tip_has_waited(send):
    tip, states = send(), {0: "open", 3: "open", 4: "unwatched", 13: "unwatched", 14: "closed"}
    for days, expected in states.items():
        aged(tip, days)
        assert unwatched_line.state(now=NOW) == expected, days


def test_days_are_those_of_the_place(send):
    send()
    Tip.objects.update(received=date(2027, 6, 27))
    for minute, expected in (
        (59, "open"),
        (60, "unwatched"),
    ):  # in London it is midnight between the two
        assert (
            unwatched_line.state(
                now=datetime(2027, 6, 30, 22, tzinfo=UTC) + timedelta(minutes=minute)
            )
            == expected
        )


def test_only_reading_counts(send, caseworker, keys):
    old, other = send(), send()
    opening.open_new(by=caseworker, keys=keys)
    Tip.objects.update(received="2020-01-06")
    now = timezone.now()
    assert unwatched_line.state(now=now) == "closed"
    opening.read(tip=other, by=caseworker, keys=keys)
    days = {
        days: unwatched_line.state(now=now + timedelta(days=days)) for days in (1, 3, 5, 13, 15)
    }
    assert days == {1: "open", 3: "open", 5: "unwatched", 13: "unwatched", 15: "closed"}
    assert Tip.objects.get(pk=old.pk).unread is True


def test_opened_tip_is_not_taken_for_older_than_it_may_be(send, caseworker, keys):
    tip = aged(send(), 1)
    opening.open_new(by=caseworker, keys=keys)
    Tip.objects.filter(pk=tip.pk).update(received=(NOW - timedelta(days=7)).date())
    assert unwatched_line.state(now=NOW) == "open"
    Tip.objects.filter(pk=tip.pk).update(received=(NOW - timedelta(days=10)).date())
    assert unwatched_line.state(now=NOW) == "unwatched"


def test_what_the_line_becomes_is_known_two_days_ahead(send):
    tip, ahead = (
        send(),
        {2: ("unwatched", 2), 3: ("unwatched", 1), 12: ("closed", 2), 13: ("closed", 1)},
    )
    for days in (1, 2, 3, 4, 11, 12, 13, 14):
        aged(tip, days)
        assert unwatched_line.ahead(now=NOW) == ahead.get(days), days


@pytest.mark.promise("danger")
def test_reading_takes_the_warning_back(send, caseworker, keys):
    """Team leads know two days ahead that the form will say that nobody reads; only reading takes it back."""
    tip, other, now = send(), send(), timezone.now()
    Tip.objects.update(received=timezone.localdate(now - timedelta(days=3)))
    assert unwatched_line.ahead(now=now) == ("unwatched", 1)
    opening.open_new(by=caseworker, keys=keys)
    Tip.objects.update(received=timezone.localdate(now - timedelta(days=9)))
    assert unwatched_line.ahead(now=now) == ("unwatched", 1)  # the control: opening is not reading
    opening.read(tip=other, by=caseworker, keys=keys)
    assert unwatched_line.ahead(now=now) is None
    assert Tip.objects.get(pk=tip.pk).unread
