"""For seven days no second person: an account that is new; and not the only one: who put a colleague out."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.errors import Refused
from reports.domain.people import accounts, joining, second_person
from reports.models import AuditAct, AuditEvent
from tests.factories import make_keyholder, make_user, shown
from tests.reports.domain.people.test_joining import joined

pytestmark = pytest.mark.engine


def change(user, by, **changes):
    """Change a caseworker's account."""
    as_it_is = accounts.AccountChanges(
        first_name="", last_name="", email="", roles=["Caseworker"], active=True
    )
    accounts.change(user=user, to=as_it_is | changes, by=by, reauthentication=shown(by))  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [["Caseworker"], ["Team lead", "Caseworker"]])
def test_somebody_promoted_counts_after_seven_days_and_somebody_demoted_at_once(team_lead, before):
    other = make_user("ada", *before)
    make_user("lou", "Team lead")
    change(other, team_lead, roles=["Team lead"])
    promoted, later = before == ["Caseworker"], timezone.now() + second_person.SETTLES
    assert (second_person.settles_at("reports.run_desk", user=other) is not None) is promoted
    assert second_person.settles_at("reports.run_desk", user=other, at=later) is None
    assert second_person.settles_at("reports.refer", user=other) is None, (
        "they could refer tips before"
    )


def test_a_clock_that_goes_back_after_a_promotion_makes_nobody_settled(team_lead, time_machine):
    other = make_user("ada", "Caseworker")
    assert second_person.settles_at("reports.run_desk", user=other) is None, "the control"
    change(other, team_lead, roles=["Team lead"])
    until = second_person.settles_at("reports.run_desk", user=other)
    time_machine.move_to(timedelta(days=-400))
    assert until
    assert second_person.settles_at("reports.run_desk", user=other) == until


def made(team_lead):
    """Let somebody join."""
    return joined(team_lead).user


def invited_again(team_lead):
    """Let a colleague start again."""
    user = make_user("nia", "Caseworker")
    joining.start_again(user=user, by=team_lead, reauthentication=shown(team_lead))
    return user


def switched_on(team_lead):
    """Switch an account on that has long been off."""
    user = make_user("nia", "Caseworker")
    User.objects.filter(pk=user.pk).update(is_active=False)
    change(user, team_lead)
    return user


@pytest.mark.parametrize("how", [made, invited_again, switched_on])
def test_an_account_that_is_new_in_any_way_is_no_second_person_for_seven_days(team_lead, how):
    user, before = how(team_lead), timezone.now() - timedelta(days=1)
    until = second_person.settles_at("reports.refer", user=user)
    assert until
    assert timedelta(days=6) < until - timezone.now() <= second_person.SETTLES
    with pytest.raises(Refused, match="You can approve as a second person from"):
        second_person.require_settled("reports.refer", user=user)
    waited_for = {team_lead} if how is made else {team_lead, user}
    assert {*second_person.others(User.objects.all(), beside="olu")} == waited_for
    assert second_person.settles_at("reports.refer", user=user, at=before) is None, (
        "what was approved before stands"
    )
    second_person.require_settled("reports.refer", user=team_lead)


@pytest.mark.parametrize("changes", [{"active": False}, {"roles": []}])
def test_who_puts_a_colleague_with_a_key_out_is_not_the_only_one_for_seven_days(
    caseworker, team_lead, changes
):
    keyholders = User.objects.filter(member__granted__isnull=False, is_active=True)
    for user in (caseworker, team_lead):
        make_keyholder(user)
    second_person.require_put_nobody_out(user=team_lead)  # the control
    change(caseworker, team_lead, **changes)
    with pytest.raises(Refused, match="was switched off, or lost a role or their access"):
        second_person.require_put_nobody_out(user=team_lead)
    assert not second_person.is_only_one(keyholders, user=team_lead)


@pytest.mark.parametrize(
    "detail", [{}, "", 1, [], {"before": 1, "after": 1}, {"before": [{}]}, {"console": 1}]
)
@pytest.mark.usefixtures("unguarded")
def test_an_event_that_does_not_say_which_roles_counts_on_the_safe_side(
    caseworker, team_lead, detail
):
    make_keyholder(caseworker)
    second_person.require_settled("reports.refer", user=caseworker)  # the controls
    second_person.require_put_nobody_out(user=team_lead)
    audit_log.record(
        by=team_lead,
        act=AuditAct.CHANGED_ROLES,
        subject="olu",
        before=["Caseworker"],
        after=["Caseworker"],
    )
    second_person.require_settled("reports.refer", user=caseworker)
    second_person.require_put_nobody_out(user=team_lead)
    AuditEvent.objects.filter(act=AuditAct.CHANGED_ROLES).update(detail=detail)
    assert second_person.settles_at("reports.refer", user=caseworker)
    assert second_person.put_out_until(user=team_lead)
    assert second_person.others(User.objects.filter(pk=caseworker.pk), beside="ada") == [caseworker]


@pytest.mark.parametrize("act", second_person._UNSETTLING)
@pytest.mark.parametrize("detail", [{}, "console", ["console"]])
@pytest.mark.usefixtures("unguarded")
def test_an_event_of_another_shape_makes_an_account_new(team_lead, act, detail):
    user = make_user("ada", "Caseworker")
    audit_log.record(by=team_lead, act=act, subject="ada")
    AuditEvent.objects.filter(act=act).update(detail=detail)
    assert second_person.settles_at("reports.refer", user=user)
