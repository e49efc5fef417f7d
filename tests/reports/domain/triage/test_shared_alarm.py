"""Urgent tips that are set aside share one alarm: on the hour at most, and never none."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from reports.domain import desk, intake, triage
from reports.domain.intake import outbox
from reports.domain.maintenance import notices
from reports.domain.triage import alarm
from reports.models import Tip
from reports.sealing import receipts

type Send = Callable[..., Tip]

HOUR = 60
LEAD, DUTY = "lena@example.org", "duty@example.org"


def tell(*, suspect: tuple[str, ...] = ("filled-trap", "too-fast")) -> Tip:
    """Send an urgent tip that a program seems to have sent."""
    intake.accept(token=(token := receipts.new_token()), answers={"what": "Danger.", "danger": "yes"}, suspect=suspect)
    outbox.drain()
    return Tip.objects.get(lookup=receipts.lookup(token))


@pytest.fixture
def midnight() -> datetime:
    """Return the beginning of a day, from which the shared alarm counts its four hours."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def at(midnight: datetime, lead: User) -> Callable[..., dict[int, set[str]]]:
    """Return a function that runs maintenance at some minutes after midnight: who was mailed, by the minute."""
    desk.save_profile(desk.Profile(duty_email=DUTY))
    User.objects.filter(pk=lead.pk).update(email=LEAD)

    def run(first: int, last: int, *, every: int = 5) -> dict[int, set[str]]:
        rung: dict[int, set[str]] = {}
        for minute in range(first, last, every):
            mail.outbox.clear()
            if notices.send_due(now=midnight + timedelta(minutes=minute)):
                rung[minute] = {one.to[0] for one in mail.outbox}
        return rung

    return run


@pytest.mark.proof("flood")
def test_urgent_tips_that_are_set_aside_share_one_alarm_on_the_hour_and_it_never_falls_silent(
    send: Send, at: Callable[..., dict]
) -> None:
    """The story of a program that says "danger" every few minutes, and then stops."""
    rung = {}
    for minute in range(5, 3 * HOUR, 20):
        tell()
        rung |= at(minute, minute + 20)
    assert rung == {hour * HOUR: {DUTY} for hour in (1, 2, 3)}
    rung = at(3 * HOUR + 15, 32 * HOUR, every=15)
    assert [minute / HOUR for minute in rung] == [4, 5, 6, *range(8, 32, 4)]
    assert {minute // HOUR for minute, who in rung.items() if LEAD in who} == set(range(8, 32, 4))


def test_beside_it_a_persons_rings_as_ever(send: Send, at: Callable[..., dict], officer: User) -> None:
    tell()
    person = tell(suspect=("filled-trap",))
    assert list(at(5, 61)) == [15, 30, 45, 60]
    triage.acknowledge(tip=person, by=officer)
    assert list(at(65, 125)) == [2 * HOUR]


def test_who_takes_one_that_is_set_aside_silences_it_and_undecided_it_rings_again(
    send: Send, at: Callable[..., dict], officer: User, midnight: datetime
) -> None:
    tip = tell()
    assert list(at(5, 70)) == [HOUR]
    triage.acknowledge(tip=tip, by=officer)
    Tip.objects.filter(pk=tip.pk).update(acknowledged_at=midnight + timedelta(minutes=70))
    assert list(at(75, 70 + 2 * HOUR)) == []
    assert list(at(70 + 2 * HOUR, 5 * HOUR)) == [4 * HOUR]


def test_one_whose_alarm_cannot_begin_rings_on_the_hour(send: Send, midnight: datetime) -> None:
    """Somebody who took over a public machine may lock its row for ever."""
    tell()
    assert alarm.ringing(now=midnight + timedelta(minutes=5), after=None) == (midnight, False)
    assert alarm.ringing(now=midnight + timedelta(minutes=5), after=midnight) is None
    assert alarm.ringing(now=midnight + timedelta(minutes=20), after=midnight) is None
