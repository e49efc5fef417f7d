"""Who has taken over one team lead cannot make the second pair of eyes.

An account that is new is none for seven days.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.people import accounts, joining
from reports.domain.referrals import police_referrals
from reports.domain.tips import recusal
from reports.models import AuditAct, Recusal, Referral
from tests.factories import make_user, shown
from tests.reports.handing import approve, keyholder, newest_keys

type Days = Callable[[float], datetime]

COUNTS_FROM = "You can approve as a second person from"


@pytest.fixture
def days_pass(time_machine):
    """Return a function that lets days pass, and returns the instant after them."""

    def passed(days):
        time_machine.move_to(timedelta(days=days), tick=False)
        return timezone.now()

    return passed


def take_over(user):
    """Set a colleague's password anew, as whoever has a code does."""
    accounts.log_event(user=user, by=user, act=AuditAct.STARTED_AGAIN)


def state(referral):
    """Return where the referral stands, and by how many it is approved."""
    return Referral.objects.get(pk=referral.pk).status, referral.approvals.count()


@pytest.mark.promise(
    "police", control="test_what_somebody_signed_before_they_were_invited_again_stands"
)
@pytest.mark.proof("accounts")
def test_a_new_account_is_no_second_signature_until_seven_days_are_over(
    referral, caseworker, second, keys, days_pass
):
    """An account that was made, given the right to approve or invited again is no second approval for seven days."""
    approve(referral, by=caseworker, keys=keys)
    take_over(second)
    with pytest.raises(Refused, match=COUNTS_FROM):
        approve(referral, by=second, keys=keys)
    assert state(referral) == ("approved_once", 1)
    days_pass(7.01)
    approve(referral, by=second, keys=keys)
    assert state(referral) == ("approved", 2)


def test_what_somebody_signed_before_they_were_invited_again_stands(
    referral, caseworker, second, keys
):
    approve(referral, by=second, keys=keys)
    take_over(second)
    approve(referral, by=caseworker, keys=keys)
    assert state(referral) == ("approved", 2)


def alone(referral, *, by, keys, now):
    """Let one approval count."""
    police_referrals.approve_alone(
        referral=referral, by=by, keys=keys, now=now, reauthentication=shown(by)
    )


@pytest.fixture(params=["the other", "both"])
def nobody_else(request, keys, caseworker, second):
    """Let the second keyholder's account be new, or both."""
    for user in (second,) if request.param == "the other" else (second, caseworker):
        accounts.log_event(user=user, by=user, act=AuditAct.JOINED)


@pytest.mark.parametrize("who", [["lena"], ["lena", "olu"]])
@pytest.mark.usefixtures("caseworker")
def test_after_a_lost_phone_no_one_of_two_approves_alone(referral, second, keys, days_pass, who):
    caseworker = User.objects.get(username="olu")
    approve(referral, by=caseworker, keys=keys)
    for user in User.objects.filter(username__in=who):
        take_over(user)
    with pytest.raises(Refused, match="more than one keyholder"):
        alone(referral, by=caseworker, keys=keys, now=days_pass(1.01))
    with pytest.raises(Refused, match=COUNTS_FROM):
        approve(referral, by=second, keys=keys)
    days_pass(6)
    approve(referral, by=second, keys=keys)
    assert state(referral) == ("approved", 2)


@pytest.mark.usefixtures("nobody_else")
def test_where_nobody_else_counts_one_signature_does_after_a_day(
    referral, caseworker, second, keys, days_pass
):
    approve(referral, by=caseworker, keys=keys)
    with pytest.raises(Refused, match="24 hours"):
        alone(referral, by=caseworker, keys=keys, now=timezone.now())
    with pytest.raises(Refused, match=COUNTS_FROM):
        approve(referral, by=second, keys=keys)
    alone(referral, by=caseworker, keys=keys, now=days_pass(1.01))
    assert (state(referral), Referral.objects.get().alone) == (("approved", 1), True)


def test_a_new_account_shows_nobody_a_tip_again_that_they_know_somebody_in(
    send, caseworker, second
):
    tip = send()
    recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=newest_keys())
    take_over(second)
    with pytest.raises(Refused, match=COUNTS_FROM):
        recusal.lift(
            recusal=Recusal.objects.get(),
            by=second,
            reason="mistake",
            reauthentication=shown(second),
            keys=newest_keys(),
        )
    lou = make_user("lou", "Team lead")
    recusal.lift(
        recusal=Recusal.objects.get(),
        by=lou,
        reason="mistake",
        reauthentication=shown(lou),
        keys=newest_keys(),
    )  # the control


def newcomer(by):
    """Invite a team lead, as a team lead does with their words, and join as whoever has the code."""
    joining.invite(username="mallory", role="Team lead", by=by, reauthentication=shown(by))
    new = make_user("mallory", "Team lead")
    accounts.log_event(user=new, by=new, act=AuditAct.JOINED)
    return new


def changed(user, *, by, **to):
    """Change a colleague's account as somebody does with their words."""
    kept = {"first_name": "", "last_name": "", "email": "", "active": True}
    roles = list(user.groups.values_list("name", flat=True))
    accounts.change(
        user=user,
        to=accounts.AccountChanges(**(kept | {"roles": roles} | to)),
        by=by,
        reauthentication=shown(by),
    )


@pytest.mark.parametrize("to", [{"active": False}, {"roles": ["Caseworker", "Auditor"]}])
def test_nobody_becomes_the_only_one_by_what_an_account_does_that_is_too_new(
    referral, caseworker, second, keys, to
):
    changed(caseworker, by=newcomer(second), **to)
    with suppress(Refused):
        approve(referral, by=second, keys=keys)
    with pytest.raises(Refused):
        alone(referral, by=second, keys=keys, now=timezone.now() + timedelta(days=1.01))


def test_roles_given_to_all_others_do_not_make_a_new_account_the_only_one(
    referral, caseworker, second, keys
):
    puppet = keyholder(newcomer(second))
    for user in (caseworker, second):
        changed(user, by=second, roles=[*user.groups.values_list("name", flat=True), "Auditor"])
    with pytest.raises(Refused, match=COUNTS_FROM):
        approve(referral, by=puppet, keys=keys)
