"""Who has taken over one lead cannot make the second pair of eyes: an account that is new is none for seven days."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import audit, handover
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts, joining
from reports.domain.tips import recusal
from reports.models import AuditAct, Member, Pack, Recusal, Tip
from tests.factories import make_user, shown
from tests.reports.handing import keyholder, sign

type Days = Callable[[float], datetime]

COUNTS_FROM = "You count as a second person from"


@pytest.fixture
def pack(tip: Tip, officer: User) -> Pack:
    """Draft a pack."""
    return handover.draft(tips=[tip], by=officer)


@pytest.fixture
def days_pass(monkeypatch: pytest.MonkeyPatch) -> Days:
    """Return a function that lets days pass, and returns the instant after them."""

    def passed(days: float) -> datetime:
        now = timezone.now() + timedelta(days=days)
        monkeypatch.setattr("django.utils.timezone.now", lambda: now)
        return now

    return passed


def take_over(user: User) -> None:
    """Set a colleague's password anew, as whoever has a code does."""
    accounts.record(user=user, by=user, act=AuditAct.STARTED_AGAIN)


def state(pack: Pack) -> tuple[str, int]:
    """Return where the pack stands, and by how many it is signed."""
    return Pack.objects.get(pk=pack.pk).status, pack.signatures.count()


@pytest.mark.proof("accounts")
def test_a_new_account_is_no_second_signature_until_seven_days_are_over(
    pack: Pack, officer: User, second: User, keys: Keys, days_pass: Days
) -> None:
    sign(pack, by=officer, keys=keys)
    take_over(second)
    with pytest.raises(Refused, match=COUNTS_FROM):
        sign(pack, by=second, keys=keys)
    assert state(pack) == ("signed_once", 1)
    days_pass(7.01)
    sign(pack, by=second, keys=keys)
    assert state(pack) == ("signed", 2)


def test_what_somebody_signed_before_they_were_invited_again_stands(
    pack: Pack, officer: User, second: User, keys: Keys
) -> None:
    sign(pack, by=second, keys=keys)
    take_over(second)
    sign(pack, by=officer, keys=keys)
    assert state(pack) == ("signed", 2)


def alone(pack: Pack, *, by: User, keys: Keys, now: datetime) -> None:
    """Let one signature count."""
    handover.sign_alone(pack=pack, by=by, keys=keys, now=now, shown=shown(by))


@pytest.fixture(params=["the other", "both"])
def nobody_else(request: pytest.FixtureRequest, keys: Keys, officer: User, second: User) -> None:
    """Take the second keyholder over, or both."""
    for user in (second,) if request.param == "the other" else (second, officer):
        take_over(user)


@pytest.mark.usefixtures("nobody_else")
def test_where_nobody_else_counts_one_signature_does_after_a_day(
    pack: Pack, officer: User, second: User, keys: Keys, days_pass: Days
) -> None:
    sign(pack, by=officer, keys=keys)
    with pytest.raises(Refused, match="24 hours"):
        alone(pack, by=officer, keys=keys, now=timezone.now())
    with pytest.raises(Refused, match=COUNTS_FROM):
        sign(pack, by=second, keys=keys)
    alone(pack, by=officer, keys=keys, now=days_pass(1.01))
    assert (state(pack), Pack.objects.get().alone) == (("signed", 1), True)


def one_more_role(user: User, by: User) -> None:
    """Give a colleague a role that they hardly notice."""
    to = accounts.Changes(first_name="", last_name="", email="", roles=["Officer", "Auditor"], active=True)
    accounts.change(user=user, to=to, by=by, shown=shown(by))


def let_start_again(user: User, by: User) -> None:
    """Make a code for a colleague, which nobody uses."""
    joining.start_again(user=user, by=by, shown=shown(by))


def switch_off(user: User, by: User) -> None:
    """Switch a colleague off."""
    to = accounts.Changes(first_name="", last_name="", email="", roles=["Officer"], active=False)
    accounts.change(user=user, to=to, by=by, shown=shown(by))


def take_access(user: User, by: User) -> None:
    """Take a colleague's access away, as the record says it."""
    audit.record(by=by, act=AuditAct.REVOKED, subject=user.get_username())
    Member.objects.filter(user=user).update(granted=None)


def test_a_new_account_shows_nobody_a_tip_again_that_they_know_somebody_in(
    send: Any, officer: User, second: User
) -> None:
    tip = send()
    recusal.recuse(tip=tip, by=officer, reason="My cousin.")
    take_over(second)
    with pytest.raises(Refused, match=COUNTS_FROM):
        recusal.lift(recusal=Recusal.objects.get(), by=second)
    recusal.lift(recusal=Recusal.objects.get(), by=make_user("lou", "Lead"))  # the control


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (one_more_role, "more than one keyholder"),
        (let_start_again, "more than one keyholder"),
        (switch_off, "You switched a colleague off, or took a role or access away"),
        (take_access, "You switched a colleague off, or took a role or access away"),
    ],
)
def test_a_lead_does_not_become_the_only_keyholder_by_what_they_do_to_the_others(
    pack: Pack, officer: User, second: User, keys: Keys, *, how: Callable[[User, User], None], said: str
) -> None:
    sign(pack, by=second, keys=keys)
    how(officer, second)
    two_days = timezone.now() + timedelta(days=2)
    with pytest.raises(Refused, match=said):
        alone(pack, by=second, keys=keys, now=two_days)
    if how is let_start_again:
        take_over(officer)
        alone(pack, by=second, keys=keys, now=two_days)  # the control: who has started again is new to everybody
        assert state(pack) == ("signed", 1)


def newcomer(by: User) -> User:
    """Invite a lead, as a lead does with their words, and join as whoever has the code."""
    joining.invite(username="mallory", role="Lead", by=by, shown=shown(by))
    new = make_user("mallory", "Lead")
    accounts.record(user=new, by=new, act=AuditAct.JOINED)
    return new


def changed(user: User, *, by: User, **to: Any) -> None:
    """Change a colleague's account as somebody does with their words."""
    kept = {"first_name": "", "last_name": "", "email": "", "active": True}
    roles = list(user.groups.values_list("name", flat=True))
    accounts.change(user=user, to=accounts.Changes(**(kept | {"roles": roles} | to)), by=by, shown=shown(by))


@pytest.mark.parametrize("to", [{"active": False}, {"roles": ["Officer", "Auditor"]}])
def test_nobody_becomes_the_only_one_by_what_an_account_does_that_is_too_new(
    pack: Pack, officer: User, second: User, keys: Keys, to: dict[str, Any]
) -> None:
    changed(officer, by=newcomer(second), **to)
    with suppress(Refused):
        sign(pack, by=second, keys=keys)
    with pytest.raises(Refused):
        alone(pack, by=second, keys=keys, now=timezone.now() + timedelta(days=1.01))


def test_a_new_account_does_not_become_the_only_one_by_roles_that_a_colleague_gave_all_others(
    pack: Pack, officer: User, second: User, keys: Keys
) -> None:
    puppet = keyholder(newcomer(second))
    for user in (officer, second):
        changed(user, by=second, roles=[*user.groups.values_list("name", flat=True), "Auditor"])
    with pytest.raises(Refused, match=COUNTS_FROM):
        sign(pack, by=puppet, keys=keys)
