"""Nobody becomes the only one by what is done to a colleague's account, however the acts follow each other."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.people import accounts, joining, second_person
from reports.domain.referrals import approvals, police_referrals
from reports.models import AuditAct, AuditEvent, Referral
from tests.factories import make_user, shown
from tests.reports.handing import approve, make_ready

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = (0, 1, 60, 167)
UNTIL = 400
ROLES = {"before": ["Caseworker"], "after": ["Auditor", "Caseworker"]}
ACTS = {
    "reset": AuditAct.LET_START_AGAIN,
    "join again": AuditAct.STARTED_AGAIN,
    "role": AuditAct.CHANGED_ROLES,
    "off": AuditAct.SWITCHED_OFF,
    "return": AuditAct.SWITCHED_ON,
}

type Rule = Callable[[list[AuditEvent], bool, datetime], bool]


def act_at(hour, name, actor):
    """Return an act on the colleague's account; who starts again does it themself."""
    by = "colleague" if name == "join again" else actor
    detail = ROLES if name == "role" else {}
    return AuditEvent(act=ACTS[name], actor=by, subject="colleague", at=at(hour), detail=detail)


def at(hour):
    return BEGAN + timedelta(hours=hour)


def walks(actor):
    """Yield every order of at most four acts at these hours; None is an hour without one."""
    for names in product((None, *ACTS), repeat=len(HOURS)):
        yield [act_at(hour, name, actor) for hour, name in zip(HOURS, names, strict=True) if name]


def is_there(events):
    """Return whether the colleague can sign in after these acts."""
    switched = [
        event.act for event in events if event.act in {AuditAct.SWITCHED_OFF, AuditAct.SWITCHED_ON}
    ]
    return not switched or switched[-1] == AuditAct.SWITCHED_ON


def rule(events, there, now):
    """Return whether the team lead is the only one, as the desk decides it."""
    beside = {"colleague"} if there else set[str]()
    return second_person.stands_alone(
        "lead", beside=beside, with_key={"lead", "colleague"}, events=events, now=now
    )


def rule_before(events, there, now):
    """Return the same as it was decided before: a colleague whose account was too new was waited for by nobody."""
    recent = [event for event in events if event.at > now - timedelta(days=7)]
    own = [event for event in recent if event.actor == "lead"]
    put_out = any(event.act in {AuditAct.SWITCHED_OFF, AuditAct.LET_START_AGAIN} for event in own)
    of_others = [event for event in recent if event.actor != "lead"]
    is_new = any(event.act != AuditAct.SWITCHED_OFF for event in of_others)
    return not put_out and (is_new or not there)


def alone_beside_a_colleague(decides, events):
    """Return at which hours the lead is the only one while the colleague can sign in."""
    hours = list[int]()
    for hour in range(UNTIL + 1):
        done = [event for event in events if event.at <= at(hour)]
        there = is_there(done)
        if there and decides(done, there, at(hour)):
            hours.append(hour)
    return hours


def test_no_order_of_four_acts_makes_a_lead_the_only_one_beside_a_colleague():
    for events in walks("lead"):
        assert not alone_beside_a_colleague(rule, events)


@pytest.mark.parametrize(("actor", "names"), [("lead", ["reset", "join again"]), ("sam", ["role"])])
def test_the_rule_before_made_a_lead_the_only_one(actor, names):
    events = [act_at(hour, name, actor) for hour, name in zip((0, 60), names, strict=False)]
    assert alone_beside_a_colleague(rule_before, events)
    assert not alone_beside_a_colleague(rule, events), "the control"


@pytest.mark.parametrize("actor", ["lead", "sam"])
def test_a_colleague_who_was_switched_off_is_waited_for_until_seven_days_are_over(
    actor,
):
    events = [act_at(0, "off", actor)]
    alone = [hour for hour in range(UNTIL + 1) if rule(events, False, at(hour))]
    assert alone == list(range(168, UNTIL + 1))


def test_a_desk_of_one_waits_for_nobody_and_for_a_newcomer_after_seven_days():
    joined = AuditEvent(
        act=AuditAct.JOINED, actor="colleague", subject="colleague", at=at(0), detail={}
    )
    assert rule([], False, at(0))
    assert [rule([joined], True, at(hour)) for hour in (0, 167, 168)] == [True, True, False]


@pytest.fixture
def pair(keys, caseworker, second):
    """Return a team lead and the other keyholder, both long here."""
    return second, caseworker


def alone(referral, *, by, keys):
    """Let one approval count."""
    now = timezone.now()
    police_referrals.approve_alone(
        referral=referral, by=by, keys=keys, now=now, reauthentication=shown(by)
    )


def is_only_one(user):
    return second_person.is_only_one(approvals.keyholders(), user=user)


def test_a_lost_phone_never_leaves_the_team_lead_alone_and_ends_at_a_stated_time(
    pair, time_machine
):
    lead, colleague = pair
    began = timezone.now()
    joining.start_again(user=colleague, by=lead, reauthentication=shown(lead))
    alone = [is_only_one(lead)]
    time_machine.move_to(began + timedelta(hours=60), tick=False)
    accounts.log_event(user=colleague, by=colleague, act=AuditAct.STARTED_AGAIN)
    for hours in (61, 167, 169, 192, 227):
        time_machine.move_to(began + timedelta(hours=hours), tick=False)
        alone.append(is_only_one(lead))
    assert alone == [False] * 6
    until = began + timedelta(hours=60) + second_person.SETTLES
    assert second_person.from_when([colleague], "reports.refer") == [("olu", until)]
    time_machine.move_to(until + timedelta(seconds=1), tick=False)
    second_person.require_settled("reports.refer", user=colleague)


def test_a_reset_lets_no_team_lead_send_a_referral_alone(pair, tip, keys, time_machine):
    lead, colleague = pair
    make_ready(tip, by=lead, keys=keys)
    began = timezone.now()
    joining.start_again(user=colleague, by=lead, reauthentication=shown(lead))
    time_machine.move_to(began + timedelta(hours=60))
    accounts.log_event(user=colleague, by=colleague, act=AuditAct.STARTED_AGAIN)
    time_machine.move_to(began + timedelta(hours=140))
    referral = police_referrals.draft(tips=[tip], by=lead, keys=keys)
    approve(referral, by=lead, keys=keys)
    police_referrals.read(referral=referral, by=lead, keys=keys)
    for hours in (165, 169, 227):
        time_machine.move_to(began + timedelta(hours=hours))
        with pytest.raises(Refused, match="more than one keyholder"):
            alone(referral, by=lead, keys=keys)
    assert Referral.objects.get().status == "approved_once"


@pytest.mark.parametrize(
    ("to", "too_new"), [(["Caseworker", "Auditor"], False), (["Caseworker", "Editor"], True)]
)
def test_a_role_makes_an_account_too_new_only_for_the_rights_that_it_newly_gives(pair, to, too_new):
    lead, colleague = pair
    sam = make_user("sam", "Team lead")  # a settled account, without a key
    changes = accounts.AccountChanges(first_name="", last_name="", email="", roles=to, active=True)
    accounts.change(user=colleague, to=changes, by=sam, reauthentication=shown(sam))
    assert second_person.settles_at("reports.refer", user=colleague) is None
    assert (
        second_person.settles_at("reports.approve_outcome", user=colleague) is not None
    ) is too_new
    assert not is_only_one(lead)
