"""Passkeys: made once for one ceremony, shown for one ceremony, of this site and this person only."""

import json

import pytest

from reports.domain.errors import Refused
from reports.domain.people import joining, passkeys, second_factors
from reports.models import AuditEvent
from tests.reports.authenticator import Authenticator


def made(user, device, name=""):
    """Go the whole way to a passkey."""
    state = passkeys.new_state(user=user)
    answer = device.make(passkeys.to_make(username=user.get_username(), state=state, user=user))
    return passkeys.make(user=user, state=state, answer=answer, name=name)


def shown(user, device):
    """Go the whole way of showing one."""
    state = passkeys.new_state(user=user)
    return passkeys.prove(
        user=user, state=state, answer=device.show(passkeys.to_show(user=user, state=state))
    )


@pytest.fixture
def device():
    return Authenticator()


def test_passkey_that_was_made_can_be_shown_again_and_again(caseworker, device):
    kept = made(caseworker, device, name="  Phone ")
    assert (kept.name, kept.confirmed, passkeys.of(user=caseworker)) == ("Phone", True, [kept])
    assert [shown(caseworker, device).pk for _ in range(2)] == [kept.pk, kept.pk]
    event = AuditEvent.objects.latest("seq")
    assert (event.actor, event.act, event.detail) == ("olu", "second-factor", {"kind": "passkey"})


def test_browser_is_asked_for_this_site_and_not_on_a_device_that_has_one(caseworker, device):
    kept = made(caseworker, device)
    state = passkeys.new_state(user=caseworker)
    asked = json.loads(passkeys.to_make(username="olu", state=state, user=caseworker))
    assert asked["rp"] == {"name": "Streetlight Milton Keynes", "id": "localhost"}
    assert [one["id"] for one in asked["excludeCredentials"]] == [
        json.loads(device.show('{"challenge": ""}'))["id"]
    ]
    asked = json.loads(passkeys.to_show(user=caseworker, state=state))
    assert (asked["rpId"], len(asked["allowCredentials"]), kept.user) == (
        "localhost",
        1,
        caseworker,
    )


def test_answer_to_another_ceremony_is_refused(caseworker, device):
    old, new = passkeys.new_state(user=caseworker), passkeys.new_state(user=caseworker)
    answer = device.make(passkeys.to_make(username="olu", state=old))
    with pytest.raises(Refused, match="could not make the passkey"):
        passkeys.make(user=caseworker, state=new, answer=answer)
    made(caseworker, device)
    answer = device.show(passkeys.to_show(user=caseworker, state=old))
    with pytest.raises(Refused, match="not a passkey for"):
        passkeys.prove(user=caseworker, state=new, answer=answer)
    assert (
        passkeys.prove(user=caseworker, state=old, answer=answer).user == caseworker
    )  # the control


@pytest.mark.promise("team")
@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "https://example.org"},
        {"domain": "example.org"},
    ],
)
def test_passkey_of_another_site_is_refused(caseworker, wrong):
    """A passkey of another site, another person or another ceremony is refused."""
    with pytest.raises(Refused):
        made(caseworker, Authenticator(**wrong))
    device = Authenticator()
    made(caseworker, device)
    for name, value in wrong.items():
        setattr(device, name, value)
    with pytest.raises(Refused):
        shown(caseworker, device)


def test_passkey_of_somebody_else_is_refused(caseworker, team_lead, device):
    made(team_lead, device)
    made(caseworker, Authenticator())
    with pytest.raises(Refused, match="not a passkey for this account"):
        shown(caseworker, device)
    with pytest.raises(Refused, match="not a passkey for this account"):
        shown(caseworker, Authenticator())
    with pytest.raises(Refused, match="could not make the passkey"):  # and cannot be made theirs
        made(caseworker, device)


def test_the_last_way_to_sign_in_stays(caseworker, team_lead):
    first = made(caseworker, Authenticator())
    with pytest.raises(Refused, match="only way to sign in"):
        passkeys.remove(user=caseworker, pk=first.pk)
    second = made(caseworker, Authenticator())
    with pytest.raises(Refused, match="no longer exists"):
        passkeys.remove(user=team_lead, pk=second.pk)
    passkeys.remove(user=caseworker, pk=first.pk)
    assert passkeys.of(user=caseworker) == [second]
    assert AuditEvent.objects.latest("seq").act == "removed-passkey"
    second_factors.new_app(user=caseworker, key=joining.new_app_key())
    passkeys.remove(user=caseworker, pk=second.pk)
    assert passkeys.of(user=caseworker) == []
