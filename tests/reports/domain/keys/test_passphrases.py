"""Wrong passphrases: one answer, one time, and a limit that many tries at once do not get around."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from django.db import connection

from reports.domain.errors import DeskBroken, Refused, WrongWords
from reports.domain.keys import keyholders, passphrases
from reports.models import AuditEvent, Member
from reports.sealing import keyholder
from tests.factories import CHEAP, make_user

ANSWER = "These are not your six words. Check each word and try again."


@pytest.fixture
def derivations(monkeypatch):
    """Return what each use of Argon2id cost, as (memory, passes), in their order."""
    used = []

    def counted(**given):
        used.append((given["memory_cost"], given["iterations"]))
        return Argon2id(**given)

    monkeypatch.setattr(keyholder, "Argon2id", counted)
    monkeypatch.setattr(keyholder, "ARGON2", CHEAP)
    return used


@pytest.mark.promise("keys")
@pytest.mark.parametrize(
    "who", ["no key", "waits", "forgotten", "has access", "another's words", "the desk's words"]
)
def test_every_wrong_passphrase_gets_one_answer_and_costs_one_derivation(
    passphrase, caseworker, team_lead, derivations, who
):
    """Every wrong passphrase gets one answer and costs one derivation, with a key or without."""
    user = team_lead
    words = keyholder.new_passphrase()
    match who:
        case "waits":
            keyholders.enrol(user=team_lead, costs=CHEAP)
        case "forgotten":
            keyholders.enrol(user=team_lead, costs=CHEAP)
            Member.objects.filter(user=team_lead).delete()
        case "has access" | "another's words":
            user = caseworker
            words = keyholders.enrol(user=team_lead, costs=CHEAP) if "words" in who else words
        case "the desk's words":
            words = passphrase
    derivations.clear()
    with pytest.raises(WrongWords) as caught:
        passphrases.identity_of(user=user, passphrase=words)
    assert str(caught.value) == ANSWER
    assert derivations == [(CHEAP.memory, CHEAP.passes)]
    event = AuditEvent.objects.latest("seq")
    assert (event.actor, event.act) == (user.get_username(), "unlock-refused")


def attempt(user):
    """Return what a wrong passphrase of one of many requests gets."""
    try:
        passphrases.identity_of(user=user, passphrase=keyholder.new_passphrase())
    except Refused as refusal:
        return type(refusal).__name__
    finally:
        connection.close()
    return "opened"


@pytest.mark.promise("keys")
@pytest.mark.django_db(transaction=True)
@pytest.mark.proof("guessing")
def test_many_tries_at_once_are_not_more_than_the_limit(roles, derivations):
    """Many tries at once are not more than the limit."""
    user = make_user("olu", "Caseworker")
    keyholders.enrol(user=user, costs=CHEAP)
    derivations.clear()
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(attempt, [user] * 16))
    assert answers == ["Refused"] * 11 + ["WrongWords"] * 5
    assert len(derivations) == passphrases.TRIES


@pytest.mark.parametrize(
    "wrapped",
    [{}, [], {"version": 1, "salt": "x", "box": "é"}, {"version": 9, "salt": "", "box": ""}],
)
def test_key_that_was_damaged_in_the_database_says_whom_to_ask(passphrase, caseworker, wrapped):
    Member.objects.filter(user=caseworker).update(wrapped=wrapped)
    with pytest.raises(DeskBroken, match="Tell a team lead, so that you can make a new one"):
        passphrases.identity_of(user=caseworker, passphrase=passphrase)
