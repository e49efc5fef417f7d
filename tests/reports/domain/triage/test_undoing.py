"""Undo puts back what one press changed, for a day, while no act has changed the tip since; the log keeps both."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import decision, enquiries
from reports.domain.audit import staleness
from reports.domain.decision import TipChanges
from reports.domain.errors import Refused
from reports.domain.retention import schedule
from reports.domain.tips import opening, recusal
from reports.domain.triage import alarm, at_end, safety, triaging, undoing
from reports.models import (
    AuditAct,
    AuditEvent,
    Label,
    Link,
    Recusal,
    SafetyDecision,
    Status,
    Tip,
    UrgentCall,
)
from reports.sealing import receipts
from tests.factories import NO_DANGER, make_keyholder, make_user
from tests.reports.handing import newest_keys
from tests.reports.telling import tell

pytestmark = pytest.mark.engine

type Send = Callable[..., Tip]

COLUMNS = (*(one for one in undoing.COLUMNS if one != "alarm_at"), "unread", "answered", "rank")


def standing(*tips):
    """Return every column that an act may change, and the labels."""
    rows = Tip.objects.filter(pk__in=[tip.pk for tip in tips]).order_by("pk")
    labels = Tip.labels.through.objects.filter(tip__in=[tip.pk for tip in tips]).order_by("pk")
    return [*rows.values_list(*COLUMNS), *labels.values_list("tip", "label")]


def save(*tips, by, bulk=False, **changes):
    """Save changes of these tips by one press, and return its name."""
    press = undoing.new_press()
    for tip in tips:
        wanted = TipChanges(**changes)  # type: ignore[typeddict-item]
        seen = {"seen": staleness.now(), "keys": newest_keys()}
        decision.save(tip=tip, changes=wanted, **seen, by=by, among_others=bulk, press=press)
    return press


def log():
    """Return the acts so far: who did what to which tip."""
    return list(AuditEvent.objects.order_by("seq").values_list("actor", "act", "subject"))


@pytest.mark.promise("work", control="test_an_act_that_has_changed_the_tip_since_stands_in_the_way")
def test_a_decision_and_all_that_was_saved_with_it_is_put_back(reading, caseworker, team_lead):
    """A press in bulk, or a decision on a tip's page, can be undone for a day: every column stands as before, and the
    log keeps both.
    """
    tip, off, on = (
        reading(),
        Label.objects.create(name="market"),
        Label.objects.create(name="school"),
    )
    triaging.assign(tip=tip, to=team_lead, by=caseworker)
    triaging.label(tip=tip, label=off, by=caseworker)
    tip.refresh_from_db()
    before = standing(tip)
    for to in triaging.CLOSING - {Status.LINKED}:
        press = save(
            tip, by=caseworker, status=to, assignee=caseworker, put_on=[on], take_off=[off]
        )
        assert Tip.objects.get().status == to
        acts = log()
        assert undoing.undo(press=press, by=caseworker, keys=newest_keys()) == (1, [])
        tip.refresh_from_db()
        assert standing(tip)[0] == before[0]
        assert set(tip.labels.all()) == {off}
        assert log() == [*acts, ("olu", "undid", tip.reference)], "both stay on the record"
        assert AuditEvent.objects.latest("seq").detail == {"press": press, "who": "olu"}


def test_one_press_for_many_is_undone_for_all(reading, caseworker, team_lead):
    tips = [reading() for _ in range(3)]
    before = standing(*tips)
    press = save(*tips, by=caseworker, bulk=True, status=Status.SPAM)
    assert undoing.undo(press=press, by=team_lead, keys=newest_keys()) == (3, [])
    assert standing(*tips) == before
    again = {
        str(refusal)
        for _reference, refusal in undoing.undo(
            press=press, by=caseworker, keys=newest_keys()
        ).refused
    }
    assert again == {"lena has already undone this."}


@pytest.mark.parametrize("looked_at", [False, True])
def test_a_link_and_a_decision_about_danger_are_put_back_unless_looked_at(
    ringing, caseworker, team_lead, *, looked_at
):
    enquiry, before = enquiries.begin(by=caseworker), standing(ringing)
    press = save(ringing, by=caseworker, link=[enquiry], danger=NO_DANGER)
    assert (SafetyDecision.objects.count(), Link.objects.standing().count()) == (1, 1)
    if looked_at:
        safety.mark_reviewed(
            decision=SafetyDecision.objects.get(), by=team_lead, keys=newest_keys()
        )
    assert undoing.undo(press=press, by=caseworker, keys=newest_keys()) == (1, [])
    assert (standing(ringing), Link.objects.standing().count()) == (before, 0)
    assert undoing.stays(press=press) == [str(undoing.LOOKED_AT)] * looked_at
    assert SafetyDecision.objects.count() == looked_at


def test_a_tip_that_changed_its_enquiry_goes_back_to_it_while_that_is_under_way(
    reading, caseworker
):
    tip, old, new = reading(), enquiries.begin(by=caseworker), enquiries.begin(by=caseworker)
    enquiries.link(tip=tip, enquiry=old, by=caseworker)
    press = save(tip, by=caseworker, link=[new], unlink=[old])
    enquiries.move(enquiry=old, to="closed", by=caseworker, keys=newest_keys())
    ((_reference, refusal),) = undoing.undo(press=press, by=caseworker, keys=newest_keys()).refused
    assert str(refusal) == "The enquiry has been closed, so this tip cannot be part of it again."
    enquiries.move(enquiry=old, to="open", by=caseworker, keys=newest_keys())
    assert undoing.undo(press=press, by=caseworker, keys=newest_keys()) == (1, [])
    assert [link.enquiry for link in Link.objects.standing()] == [old]


def test_a_sealed_tip_is_new_again_and_one_that_was_read_since_is_being_read(
    send, caseworker, team_lead, keys
):
    new, read = send(), send()
    before = standing(new)
    press = save(new, read, by=caseworker, bulk=True, status=Status.SPAM)
    opening.read(tip=Tip.objects.get(pk=read.pk), by=team_lead, keys=keys)
    assert undoing.undo(press=press, by=caseworker, keys=keys) == (2, []), (
        "another member's reading is no change"
    )
    assert standing(new) == before
    assert list(Tip.objects.filter(pk=read.pk).values_list("status", "unread")) == [
        (Status.READING, False)
    ]


def test_a_decision_that_was_taken_back_has_the_week_of_its_decision_again(reading, caseworker):
    tip = reading()
    triaging.move(tip=tip, to=Status.NOT_FOR_US, by=caseworker, keys=newest_keys())
    Tip.objects.update(decided=tip.received - timedelta(days=70))
    before = standing(tip)
    tip.refresh_from_db()
    press = save(tip, by=caseworker, bulk=True, status=Status.READING)
    assert Tip.objects.get().decided is None
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert standing(tip) == before


@pytest.mark.parametrize("act", [at_end.move_to_end, at_end.move_back_up])
def test_what_was_set_at_end_or_brought_back_at_once_is_put_back_with_few_queries(
    caseworker, act, django_assert_max_num_queries
):
    facts = {
        "received": timezone.localdate(),
        "opened": True,
        "alike": "a" * 32,
        "at_end": act is at_end.move_back_up,
    }
    made = [
        Tip(reference=f"{number:04}-TIPS", lookup=f"{number:064}", **facts) for number in range(50)
    ]
    tips = Tip.objects.bulk_create(made)
    before, press = standing(*tips), undoing.new_press()
    assert act(tip=Tip.objects.all()[0], by=caseworker, press=press) == 50
    assert standing(*tips) != before
    with django_assert_max_num_queries(40):
        assert undoing.undo(press=press, by=caseworker, keys=newest_keys()) == (50, [])
    assert standing(*tips) == before


@pytest.fixture
def ringing(reading):
    """Return an urgent tip that is read, and whose alarm has begun."""
    tip = reading("A child is in danger.", danger="yes")
    alarm.start(now=timezone.now())
    tip.refresh_from_db()
    assert tip.alarm_at
    return tip


def test_an_urgent_tip_that_the_press_took_rings_again(ringing, caseworker):
    """When the alarm began says to a quarter hour when the tip came: it stands nowhere once somebody takes it."""
    before = standing(ringing)
    press = save(ringing, by=caseworker, status=Status.NO_ACTION, danger=NO_DANGER)
    assert not Tip.objects.urgent_waiting().exists()
    told = [event.detail["was"] for event in AuditEvent.objects.filter(detail__press=press)]
    assert all("alarm_at" not in was for was in told)
    assert Tip.objects.get().alarm_at is None
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert standing(ringing) == before
    assert Tip.objects.urgent_waiting().exists()


def test_taken_and_given_away_among_others_it_is_put_back_too(ringing, caseworker, team_lead):
    make_keyholder(team_lead)
    before = standing(ringing)
    press = save(ringing, by=caseworker, bulk=True, assignee=caseworker)
    assert Tip.objects.get().acknowledged_by == "olu"
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert standing(ringing) == before
    triaging.acknowledge(tip=ringing, by=team_lead)
    before = standing(ringing)
    press = save(ringing, by=caseworker, bulk=True, assignee=caseworker)
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert standing(ringing) == before, "lena has it again, since when she took it"
    press = save(ringing, by=caseworker, bulk=True, assignee=None)
    assert Tip.objects.urgent_waiting().exists()
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert standing(ringing) == before


@pytest.mark.promise("danger", control="test_taken_and_given_away_among_others_it_is_put_back_too")
def test_undo_silences_no_danger_that_has_come_since(caseworker, team_lead, keys):
    """Undo silences no danger that has come since."""
    make_keyholder(team_lead)
    sender = {"token": receipts.new_token(), "danger": "yes"}
    tip = tell("He has a knife.", **sender)
    opening.read(tip=tip, by=caseworker, keys=keys)
    triaging.acknowledge(tip=tip, by=team_lead)
    gave = save(tip, by=caseworker, bulk=True, assignee=None)
    tell("He is at the door.", **sender)
    undoing.undo(press=gave, by=caseworker, keys=keys)
    assert list(Tip.objects.urgent_waiting()) == [tip]
    opening.read(tip=tip, by=caseworker, keys=keys)
    triaging.acknowledge(tip=tip, by=team_lead)
    took = save(Tip.objects.get(), by=caseworker, bulk=True, assignee=caseworker)
    tell("He is inside.", **sender)
    undoing.undo(press=took, by=caseworker, keys=keys)
    assert list(Tip.objects.urgent_waiting()) == [tip]
    assert Tip.objects.get().assignee == team_lead


# What a colleague does to a tip after the press, by name, and whether it stands in the way.
SINCE = {
    "read": (lambda tip, team_lead, keys: opening.read(tip=tip, by=team_lead, keys=keys), False),
    "glimpsed": (
        lambda tip, team_lead, keys: opening.glimpse(tips=[tip], by=team_lead, keys=keys),
        False,
    ),
    "recused": (
        lambda tip, team_lead, _keys: recusal.recuse(
            tip=tip, by=team_lead, reason="My cousin.", keys=newest_keys()
        ),
        False,
    ),
    "moved": (
        lambda tip, team_lead, _keys: triaging.move(tip=tip, to=Status.READING, by=team_lead),
        True,
    ),
    "assigned": (
        lambda tip, team_lead, _keys: triaging.assign(tip=tip, to=team_lead, by=team_lead),
        True,
    ),
    "noted": (
        lambda tip, team_lead, _keys: triaging.note(tip=tip, text="A note.", by=team_lead),
        True,
    ),
    "held": (
        lambda tip, team_lead, _keys: schedule.hold(
            tip=tip, by=team_lead, reason="A court.", keys=newest_keys()
        ),
        True,
    ),
}


def test_an_act_that_has_changed_the_tip_since_stands_in_the_way(
    reading, caseworker, team_lead, keys
):
    for does, blocks in SINCE.values():
        tip, other = reading(), reading()
        press = save(tip, other, by=caseworker, bulk=True, status=Status.NO_ACTION)
        assert [event.act for event in undoing.of_tip(tip=tip)] == [AuditAct.MOVED]
        does(Tip.objects.get(pk=tip.pk), team_lead, keys)
        assert bool(undoing.of_tip(tip=tip)) is not blocks
        before, acts = standing(tip), log()
        number, refused = undoing.undo(press=press, by=caseworker, keys=keys)
        assert number == (1 if blocks else 2)
        assert [(reference, str(refusal)) for reference, refusal in refused] == (
            [(tip.reference, "lena has changed this tip since then.")] if blocks else []
        )
        if blocks:
            assert standing(tip) == before
            assert log() == [*acts, ("olu", "undid", other.reference)]


def test_it_is_undone_once_for_a_day_and_a_colleague_who_saw_the_tip_before_is_told(
    reading, caseworker, team_lead
):
    tip = reading()
    press = save(tip, by=caseworker, status=Status.NO_ACTION)
    since = staleness.now()
    with time_machine.travel(undoing.WITHIN + timedelta(minutes=1)):
        assert (undoing.of_tip(tip=tip), undoing.offers(press=press)) == ([], False)
        with pytest.raises(Refused, match="nothing to undo"):
            undoing.undo(press=press, by=team_lead, keys=newest_keys())
    assert undoing.offers(press=press)
    undoing.undo(press=press, by=team_lead, keys=newest_keys())
    assert (
        undoing.of_tip(tip=tip),
        undoing.undo(press=press, by=team_lead, keys=newest_keys())[0],
    ) == ([], 0)
    with pytest.raises(Refused, match="lena has changed this since you opened it"):
        decision.save(
            tip=tip, changes=TipChanges(status=Status.NO_ACTION), seen=since, by=caseworker
        )
    triaging.move(tip=Tip.objects.get(), to=Status.NO_ACTION, by=caseworker, keys=newest_keys())
    assert undoing.of_tip(tip=tip) == [], "an act without a press is not undone"
    assert AuditEvent.objects.latest("seq").detail == {"before": "reading", "after": "no_action"}


def test_nothing_of_what_the_police_have_is_undone(reading, caseworker):
    called, passed, other = reading(), reading(), reading()
    Tip.objects.filter(pk=passed.pk).update(status=Status.PASSED_ON, decided=timezone.localdate())
    passed.refresh_from_db()
    press = save(called, other, by=caseworker, bulk=True, status=Status.NO_ACTION)
    back = save(passed, by=caseworker, bulk=True, status=Status.READING)
    UrgentCall.objects.create(
        id=uuid.uuid4(), tip=called, author="olu", police=True, key_index=1, sealed=b""
    )
    number, refused = undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert (number, [reference for reference, _why in refused]) == (1, [called.reference])
    refused += undoing.undo(press=back, by=caseworker, keys=newest_keys()).refused
    assert {str(why) for _reference, why in refused} == {
        "The police have this tip, so you can no longer undo changes to it."
    }
    assert undoing.of_tip(tip=called) == []
    assert Tip.objects.get(pk=passed.pk).status == Status.READING


def test_what_cannot_be_spam_is_not_made_spam_again(reading, caseworker):
    tip = reading()
    triaging.move(tip=tip, to=Status.SPAM, by=caseworker, keys=newest_keys())
    press = save(tip, by=caseworker, bulk=True, status=Status.READING)
    Tip.objects.update(answered=True)
    ((_reference, why),) = undoing.undo(press=press, by=caseworker, keys=newest_keys()).refused
    assert str(why) == "This tip cannot be spam again. It has an answer from its sender."


def test_what_is_hidden_from_a_member_is_neither_undone_nor_told(reading, caseworker, team_lead):
    tips = [reading(), reading()]
    press = save(*tips, by=caseworker, bulk=True, status=Status.SPAM)
    Recusal.objects.create(tip=tips[0], user=team_lead, key_index=1, sealed=b"")
    assert undoing.undo(press=press, by=team_lead, keys=newest_keys()) == (1, [])
    assert Tip.objects.get(pk=tips[0].pk).status == Status.SPAM
    assert undoing.undo(press=press, by=caseworker, keys=newest_keys()).number == 1, "the control"


@pytest.mark.parametrize("why", ["hidden", "switched off"])
def test_undo_silences_no_alarm_in_the_name_of_who_cannot_have_the_tip(
    ringing, caseworker, team_lead, why
):
    for user in (make_user("ada", "Caseworker"), team_lead):
        make_keyholder(user)
    triaging.acknowledge(tip=ringing, by=team_lead)
    press = save(ringing, by=caseworker, bulk=True, assignee=None)
    assert Tip.objects.urgent_waiting().exists()
    if why == "hidden":
        recusal.recuse(tip=ringing, by=team_lead, reason="My cousin.", keys=newest_keys())
    else:
        User.objects.filter(pk=team_lead.pk).update(is_active=False)
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert Tip.objects.urgent_waiting().exists()
    assert (Tip.objects.get().acknowledged_by, Tip.objects.get().assignee) == ("", None)


def test_undo_sets_no_urgent_tip_at_end_again(send, caseworker):
    tip, press = send("A van."), undoing.new_press()
    Tip.objects.update(at_end=True)
    at_end.move_back_up(tip=Tip.objects.get(), by=caseworker, press=press)
    Tip.objects.update(urgent=True)  # its sender has named danger since
    undoing.undo(press=press, by=caseworker, keys=newest_keys())
    assert Tip.objects.get(pk=tip.pk).at_end is False
