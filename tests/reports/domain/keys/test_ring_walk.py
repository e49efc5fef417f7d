"""Random steps of a desk's life, a thousand in the whole and fewer for who waits; after each, what must be true is."""

from pathlib import Path

import pytest

from reports.domain import key_rotation
from reports.domain.audit import verification
from reports.domain.keys import phrases
from reports.sealing import envelope, keyring
from tests.reports.domain.keys.ring_walk import Walk

STEPS, FEWER = 1000, 500
DAMAGE = ("leaver-keeps-key", "leaver-keeps-audit-key", "retires-too-early")


@pytest.fixture
def walk(roles: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Return a walk that begins with a fresh desk."""
    monkeypatch.setattr(verification, "MOMENTS", 1)  # nobody writes the head that is waited for
    monkeypatch.setattr(phrases, "TRIES", 10**6)  # the walk tries wrong words all the time
    machines = [tmp_path / "staff", tmp_path / "public"]
    for machine in machines:
        machine.mkdir()
    return Walk(monkeypatch, *machines, seed=20261124)


def unreadable(walk: Walk) -> int:
    """Return how many deleted tips the backup holds that today's ring does not open."""
    opens, gone = walk.identities(), 0
    for sealed, bound in walk.backup.values():
        try:
            envelope.open_sealed(sealed, identities=opens, bound=bound)
        except envelope.WrongKey:
            gone += 1
    return gone


@pytest.mark.proof(
    "keys",
    "Over a life of the desk's keys every kept tip opens, and only for whom it should",
    goal="1,000 steps, none wrong",
)
def test_random_walk_of_a_thousand_steps_keeps_every_promise(walk: Walk, whole: bool) -> None:
    for number in range(STEPS if whole else FEWER):
        walk.step()
        walk.check()
        if number % 25 == 0:
            walk.check_people()
        if number % 200 == 199:
            walk.check_record()
    walk.check_people()
    walk.see_keys_out()
    never = {"join", "grant", "revoke", "rotate", "lose", "replace_lost", "recover", "retain", "retire", "stale"}
    assert never - walk.done.keys() == set(), walk.done  # everything happened at least once
    assert unreadable(walk) == len(walk.backup) > 0  # the keys of deleted tips have left: the backup does not open them


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.proof("keys", control=True)
def test_a_desk_that_breaks_a_promise_is_caught_by_the_walk(walk: Walk, damage: str, monkeypatch) -> None:
    if damage == "leaver-keeps-key":
        monkeypatch.setattr(
            keyring,
            "revoke",
            lambda ring, recipient: keyring.replace(
                ring, version=ring.version + 1, recipients=tuple(r for r in ring.recipients if r != recipient)
            ),
        )
    elif damage == "leaver-keeps-audit-key":
        rotate = keyring.rotate
        monkeypatch.setattr(keyring, "rotate", lambda ring: keyring.replace(rotate(ring), audit_key=ring.audit_key))
    else:
        monkeypatch.setattr(key_rotation, "hindrances", lambda index, now: [])
    with pytest.raises((AssertionError, envelope.EnvelopeError)):
        walk.go(STEPS)
