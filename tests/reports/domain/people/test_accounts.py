"""Accounts: who may change one and by what they show it, what is on the record."""

import pytest
from django.contrib.auth.models import User

from reports.domain.errors import Refused
from reports.domain.keys import passphrases
from reports.domain.people import accounts, joining
from reports.domain.people.accounts import Reauthentication, Way
from reports.models import AuditEvent, Member, Notice
from tests.factories import make_keyholder, shown

pytestmark = pytest.mark.engine


def to(**changes):
    """Return the caseworker's account as it is, with these changes."""
    as_it_is = accounts.AccountChanges(
        first_name="", last_name="", email="", roles=["Caseworker"], active=True
    )
    return as_it_is | changes  # type: ignore[return-value]  # of the same names


def changed(user, by, **changes):
    """Change an account and return what stands on the record of it."""
    accounts.change(user=user, to=to(**changes), by=by, reauthentication=shown(by))
    return list(
        AuditEvent.objects.filter(subject=user.username)
        .order_by("seq")
        .values_list("act", "detail")
    )


@pytest.mark.parametrize(
    ("changes", "recorded"),
    [
        ({}, []),
        (
            {"roles": ["Team lead", "Editor"]},
            [("changed-roles", {"before": ["Caseworker"], "after": ["Editor", "Team lead"]})],
        ),
        ({"active": False}, [("switched-off", {})]),
        ({"email": "olu@example.org"}, [("changed-email", {})]),
        ({"last_name": "Doe"}, [("changed-name", {})]),
        (
            {"roles": [], "active": False},
            [("changed-roles", {"before": ["Caseworker"], "after": []}), ("switched-off", {})],
        ),
    ],
)
def test_each_change_stands_on_the_record_and_no_address_or_name_does(
    caseworker, team_lead, changes, recorded
):
    assert changed(caseworker, team_lead, **changes) == recorded
    assert Notice.objects.count() == bool(recorded)


def test_nobody_but_a_team_lead_changes_an_account(caseworker, team_lead):
    with pytest.raises(Refused, match="Only a team lead"):
        changed(team_lead, caseworker, active=False)


def test_nobody_but_a_superuser_changes_one(team_lead):
    root = User.objects.create_superuser("root", password="root-password")
    with pytest.raises(Refused, match="only on the server itself"):
        changed(root, team_lead, active=False)
    assert changed(root, root, roles=[], active=False) == [("switched-off", {})]


@pytest.mark.parametrize(
    "whose", ["nobody's", "a colleague's", "a passkey of a team lead with a key"]
)
def test_what_does_not_show_that_it_is_the_team_lead_changes_nothing(caseworker, team_lead, whose):
    reauthentication = {"nobody's": None, "a colleague's": shown(caseworker)}.get(
        whose, Reauthentication(team_lead.pk, Way.PASSKEY)
    )
    if whose.startswith("a passkey"):
        make_keyholder(team_lead)
    acts = [
        lambda: accounts.change(
            user=caseworker, to=to(active=False), by=team_lead, reauthentication=reauthentication
        ),  # type: ignore[arg-type]
        lambda: joining.invite(
            username="nia", role="Team lead", by=team_lead, reauthentication=reauthentication
        ),  # type: ignore[arg-type]
        lambda: joining.start_again(
            user=caseworker, by=team_lead, reauthentication=reauthentication
        ),
    ]
    for act in acts:
        with pytest.raises(Refused, match="Confirm first that it is you"):
            act()
    assert not AuditEvent.objects.exclude(act="enrolled").exists()


def test_words_of_a_key_that_nobody_granted_show_nothing(team_lead):
    passphrase = make_keyholder(team_lead)
    assert passphrases.reauthenticate(user=team_lead, passphrase=passphrase) == Reauthentication(
        team_lead.pk, Way.WORDS
    )
    Member.objects.update(granted=None)
    with pytest.raises(Refused, match="Nobody has given you access"):
        passphrases.reauthenticate(user=team_lead, passphrase=passphrase)
