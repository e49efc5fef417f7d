"""Accounts: who may change one and by what they show it, what is on the record, and who counts as a second person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.errors import Refused
from reports.domain.keys import phrases
from reports.domain.people import accounts, joining
from reports.domain.people.accounts import Reauthentication, Way
from reports.models import AuditEvent, Member, Notice
from tests.factories import make_keyholder, make_user, shown

pytestmark = pytest.mark.engine


def to(**changes: Any) -> accounts.Changes:
    """Return the officer's account as it is, with these changes."""
    as_it_is = accounts.Changes(first_name="", last_name="", email="", roles=["Officer"], active=True)
    return as_it_is | changes  # type: ignore[return-value]  # of the same names


def changed(user: User, by: User, **changes: Any) -> list[tuple[str, dict[str, Any]]]:
    """Change an account and return what stands on the record of it."""
    accounts.change(user=user, to=to(**changes), by=by, shown=shown(by))
    return list(AuditEvent.objects.filter(subject=user.username).order_by("seq").values_list("act", "detail"))


@pytest.mark.parametrize(
    ("changes", "recorded"),
    [
        ({}, []),
        ({"roles": ["Lead", "Editor"]}, [("changed-roles", {"before": ["Officer"], "after": ["Editor", "Lead"]})]),
        ({"active": False}, [("switched-off", {})]),
        ({"email": "olu@example.org"}, [("changed-email", {})]),
        ({"last_name": "Doe"}, [("changed-name", {})]),
        (
            {"roles": [], "active": False},
            [("changed-roles", {"before": ["Officer"], "after": []}), ("switched-off", {})],
        ),
    ],
)
def test_each_change_stands_on_the_record_and_no_address_or_name_does(
    officer: User, lead: User, changes: dict[str, Any], recorded: list[Any]
) -> None:
    assert changed(officer, lead, **changes) == recorded
    assert Notice.objects.count() == bool(recorded)


def test_signing_out_is_a_leads_act_on_the_record_and_told(officer: User, lead: User) -> None:
    accounts.sign_out(user=officer, by=lead, shown=shown(lead))
    assert list(AuditEvent.objects.values_list("actor", "act", "subject")) == [("lena", "signed-out-elsewhere", "olu")]
    assert Notice.objects.count() == 1
    for whose, by in ((lead, officer), (User.objects.create(username="root", is_superuser=True), lead)):
        with pytest.raises(Refused, match=r"Only a lead|own console alone"):
            accounts.sign_out(user=whose, by=by, shown=shown(by))


def test_nobody_but_a_superuser_changes_one(lead: User) -> None:
    root = User.objects.create_superuser("root", password="root-password")
    with pytest.raises(Refused, match="console"):
        changed(root, lead, active=False)
    assert changed(root, root, roles=[], active=False) == [("switched-off", {})]


@pytest.mark.parametrize("whose", ["nobody's", "a colleague's", "a passkey of a lead with a key"])
def test_what_does_not_show_that_it_is_the_lead_changes_nothing(officer: User, lead: User, whose: str) -> None:
    proof = {"nobody's": None, "a colleague's": shown(officer)}.get(whose, Reauthentication(lead.pk, Way.PASSKEY))
    if whose.startswith("a passkey"):
        make_keyholder(lead)
    acts: list[Callable[[], object]] = [
        lambda: accounts.change(user=officer, to=to(active=False), by=lead, shown=proof),  # type: ignore[arg-type]
        lambda: joining.invite(username="nia", role="Lead", by=lead, shown=proof),  # type: ignore[arg-type]
        lambda: joining.start_again(user=officer, by=lead, shown=proof),
    ]
    for act in acts:
        with pytest.raises(Refused, match="Show first that it is you"):
            act()
    assert not AuditEvent.objects.exclude(act="enrolled").exists()


def test_words_of_a_key_that_nobody_granted_show_nothing(lead: User) -> None:
    phrase = make_keyholder(lead)
    assert phrases.reauthenticate(user=lead, phrase=phrase) == Reauthentication(lead.pk, Way.WORDS)
    Member.objects.update(granted=None)
    with pytest.raises(Refused, match="Nobody has given your key access"):
        phrases.reauthenticate(user=lead, phrase=phrase)


@pytest.mark.parametrize("before", [["Officer"], ["Lead", "Officer"]])
def test_somebody_promoted_counts_after_seven_days_and_somebody_demoted_at_once(lead: User, before: list[str]) -> None:
    other = make_user("ada", *before)
    make_user("lou", "Lead")
    changed(other, lead, roles=["Lead"])
    promoted = before == ["Officer"]
    assert (accounts.settles_at(user=other) is not None) is promoted
    assert accounts.settles_at(user=other, at=timezone.now() + accounts.SETTLES) is None


DAY = timedelta(days=1)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Return a function that sets the machine's clock so far from the true time."""
    true = timezone.now

    def turned(by: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: true() + by)

    return turned


type Turn = Callable[[timedelta], None]


@pytest.mark.parametrize("back", [timedelta(hours=1), 8 * DAY, 400 * DAY])
def test_a_clock_that_goes_back_after_a_promotion_makes_nobody_settled(lead: User, turn: Turn, back: timedelta) -> None:
    other = make_user("ada", "Officer")
    turn(-back)
    assert accounts.settles_at(user=other) is None, "the control"
    turn(timedelta())
    changed(other, lead, roles=["Lead"])
    until = accounts.settles_at(user=other)
    turn(-back)
    assert accounts.settles_at(user=other) == until
    assert not accounts.settled(["ada"], beside="nia")
    with pytest.raises(Refused, match="You count as a second person from"):
        accounts.require_settled(user=other)
    assert accounts.settles_at(user=lead) is None, "the control"
    turn(accounts.SETTLES + DAY)
    assert accounts.settles_at(user=other) is None, "the control: seven days later they count"


def made(lead: User) -> User:
    """Make an account as the console does."""
    return joining.join(username="nia", password="eleven lamps burn", roles=["Officer"], by=lead)


def invited_again(lead: User) -> User:
    """Let a colleague start again."""
    user = make_user("nia", "Officer")
    joining.start_again(user=user, by=lead, shown=shown(lead))
    return user


def switched_on(lead: User) -> User:
    """Switch an account on that has long been off."""
    user = make_user("nia", "Officer")
    User.objects.filter(pk=user.pk).update(is_active=False)
    changed(user, lead)
    return user


@pytest.mark.parametrize("how", [made, invited_again, switched_on])
def test_an_account_that_is_new_in_any_way_is_no_second_person_for_seven_days(
    lead: User, how: Callable[[User], User]
) -> None:
    user, before = how(lead), timezone.now() - timedelta(days=1)
    until = accounts.settles_at(user=user)
    assert until
    assert timedelta(days=6) < until - timezone.now() <= accounts.SETTLES
    with pytest.raises(Refused, match="You count as a second person from"):
        accounts.require_settled(user=user)
    assert not accounts.settled(["nia"], beside="nia")
    assert accounts.settled(["nia", "lena"], beside="nia"), "the control"
    assert accounts.settles_at(user=user, at=before) is None, "what was signed before stands"
    accounts.require_settled(user=lead)
