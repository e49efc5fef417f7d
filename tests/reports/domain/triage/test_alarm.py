"""The alarm of an urgent tip: only who takes it silences it; undecided it rings again; it grows quiet, never silent.

Urgent tips that are moved to the end of the queue share one: on the hour at most, and never none.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from reports.domain import decision, state_files
from reports.domain.audit import staleness
from reports.domain.errors import Refused
from reports.domain.maintenance import notices
from reports.domain.tips import opening, recusal
from reports.domain.triage import alarm, triaging
from reports.models import AuditEvent, Entry, Message, Tip
from reports.sealing import receipts
from tests.factories import NO_DANGER, make_keyholder
from tests.reports import telling
from tests.reports.handing import newest_keys
from tests.reports.telling import PROGRAM, tell

type Send = Callable[..., Tip]
type Rings = Callable[..., dict[int, set[str]]]

HOUR = 60
TEAM_LEAD, DUTY = "lena@example.org", "duty@example.org"


@pytest.fixture(autouse=True)
def midnight(time_machine):
    """Return the instant from which these tests count, and the shared alarm its four hours; it is now."""
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    time_machine.move_to(start)
    return start


@pytest.fixture
def tip(send):
    """Return an urgent tip."""
    return send("A child is in danger at number nine.", danger="yes")


@pytest.fixture
def rings(midnight, team_lead):
    """Return a function that runs maintenance `every` so many minutes of a stretch: who was mailed, by the minute.

    The desk has a duty person and a team lead.
    """
    state_files.save_profile(state_files.Profile(duty_email=DUTY))
    User.objects.filter(pk=team_lead.pk).update(email=TEAM_LEAD)

    def run(first, last, *, every=5):
        rung = {}
        for minute in range(first, last, every):
            mail.outbox.clear()
            notices.send_due(now=midnight + timedelta(minutes=minute))
            if mail.outbox:
                rung[minute] = {one.to[0] for one in mail.outbox}
        return rung

    return run


def take_at(tip, when, *, by):
    """Take a tip at some instant."""
    triaging.acknowledge(tip=tip, by=by)
    Tip.objects.filter(pk=tip.pk).update(acknowledged_at=when)


def acts(tip):
    """Return who did what to a tip, the first first; without its arrival."""
    return list(
        AuditEvent.objects.filter(subject=tip.reference).order_by("seq").values_list("actor", "act")
    )


@pytest.mark.promise(
    "danger", control="test_who_takes_it_silences_it_for_two_hours_and_undecided_it_rings_again"
)
def test_it_rings_on_for_days_ever_more_quietly_and_never_falls_silent(tip, rings, whole):
    """An urgent tip rings on until a member takes it, for days if need be, and reading it silences nothing."""
    rung = rings(5, 2 * HOUR) | rings(2 * HOUR, 26 * HOUR, every=5 if whole else 15)
    first_hour, hours = [15, 30, 45, 60, 75], [2 * HOUR + 15, 3 * HOUR + 15, 4 * HOUR + 15]
    slow = [hour * HOUR + 15 for hour in (8, 12, 16, 20, 24)]
    assert list(rung) == [*first_hour, *hours, *slow]
    # Untaken after an hour, the team leads hear it too.
    assert [minute for minute, who in rung.items() if who == {DUTY}] == first_hour[:-1]
    assert all(rung[minute] == {DUTY, TEAM_LEAD} for minute in (75, *hours, *slow))


def test_reading_it_silences_nothing(tip, caseworker, keys, rings):
    """The story of a member who opens the next tip and is called away."""
    rings(5, 20)
    opening.read(tip=tip, by=caseworker, keys=keys)
    stored = Tip.objects.get()
    assert (stored.status, stored.unread, stored.acknowledged_at, stored.acknowledged_by) == (
        "reading",
        False,
        None,
        "",
    )
    assert list(rings(20, 80)) == [30, 45, 60, 75]


def test_who_takes_it_silences_it_for_two_hours_and_undecided_it_rings_again(
    tip, midnight, caseworker, rings
):
    rings(5, 35)
    take_at(tip, midnight + timedelta(minutes=35), by=caseworker)
    assert (Tip.objects.get().assignee, tip.assignee) == (caseworker, caseworker)
    assert rings(40, 2 * HOUR + 35) == {}
    assert rings(2 * HOUR + 35, 3 * HOUR + 50) == {
        2 * HOUR + 45: {DUTY},  # it begins anew, each quarter hour
        3 * HOUR: {DUTY},
        3 * HOUR + 15: {DUTY},
        3 * HOUR + 30: {DUTY},
        3 * HOUR + 45: {DUTY, TEAM_LEAD},
    }
    assert acts(tip) == [("olu", "acknowledged"), ("olu", "assigned"), ("system", "rang-again")]
    assert AuditEvent.objects.get(act="rang-again").detail == {"who": "olu"}
    assert Tip.objects.get().acknowledged_by == "olu"  # the pages say who took it


def test_decided_it_rings_no_more_until_two_hours_after_that_is_taken_back(
    tip, midnight, caseworker, rings
):
    rings(5, 20)
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triaging.move(tip=tip, to="no_action", by=caseworker, danger=NO_DANGER, keys=newest_keys())
    assert acts(tip) == [("olu", "closed-danger"), ("olu", "moved"), ("olu", "acknowledged")]
    Tip.objects.update(acknowledged_at=midnight - timedelta(days=3))
    assert rings(20, 5 * HOUR, every=15) == {}
    tip.refresh_from_db()
    triaging.move(tip=tip, to="reading", by=caseworker)
    Tip.objects.update(acknowledged_at=midnight + timedelta(hours=5))
    assert list(rings(5 * HOUR, 7 * HOUR + 20)) == [7 * HOUR + 15]


def test_what_somebody_will_have_taken_later_than_now_rings(tip, caseworker, rings, midnight):
    """Nobody can: whoever writes the database would silence a danger for ever with one date."""
    take_at(tip, midnight + timedelta(days=3000), by=caseworker)
    assert list(rings(5, 20)) == [15]
    assert ("system", "rang-again") in acts(tip)


def test_giving_it_to_somebody_silences_nothing_and_taking_it_oneself_does(
    tip, caseworker, team_lead, rings
):
    triaging.assign(tip=tip, to=caseworker, by=team_lead)
    assert list(rings(5, 35)) == [15, 30]
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    assert rings(35, 90) == {}
    assert acts(tip) == [("lena", "assigned"), ("olu", "assigned"), ("olu", "acknowledged")]


def test_who_gives_away_or_hands_back_what_was_taken_lets_it_ring_again(
    tip, caseworker, team_lead, rings
):
    make_keyholder(team_lead)
    triaging.acknowledge(tip=tip, by=caseworker)
    assert rings(5, 35) == {}
    triaging.assign(tip=tip, to=team_lead, by=caseworker)
    assert list(rings(35, 65)) == [45, 60]
    triaging.acknowledge(tip=tip, by=team_lead)
    triaging.assign(tip=tip, to=team_lead, by=caseworker)  # to the one who has it: nothing changes
    assert rings(65, 95) == {}
    with pytest.raises(Refused, match="lena has it"):
        triaging.hand_back(tip=tip, by=caseworker)
    triaging.hand_back(tip=tip, by=team_lead)
    assert list(rings(95, 125)) == [105, 120]
    stored = Tip.objects.get()
    assert (stored.assignee, stored.acknowledged_by, stored.acknowledged_at) == (None, "", None)
    assert [act for _who, act in acts(tip)].count("handed-back") == 2
    with pytest.raises(Refused, match="There is nothing to hand back"):
        triaging.hand_back(tip=tip, by=team_lead)


def test_a_team_lead_hands_back_what_a_colleague_has_whose_account_may_be_gone(
    tip, caseworker, team_lead
):
    for _once in range(2):
        triaging.acknowledge(tip=tip, by=caseworker)
        triaging.hand_back(tip=tip, by=team_lead)
        assert Tip.objects.urgent_waiting().exists()
    triaging.acknowledge(tip=tip, by=caseworker)
    Tip.objects.update(assignee=None)  # as where that account was deleted
    triaging.hand_back(tip=tip, by=caseworker)
    assert Tip.objects.urgent_waiting().exists()


def test_what_a_colleague_has_taken_is_not_taken_by_a_page_that_does_not_know_it(
    tip, caseworker, team_lead
):
    make_keyholder(team_lead)
    triaging.acknowledge(tip=tip, by=team_lead)
    with pytest.raises(Refused, match="lena has it already"):
        triaging.acknowledge(tip=tip, by=caseworker)
    triaging.assign(tip=tip, to=caseworker, by=caseworker)  # on purpose
    assert Tip.objects.get().acknowledged_by == "olu"


def test_a_member_who_turns_out_to_know_somebody_has_it_no_more(tip, caseworker, team_lead, rings):
    make_keyholder(team_lead)
    triaging.acknowledge(tip=tip, by=caseworker)
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    stored = Tip.objects.get()
    assert (stored.assignee, stored.acknowledged_by) == (None, "")
    assert list(rings(5, 35)) == [15, 30]


def test_a_follow_up_that_names_danger_rings_whoever_had_the_tip(passphrase, caseworker, rings):
    token = receipts.new_token()
    triaging.acknowledge(tip=tell(token=token, danger="yes"), by=caseworker)
    tell("They have a knife now.", token=token, danger="yes")
    assert list(rings(5, 35)) == [15, 30]


def test_repeated_danger_frees_a_tip_once_in_two_hours_and_always_reminds(
    midnight, caseworker, keys, rings
):
    tip = tell(token=(token := receipts.new_token()), danger="yes")

    def repeat(mark):
        """Take the tip, let its sender send danger again, and return who has it then."""
        tip.refresh_from_db()
        triaging.acknowledge(tip=tip, by=caseworker)
        Entry.objects.update(alarm_at=None)
        telling.reply(token=token, danger="yes", after=0, mark=mark)
        return Tip.objects.taken().values_list("acknowledged_by", flat=True).first() or ""

    assert (repeat("first"), list(rings(5, 35))) == ("", [15, 30])
    began = Tip.objects.get().repeated_at
    assert began is not None
    assert (began.minute % 15, began.second, began.microsecond) == (0, 0, 0), (
        "a quarter hour, never the minute"
    )
    assert (repeat("second"), Entry.objects.exclude(alarm_at=None).count()) == ("olu", 1)
    opening.open_new(by=caseworker, keys=keys)
    Entry.objects.exclude(alarm_at=None).update(alarm_at=midnight + timedelta(minutes=45))
    assert (list(Tip.objects.taken()), list(rings(45, 75))) == ([tip], [45, 60]), (
        "until someone reads it"
    )
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert (list(Tip.objects.taken()), list(rings(75, 105))) == ([tip], [])
    alarm.start(now=began + alarm.REPEATS)
    assert Tip.objects.get().repeated_at is None, "and it is forgotten"
    assert repeat("third") == ""


def test_danger_that_is_repeated_after_a_decision_is_nobodys_whenever_it_comes(
    passphrase, caseworker
):
    tip = tell(token=(token := receipts.new_token()), danger="yes")
    triaging.acknowledge(tip=tip, by=caseworker)
    Tip.objects.update(repeated_at=timezone.now(), decided=timezone.localdate(), status="no_action")
    telling.reply(token=token, danger="yes", after=0)
    alarm.start(now=timezone.now())
    assert (Tip.objects.get().status, list(Tip.objects.urgent_waiting())) == ("reading", [tip])


def test_danger_that_is_repeated_keeps_no_team_lead_from_hearing_of_it(
    passphrase,
):
    tell(token=(token := receipts.new_token()), danger="yes")
    began = timezone.now() - timedelta(minutes=59)
    Tip.objects.update(alarm_at=began)
    telling.reply(token=token, danger="yes", after=0)
    assert Tip.objects.get().alarm_at == began
    Tip.objects.update(alarm_at=began - alarm.REPEATS)
    telling.reply(token=token, danger="yes", after=1)
    assert Tip.objects.get().alarm_at is None, "after hours it begins again, each quarter hour"


def test_while_its_sender_was_asked_it_rings_once_a_day_and_at_once_when_they_answer(
    tip, midnight, caseworker, *, rings
):
    Tip.objects.update(status="reading", unread=False)
    tip.refresh_from_db()
    triaging.wait_for_answer(tip=tip, by=caseworker)
    asked = Message.objects.create(
        tip=tip, number=1, asks=True, week=tip.received, key_index=1, sealed=b"x"
    )
    take_at(tip, midnight, by=caseworker)
    day = 24 * HOUR
    assert rings(HOUR, 3 * day, every=HOUR) == {
        day + HOUR: {DUTY},
        2 * day + HOUR: {DUTY, TEAM_LEAD},
    }
    Tip.objects.update(answered=True)
    assert list(rings(3 * day, 3 * day + 10)) == [3 * day]  # as what has waited for so long rings
    take_at(tip, midnight + timedelta(days=3), by=caseworker)
    assert list(rings(3 * day + 15, 3 * day + 150, every=15)) == [3 * day + 135], (
        "an answer ends the day's silence"
    )
    Tip.objects.update(answered=False)
    Message.objects.filter(pk=asked.pk).update(taken_back=tip.received)
    take_at(tip, midnight + timedelta(days=6), by=caseworker)
    assert list(rings(6 * day + 15, 6 * day + 150, every=15)) == [6 * day + 135], (
        "a withdrawn question is none"
    )


def test_a_question_quietens_nothing_that_nobody_took(tip, caseworker, rings):
    Tip.objects.update(status="needs_more")
    assert list(rings(5, 65)) == [15, 30, 45, 60]


def test_a_mail_server_that_fails_loses_no_ring_and_hears_of_the_team_leads(
    tip, rings, monkeypatch
):
    rings(5, HOUR + 5)

    def refuse(*_args):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "open", refuse)
        assert rings(HOUR + 5, HOUR + 40) == {}
    assert rings(HOUR + 40, HOUR + 50) == {HOUR + 40: {DUTY, TEAM_LEAD}}


def test_no_time_of_an_alarm_is_kept_of_a_tip_that_somebody_has(tip, midnight, caseworker, rings):
    rings(1, 20)
    assert Tip.objects.get().alarm_at == midnight + timedelta(
        minutes=15
    )  # a quarter hour, never the minute
    triaging.acknowledge(tip=tip, by=caseworker)
    assert Tip.objects.get().alarm_at is None


def test_a_decision_among_others_silences_nothing(tip, caseworker, rings):
    """The story of a member who ticks a whole page and presses the wrong button."""
    Tip.objects.update(status="reading", unread=False)

    def sweep():
        tip.refresh_from_db()
        changes = decision.TipChanges(status="no_action")
        seen, keys = staleness.now(), newest_keys()
        decision.save(
            tip=tip, changes=changes, seen=seen, by=caseworker, keys=keys, among_others=True
        )

    for _once in range(2):
        with pytest.raises(
            Refused, match=r"This tip may be urgent\. Open it and decide it on its own page"
        ):
            sweep()
        triaging.acknowledge(tip=tip, by=caseworker)
    triaging.hand_back(tip=tip, by=caseworker)
    assert list(rings(5, 35)) == [15, 30]
    Tip.objects.update(urgent=False)
    sweep()  # the control
    assert Tip.objects.get().status == "no_action"


@pytest.mark.proof("flood")
def test_urgent_tips_at_the_end_share_one_hourly_alarm_that_never_falls_silent(passphrase, rings):
    """The story of a program that says "danger" every few minutes, and then stops."""
    rung = {}
    for minute in range(5, 3 * HOUR, 20):
        tell(danger="yes", suspect=PROGRAM)
        rung |= rings(minute, minute + 20)
    assert rung == {hour * HOUR: {DUTY} for hour in (1, 2, 3)}
    rung = rings(3 * HOUR + 30, 32 * HOUR, every=30)
    assert [minute / HOUR for minute in rung] == [4, 5, 6, *range(8, 32, 4)]
    assert {minute // HOUR for minute, who in rung.items() if TEAM_LEAD in who} == set(
        range(8, 32, 4)
    )


def test_beside_the_shared_alarm_a_persons_rings_as_ever(passphrase, rings, caseworker):
    tell(danger="yes", suspect=PROGRAM)
    person = tell(danger="yes", suspect=PROGRAM[:1])
    assert list(rings(5, 65)) == [15, 30, 45, 60]
    triaging.acknowledge(tip=person, by=caseworker)
    assert list(rings(65, 125)) == [2 * HOUR]


def test_one_whose_alarm_cannot_begin_rings_on_the_hour(passphrase, midnight):
    """Somebody who took over a public machine may lock its row for ever."""
    tell(danger="yes", suspect=PROGRAM)
    assert alarm.ringing(now=midnight + timedelta(minutes=5), after=None) == (midnight, False)
    assert alarm.ringing(now=midnight + timedelta(minutes=20), after=midnight) is None
