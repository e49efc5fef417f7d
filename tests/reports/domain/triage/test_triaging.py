"""Acts on a tip: the status machine is total, each act is recorded with its change, colleagues never overwrite."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from reports.domain import state_files
from reports.domain.errors import DeskBroken, NoSuchMove, Refused
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import AuditEvent, Status, Tip, UrgentCall
from reports.sealing import receipts
from tests.factories import NO_DANGER, make_keyholder, make_user
from tests.reports import telling
from tests.reports.handing import newest_keys

type Send = Callable[..., Tip]


def test_transitions_name_every_status_and_each_can_be_reached_and_left():
    assert set(triaging.TRANSITIONS) == set(Status)
    reached = set().union(*triaging.TRANSITIONS.values())
    assert reached == set(Status) - {Status.NEW, Status.NEEDS_MORE, Status.PASSED_ON}
    assert {Status.PASSED_ON, Status.SPAM}.isdisjoint(triaging.PASSED_FROM)
    assert set(Status) > triaging.PASSED_FROM
    # Reading a tip, and what its sender adds, lead there without a look at the table.
    assert all(
        Status.READING in targets
        for status, targets in triaging.TRANSITIONS.items()
        if status != Status.READING
    )
    assert all(status not in targets for status, targets in triaging.TRANSITIONS.items())


@pytest.mark.parametrize("to", [Status.LINKED, Status.NEW, "nonsense"])
def test_move_outside_the_machine_is_refused(send, caseworker, to):
    tip = send()
    with pytest.raises(NoSuchMove):
        triaging.move(tip=tip, to=to, by=caseworker, keys=newest_keys())
    assert Tip.objects.get().status == Status.NEW


@pytest.mark.promise("police", control=True)
@pytest.mark.parametrize("status", sorted(triaging.PASSED_FROM))
def test_nobody_passes_a_tip_to_the_police_by_choosing_it(send, caseworker, status):
    """Nobody passes a tip to the police by choosing a status."""
    tip = send()
    Tip.objects.update(status=status)
    tip.refresh_from_db()
    with pytest.raises(NoSuchMove, match="You cannot choose “Passed to the police”"):
        triaging.move(tip=tip, to="passed_on", by=caseworker, keys=newest_keys())
    assert Tip.objects.get().status == status
    UrgentCall.objects.create(tip=tip, author="olu", police=True, key_index=1, sealed=b"")
    triaging.move(
        tip=tip, to="passed_on", by=caseworker, keys=newest_keys()
    )  # the control: back to what is so
    assert Tip.objects.get().status == Status.PASSED_ON


def test_move_is_recorded_with_the_week_of_decision(send, caseworker):
    tip = send()
    triaging.move(tip=tip, to="reading", by=caseworker)
    assert Tip.objects.get().decided is None
    triaging.move(tip=tip, to="no_action", by=caseworker, keys=newest_keys())
    stored = Tip.objects.get()
    assert stored.status == Status.NO_ACTION
    assert stored.decided is not None
    assert stored.decided.weekday() == 0
    assert AuditEvent.objects.latest("seq").detail == {"before": "reading", "after": "no_action"}


def test_tip_is_given_only_to_someone_who_can_triage(send, caseworker):
    tip, auditor = send(), make_user("ada", "Auditor")
    with pytest.raises(Refused):
        triaging.assign(tip=tip, to=auditor, by=caseworker)
    triaging.assign(tip=tip, to=caseworker, by=caseworker)
    assert Tip.objects.get().assignee == caseworker
    triaging.assign(tip=tip, to=None, by=caseworker)
    assert Tip.objects.get().assignee is None


@pytest.mark.parametrize(("text", "reason"), [(" \n", "Write something"), ("x" * 20_001, "20,001")])
def test_note_that_will_not_do_is_refused_with_the_reason(send, caseworker, text, reason):
    tip = send()
    with pytest.raises(Refused, match=reason):
        triaging.note(tip=tip, text=text, by=caseworker)
    (state_files.folder() / "desk.pub").unlink()
    with pytest.raises(DeskBroken, match="desk_setup"):
        triaging.note(tip=tip, text="A note.", by=caseworker)


def test_next_to_read_is_urgent_then_not_sure_then_unread_then_what_was_left(
    opened, caseworker, team_lead, keys
):
    sorts = ({"danger": "yes"}, {"danger": "unsure"}, {}, {})
    tips = [
        opened(f"{place}: {which}", **answers)
        for place, answers in enumerate(sorts)
        for which in "ab"
    ]
    taken, decided, spam = opened("Taken."), opened("Decided."), opened("Spam.", danger="yes")
    for tip in (*tips[-2:], taken, decided, spam):
        opening.read(tip=tip, by=team_lead, keys=keys)
    triaging.assign(tip=taken, to=team_lead, by=team_lead)
    triaging.move(tip=decided, to="no_action", by=team_lead, keys=newest_keys())
    triaging.move(tip=spam, to="spam", by=team_lead, danger=NO_DANGER, keys=keys)
    for place, tip in enumerate(tips):  # each class is older than that before it
        Tip.objects.filter(pk=tip.pk).update(
            received=date(2026, 11, 2) - timedelta(weeks=place // 2 * 3 - place % 2)
        )
    since, walked = timezone.now(), []
    while len(walked) < 5 and (tip := triaging.next_to_read(by=caseworker, since=since, keys=keys)):
        walked.append(tip)
        opening.read(tip=tip, by=caseworker, keys=keys)
    assert walked == [*tips[:2], *tips[:2], tips[0]], "nobody has these"
    assert triaging.next_to_read(by=caseworker, since=since, after=tips[0]) == tips[1], (
        "not the one looked at"
    )
    make_keyholder(team_lead)
    for tip in walked[:2]:
        triaging.acknowledge(tip=tip, by=team_lead)
    walked = []
    while (tip := triaging.next_to_read(by=caseworker, since=since)) and len(walked) < 12:
        walked.append(tip)
        opening.read(tip=tip, by=caseworker, keys=keys)
    assert walked == tips[2:]
    assert triaging.next_to_read(by=team_lead, since=since) == tips[2], (
        "another member has opened none of them"
    )
    assert triaging.next_to_read(by=caseworker, since=timezone.now()) == tips[2], (
        "nor has this one since they unlocked"
    )
    Tip.objects.filter(pk=tips[4].pk).update(unread=True)
    assert triaging.next_to_read(by=caseworker, since=since) == tips[4], "something came since"


def test_next_to_read_offers_again_what_changed_since_the_member_read_it(
    send, caseworker, team_lead, keys
):
    token, before = receipts.new_token(), timezone.now()
    telling.tell("He is shouting.", token=token)
    opening.open_new(by=caseworker, keys=keys)
    tip = Tip.objects.get()
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert triaging.next_to_read(by=caseworker, since=before) is None, "the control"
    telling.reply(token=token, text="He is back.", after=0)
    opening.open_new(by=team_lead, keys=keys)
    opening.read(tip=tip, by=team_lead, keys=keys)
    assert triaging.next_to_read(by=caseworker, since=before) == tip
    opening.read(tip=tip, by=caseworker, keys=keys)
    assert triaging.next_to_read(by=caseworker, since=before) is None


def test_no_press_for_many_closes_a_tip_about_a_child(opened, caseworker):
    tip = opened("A boy.", kind="children")
    with pytest.raises(Refused, match="Open it and decide it on its own page"):
        triaging.require_own(tip=tip, to="no_action")
    for to in ("linked", "spam", "reading"):  # the control: it goes on, or a flood goes
        triaging.require_own(tip=tip, to=to)
