"""The alarm of an urgent tip: only who takes it silences it; undecided it rings again; it grows quiet, never silent."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from reports.domain import decision, desk, intake, triage
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.keys.keyholders import Keys
from reports.domain.maintenance import notices
from reports.domain.tips import edit_conflict, opening, recusal
from reports.domain.triage import alarm
from reports.models import AuditEvent, Notice, Tip, UrgentCall
from reports.sealing import receipts
from tests.factories import NO_DANGER, make_keyholder, make_user

type Send = Callable[..., Tip]

HOUR = 60
LEAD, DUTY = "lena@example.org", "duty@example.org"


@pytest.fixture
def noon() -> datetime:
    """Return the instant from which these tests count: a quarter hour begins."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def tip(send: Send, lead: User) -> Tip:
    """Return an urgent tip, at a desk that has a duty person and a lead."""
    desk.save_profile(desk.Profile(duty_email=DUTY))
    User.objects.filter(pk=lead.pk).update(email=LEAD)
    return send("A child is in danger at number nine.", danger="yes")


@pytest.fixture
def rings(noon: datetime) -> Callable[..., dict[int, set[str]]]:
    """Return a function that runs maintenance each minute of a stretch: who was mailed, by minutes after noon.

    It may run more rarely: `every` so many minutes.
    """

    def run(first: int, last: int, *, every: int = 1) -> dict[int, set[str]]:
        rung: dict[int, set[str]] = {}
        for minute in range(first, last, every):
            mail.outbox.clear()
            notices.send_due(now=noon + timedelta(minutes=minute))
            if mail.outbox:
                rung[minute] = {one.to[0] for one in mail.outbox}
        return rung

    return run


def take_at(tip: Tip, when: datetime, *, by: User) -> None:
    """Take a tip at some instant."""
    triage.acknowledge(tip=tip, by=by)
    Tip.objects.filter(pk=tip.pk).update(acknowledged_at=when)


def acts(tip: Tip) -> list[tuple[str, str]]:
    """Return who did what to a tip, the first first; without its arrival."""
    return list(AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("actor", "act"))


def test_it_rings_on_for_days_ever_more_quietly_and_never_falls_silent(
    tip: Tip, rings: Callable[..., dict], whole: bool
) -> None:
    rung = rings(1, 5 * HOUR) | rings(5 * HOUR, 26 * HOUR, every=1 if whole else 5)
    first_hour, hours = [15, 30, 45, 60, 75], [2 * HOUR + 15, 3 * HOUR + 15, 4 * HOUR + 15]
    slow = [hour * HOUR + 15 for hour in (8, 12, 16, 20, 24)]
    assert list(rung) == [*first_hour, *hours, *slow]
    # Untaken after an hour, the leads hear it too.
    assert [minute for minute, who in rung.items() if who == {DUTY}] == first_hour[:-1]
    assert all(rung[minute] == {DUTY, LEAD} for minute in (75, *hours, *slow))


def test_reading_it_silences_nothing(tip: Tip, officer: User, keys: Keys, rings: Callable[..., dict]) -> None:
    """The story of a member who opens the next tip and is called away."""
    rings(1, 16)
    opening.read(tip=tip, by=officer, keys=keys)
    stored = Tip.objects.get()
    assert (stored.status, stored.unread, stored.acknowledged_at, stored.acknowledged_by) == (
        "reading",
        False,
        None,
        "",
    )
    assert list(rings(16, 80)) == [30, 45, 60, 75]


def test_who_takes_it_silences_it_for_two_hours_and_undecided_it_rings_again(
    tip: Tip, noon: datetime, officer: User, rings: Callable[..., dict]
) -> None:
    rings(1, 31)
    take_at(tip, noon + timedelta(minutes=35), by=officer)
    assert (Tip.objects.get().assignee, tip.assignee) == (officer, officer)
    assert rings(36, 2 * HOUR + 35) == {}
    assert rings(2 * HOUR + 35, 3 * HOUR + 46) == {
        2 * HOUR + 45: {DUTY},  # it begins anew, each quarter hour
        3 * HOUR: {DUTY},
        3 * HOUR + 15: {DUTY},
        3 * HOUR + 30: {DUTY},
        3 * HOUR + 45: {DUTY, LEAD},
    }
    assert acts(tip) == [("olu", "acknowledged"), ("olu", "assigned"), ("system", "rang-again")]
    assert AuditEvent.objects.get(act="rang-again").detail == {"who": "olu"}
    assert Tip.objects.get().acknowledged_by == "olu"  # the pages say who took it


@pytest.mark.parametrize("then", ["no_action", "linked", "spam"])
def test_decided_it_rings_no_more_and_who_decides_has_taken_it(
    tip: Tip, officer: User, rings: Callable[..., dict], then: str
) -> None:
    rings(1, 16)
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triage.move(tip=tip, to=then, by=officer, danger=NO_DANGER)
    assert rings(16, 5 * HOUR) | rings(5 * HOUR, 30 * HOUR, every=5) == {}
    assert acts(tip) == [("olu", "closed-danger"), ("olu", "moved"), ("olu", "acknowledged")]


def test_giving_it_to_somebody_silences_nothing_and_taking_it_oneself_does(
    tip: Tip, officer: User, lead: User, rings: Callable[..., dict]
) -> None:
    triage.assign(tip=tip, to=officer, by=lead)
    assert list(rings(1, 31)) == [15, 30]
    triage.assign(tip=tip, to=officer, by=officer)
    assert rings(31, 90) == {}
    assert acts(tip) == [("lena", "assigned"), ("olu", "assigned"), ("olu", "acknowledged")]


def test_who_gives_away_what_was_taken_lets_it_ring_again(
    tip: Tip, officer: User, lead: User, rings: Callable[..., dict]
) -> None:
    triage.acknowledge(tip=tip, by=officer)
    assert rings(1, 31) == {}
    triage.assign(tip=tip, to=lead, by=officer)
    assert list(rings(31, 61)) == [45, 60]
    assert acts(tip)[-2:] == [("olu", "assigned"), ("olu", "handed-back")]
    triage.acknowledge(tip=tip, by=lead)
    triage.assign(tip=tip, to=lead, by=officer)  # to the one who has it: nothing changes
    assert rings(61, 91) == {}


def test_handing_it_back_lets_it_ring_again_and_nobody_has_it(
    tip: Tip, officer: User, lead: User, rings: Callable[..., dict]
) -> None:
    triage.acknowledge(tip=tip, by=officer)
    assert rings(1, 31) == {}
    triage.hand_back(tip=tip, by=officer)
    assert list(rings(31, 61)) == [45, 60]
    stored = Tip.objects.get()
    assert (stored.assignee, stored.acknowledged_by, stored.acknowledged_at) == (None, "", None)
    assert acts(tip)[-2:] == [("olu", "assigned"), ("olu", "handed-back")]
    with pytest.raises(Refused, match="There is nothing to hand back"):
        triage.hand_back(tip=tip, by=officer)
    triage.acknowledge(tip=tip, by=officer)
    with pytest.raises(Refused, match="olu has taken it"):
        triage.hand_back(tip=tip, by=make_user("ada", "Officer"))
    triage.hand_back(tip=tip, by=lead)  # for one who cannot
    assert Tip.objects.urgent_waiting().exists()


def test_what_nobody_was_given_any_more_can_be_handed_back(tip: Tip, officer: User) -> None:
    triage.acknowledge(tip=tip, by=officer)
    Tip.objects.update(assignee=None)  # as where that account was deleted
    triage.hand_back(tip=tip, by=officer)
    assert Tip.objects.urgent_waiting().exists()
    assert acts(tip)[-1] == ("olu", "handed-back")


def test_what_a_colleague_has_taken_is_not_taken_by_a_page_that_does_not_know_it(
    tip: Tip, officer: User, lead: User
) -> None:
    triage.acknowledge(tip=tip, by=lead)
    with pytest.raises(Refused, match="lena is taking care of it already"):
        triage.acknowledge(tip=tip, by=officer)
    triage.assign(tip=tip, to=officer, by=officer)  # on purpose
    assert Tip.objects.get().acknowledged_by == "olu"


def test_a_second_tip_rings_each_quarter_hour_however_quiet_the_first_has_grown(
    tip: Tip, send: Send, rings: Callable[..., dict]
) -> None:
    rings(1, 5 * HOUR)
    send("Somebody else is in danger.", danger="yes")
    rung = rings(5 * HOUR + 1, 6 * HOUR)
    assert rung == {5 * HOUR + 15: {DUTY}, 5 * HOUR + 30: {DUTY}, 5 * HOUR + 45: {DUTY}}


def test_a_decision_that_is_taken_back_rings_again_after_two_hours(
    tip: Tip, noon: datetime, officer: User, rings: Callable[..., dict]
) -> None:
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triage.move(tip=tip, to="no_action", by=officer, danger=NO_DANGER)
    Tip.objects.update(acknowledged_at=noon - timedelta(days=3))
    assert rings(1, 30) == {}
    tip.refresh_from_db()
    triage.move(tip=tip, to="reading", by=officer)
    Tip.objects.update(acknowledged_at=noon + timedelta(minutes=30))
    assert list(rings(30, 3 * HOUR)) == [2 * HOUR + 45]


def test_a_member_who_turns_out_to_know_somebody_has_it_no_more(
    tip: Tip, officer: User, lead: User, rings: Callable[..., dict]
) -> None:
    make_keyholder(lead)
    triage.acknowledge(tip=tip, by=officer)
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    stored = Tip.objects.get()
    assert (stored.assignee, stored.acknowledged_by) == (None, "")
    assert list(rings(1, 31)) == [15, 30]


def test_a_follow_up_that_names_danger_rings_whoever_had_the_tip(
    phrase: str, officer: User, rings: Callable[..., dict]
) -> None:
    desk.save_profile(desk.Profile(duty_email=DUTY))
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "A van.", "danger": "yes"})
    outbox.drain()
    triage.acknowledge(tip=Tip.objects.get(), by=officer)
    intake.accept(token=token, answers={"what": "They have a knife now.", "danger": "yes"})
    outbox.drain()
    assert list(rings(1, 31)) == [15, 30]


@pytest.mark.parametrize("then", [{"danger": "yes"}, {"danger": "no"}])
def test_a_follow_up_to_spam_that_names_danger_is_spam_no_more_and_rings(
    phrase: str, officer: User, rings: Callable[..., dict], then: dict[str, str]
) -> None:
    desk.save_profile(desk.Profile(duty_email=DUTY))
    token = receipts.new_token()
    intake.accept(token=token, answers={"what": "Buy.", "danger": "yes"})
    outbox.drain()
    Tip.objects.update(unread=False)
    triage.move(tip=Tip.objects.get(), to="spam", by=officer, danger=NO_DANGER)
    assert rings(1, 31) == {}
    intake.accept(token=token, answers={"what": "They have a knife now.", **then})
    outbox.drain()
    wakes = then["danger"] == "yes"
    assert list(rings(31, 61)) == ([45, 60] if wakes else [])
    tip = Tip.objects.get()
    assert (tip.status, tip.decided is None) == (("reading", True) if wakes else ("spam", False))
    assert (acts(tip)[-1] == ("system", "moved")) is wakes
    triage.next_to_read(by=officer)
    assert Tip.objects.urgent_waiting().exists() is wakes


@pytest.fixture
def asked(tip: Tip, noon: datetime, officer: User, keys: Keys) -> Tip:
    """Return the urgent tip after who took it has asked its sender something."""
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triage.move(tip=tip, to="needs_more", by=officer, keys=keys)
    take_at(tip, noon, by=officer)
    return tip


def test_while_its_sender_was_asked_it_rings_once_a_day_and_at_once_when_they_answer(
    asked: Tip, rings: Callable[..., dict]
) -> None:
    day = 24 * HOUR
    assert rings(5, day, every=5) == {}
    assert rings(day, 3 * day, every=5) == {day + 15: {DUTY}, 2 * day + 15: {DUTY, LEAD}}
    Tip.objects.update(answered=True)
    assert list(rings(3 * day, 3 * day + 10)) == [3 * day]  # as what has waited for so long rings


def test_an_answer_ends_the_days_silence_but_not_the_two_hours(asked: Tip, rings: Callable[..., dict]) -> None:
    Tip.objects.update(answered=True)
    assert list(rings(1, 3 * HOUR)) == [2 * HOUR + 15, 2 * HOUR + 30, 2 * HOUR + 45]


def test_a_question_quietens_nothing_that_nobody_took(tip: Tip, officer: User, rings: Callable[..., dict]) -> None:
    Tip.objects.update(status="needs_more")
    assert list(rings(1, 61)) == [15, 30, 45, 60]


def test_a_mail_server_that_fails_loses_no_ring_and_hears_of_the_leads(
    tip: Tip, noon: datetime, rings: Callable[..., dict], monkeypatch: pytest.MonkeyPatch
) -> None:
    rings(1, HOUR + 2)

    def refuse(*_args: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(notices.EmailMessage, "send", refuse)
        assert rings(HOUR + 2, HOUR + 40) == {}
    assert rings(HOUR + 40, HOUR + 50) == {HOUR + 40: {DUTY, LEAD}}


def test_who_was_away_hears_one_ring_for_all_that_were_missed(tip: Tip, rings: Callable[..., dict]) -> None:
    rings(1, 2)
    assert rings(9 * HOUR, 9 * HOUR + 30) == {9 * HOUR: {DUTY, LEAD}}
    assert Notice.objects.count() == 1


def test_no_time_of_an_alarm_is_kept_of_a_tip_that_somebody_has(
    tip: Tip, noon: datetime, officer: User, rings: Callable[..., dict]
) -> None:
    rings(1, 20)
    assert Tip.objects.get().alarm_at == noon + timedelta(minutes=15)  # a quarter hour, never the minute
    triage.acknowledge(tip=tip, by=officer)
    assert Tip.objects.get().alarm_at is None


@pytest.mark.parametrize(
    ("minutes", "rang"),
    [
        (-1, None),
        (0, 0),
        (14, 0),
        (15, 15),
        (59, 45),
        (60, 60),
        (119, 60),
        (239, 180),
        (240, 240),
        (479, 240),
        (480, 480),
    ],
)
def test_last_ring(noon: datetime, minutes: int, rang: int | None) -> None:
    expected = None if rang is None else noon + timedelta(minutes=rang)
    assert alarm.last_ring(since=noon, now=noon + timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize("then", ["not_for_us", "no_action"])
def test_a_decision_among_others_silences_only_what_its_member_has_taken(
    tip: Tip, officer: User, lead: User, rings: Callable[..., dict], then: str
) -> None:
    """The story of a member who ticks a whole page and presses the wrong button."""
    rings(1, 16)
    Tip.objects.update(status="reading", unread=False)

    def sweep() -> None:
        tip.refresh_from_db()
        changes = decision.Changes(status=then)
        decision.save(tip=tip, changes=changes, since=edit_conflict.now(), by=officer, among_others=True)

    with pytest.raises(Refused, match="Open it and decide it by itself"):
        sweep()
    UrgentCall.objects.create(
        tip=tip, author="olu", arrivals=1, key_index=1, sealed=b""
    )  # from here on a call answers that
    with pytest.raises(Refused, match="urgent and you have not taken care of it"):
        sweep()
    assert list(rings(16, 46)) == [30, 45]
    triage.acknowledge(tip=tip, by=lead)
    with pytest.raises(Refused, match="urgent and you have not taken care of it"):
        sweep()
    assert acts(tip) == [("lena", "acknowledged"), ("lena", "assigned")]
    triage.assign(tip=tip, to=officer, by=officer)
    sweep()
    assert (Tip.objects.get(pk=tip.pk).status, acts(tip)[-1]) == (then, ("olu", "moved"))


def test_a_follow_up_that_says_danger_is_not_decided_among_others(tip: Tip, officer: User) -> None:
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triage.move(tip=tip, to="linked", by=officer, danger=NO_DANGER)
    Tip.objects.update(acknowledged_at=None, acknowledged_by="")  # as its arrival does
    tip.refresh_from_db()
    changes = decision.Changes(status="no_action")
    with pytest.raises(Refused, match="urgent"):
        decision.save(tip=tip, changes=changes, since=edit_conflict.now(), by=officer, among_others=True)
    decision.save(tip=tip, changes=changes, since=edit_conflict.now(), by=officer)  # by itself
    assert acts(tip)[-2:] == [("olu", "moved"), ("olu", "acknowledged")]


def test_a_decision_as_spam_that_is_taken_back_rings_again_in_time(
    tip: Tip, officer: User, rings: Callable[..., dict]
) -> None:
    Tip.objects.update(unread=False)
    triage.move(tip=tip, to="spam", by=officer, danger=NO_DANGER)
    triage.move(tip=tip, to="reading", by=officer)
    assert rings(1, HOUR) == {}
    assert rings(2 * HOUR, 4 * HOUR) != {}
