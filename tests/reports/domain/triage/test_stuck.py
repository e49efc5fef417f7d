"""Nothing that was approved or sent is forgotten. No tip is closed over an approved referral; a danger only warns."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import decision
from reports.domain.errors import Refused
from reports.domain.referrals import police_referrals
from reports.domain.triage import stuck, triaging, undoing
from reports.models import AuditEvent, Recusal, Referral, Status, Tip
from tests.factories import shown
from tests.reports import handing, telling
from tests.reports.handing import approve, keyholder, make_ready, newest_keys

CLOSES = (Status.NO_ACTION, Status.NOT_FOR_US)


@pytest.fixture
def second(team_lead):
    return keyholder(team_lead)


@pytest.fixture
def tip(caseworker, keys):
    tip = telling.tell("A grey van comes every night.", police="yes")
    make_ready(tip, by=caseworker, keys=keys)
    return tip


@pytest.fixture
def referral(tip, caseworker, second, keys):
    return handing.approved(tip, by=caseworker, second=second, keys=keys)


def named(days):
    """Return what the first screen would say so many days later."""
    today = timezone.localdate() + timedelta(days=days)
    return [one.words for one in stuck.stuck(Referral.objects.all(), today=today)]


def endangered(referral, *, caseworker, second, keys):
    """Write a danger in a referral, and approve it again."""
    police_referrals.name_danger(
        referral=referral, ground="life", reason="A knife.", by=caseworker, keys=keys
    )
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)


@pytest.mark.parametrize(("days", "words"), [(0, []), (1, ["approved 1 day ago, not exported"])])
def test_what_is_approved_and_not_exported_is_named_from_the_next_day(referral, days, words):
    assert named(days) == words


@pytest.mark.parametrize(("days", "words"), [(6, []), (7, ["exported 7 days ago, not confirmed"])])
def test_what_is_exported_and_not_confirmed_is_named_from_the_seventh_day(
    *, referral, caseworker, keys, days, words
):
    handing.export(referral, by=caseworker, keys=keys)
    assert named(days) == words


def test_what_a_danger_is_written_in_is_named_at_once_and_first(
    *, referral, caseworker, second, keys
):
    endangered(referral, caseworker=caseworker, second=second, keys=keys)
    assert named(0) == ["approved today, not exported"]
    (one,) = stuck.stuck(Referral.objects.all(), today=timezone.localdate())
    assert one.has_ground
    other = telling.tell("A red car.", police="yes")
    make_ready(other, by=caseworker, keys=keys)
    handing.export(
        handing.approved(other, by=caseworker, second=second, keys=keys), by=caseworker, keys=keys
    )
    assert named(9) == ["approved 9 days ago, not exported", "exported 9 days ago, not confirmed"]
    police_referrals.name_danger(referral=referral, ground="", reason="", by=caseworker, keys=keys)
    for member in (caseworker, second):
        approve(referral, by=member, keys=keys)
    assert named(0) == [], "taken back"


def test_a_draft_and_what_is_withdrawn_wait_for_nothing(referral, caseworker):
    assert named(30) == ["approved 30 days ago, not exported"]
    police_referrals.withdraw(referral=referral, by=caseworker)
    assert named(30) == []


@pytest.mark.parametrize("to", CLOSES)
def test_closing_over_an_approved_referral_is_refused_until_it_is_withdrawn(
    *, referral, tip, caseworker, keys, to
):
    said = f"is in police referral {referral.reference}, which is approved and has not been sent. Export or withdraw"
    with pytest.raises(Refused, match=said):
        triaging.move(tip=tip, to=to, by=caseworker, keys=keys)
    assert Tip.objects.get().status == Status.READING
    police_referrals.withdraw(referral=referral, by=caseworker)
    triaging.move(tip=tip, to=to, by=caseworker, keys=keys)
    assert tip.status == to


def test_closing_is_possible_once_it_is_exported(referral, tip, caseworker, keys):
    handing.export(referral, by=caseworker, keys=keys)
    triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=keys)
    assert (tip.status, stuck.warning(tip=tip)) == (Status.NO_ACTION, "")


def test_what_closes_nothing_is_not_refused(referral, tip, caseworker, enquiry, keys):
    changes = decision.TipChanges(link=[enquiry])
    decision.save(tip=tip, changes=changes, seen=0, by=caseworker, keys=keys)
    assert tip.status == Status.LINKED
    assert Referral.objects.get().status == "approved"


def test_a_draft_and_one_approval_hold_no_tip_up(tip, caseworker, second, keys):
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
    approve(referral, by=caseworker, keys=keys)
    triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=keys)
    assert tip.status == Status.NO_ACTION


def test_a_danger_holds_no_tip_up_and_warns(*, referral, tip, caseworker, second, keys):
    endangered(referral, caseworker=caseworker, second=second, keys=keys)
    triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=keys)
    assert tip.status == Status.NO_ACTION
    said = f"{tip.reference} is in {referral.reference}, which is about a danger and has not been sent. Export it now."
    assert stuck.warning(tip=tip) == said


def test_who_cannot_see_the_referral_is_not_told_its_reference(
    referral, tip, send, caseworker, keys
):
    other = send("A red car.", police="yes")
    referral.parts.create(tip=other, position=2)
    Recusal.objects.create(tip=other, user=caseworker, key_index=1, sealed=b"")
    with pytest.raises(Refused, match="a police referral that you cannot see") as refusal:
        triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=keys)
    assert referral.reference not in str(refusal.value)
    assert (
        stuck.stuck(
            Referral.objects.visible_to(caseworker), today=timezone.localdate() + timedelta(days=9)
        )
        == []
    )


def test_undoing_closes_no_tip_over_an_approved_referral(tip, caseworker, second, keys):
    triaging.move(tip=tip, to=Status.NO_ACTION, by=caseworker, keys=keys)
    press = undoing.new_press()
    triaging.move(tip=tip, to=Status.READING, by=caseworker, press=press)
    handing.approved(tip, by=caseworker, second=second, keys=keys)
    result = undoing.undo(press=press, by=caseworker, keys=keys)
    assert (result.number, Tip.objects.get().status) == (0, Status.READING)


def test_a_lone_keyholders_second_press_counts_as_the_approval(tip, caseworker, keys):
    referral = police_referrals.draft(tips=[tip], by=caseworker, keys=newest_keys())
    approve(referral, by=caseworker, keys=keys)
    handing.signed_earlier(referral.approvals.get())
    facts = {
        "by": caseworker,
        "keys": keys,
        "reauthentication": shown(caseworker),
        "now": timezone.now(),
    }
    police_referrals.approve_alone(referral=referral, **facts)
    assert AuditEvent.objects.filter(act="approved-alone").exists()
    assert named(1) == ["approved 1 day ago, not exported"]
