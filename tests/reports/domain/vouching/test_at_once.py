"""Two members who work at once raise no alarm, and none that stays."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections

from reports.domain import audit, key_rotation, triage, vouching
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import opening
from reports.domain.vouching import findings
from reports.domain.vouching import rows as kept_rows
from reports.models import Entry, Note, Tip
from tests.reports.domain.vouching import desks

type Send = Callable[..., Tip]
type Elsewhere = Callable[[Callable[[], object]], Callable[[], None]]


def once(monkeypatch: pytest.MonkeyPatch, room: Any, name: str, act: Callable[[], object], *, after: bool) -> list[int]:
    """Let `act` happen beside the first call of a function, before or after it; return the list of times it did."""
    real, done = getattr(room, name), list[int]()

    def called(*positional: Any, **named: Any) -> Any:
        answer = real(*positional, **named) if after else None
        if not done:
            done.append(1)
            act()
        return answer if after else real(*positional, **named)

    monkeypatch.setattr(room, name, called)
    return done


@pytest.fixture
def elsewhere() -> Elsewhere:
    """Return a function that makes an act one of another connection: PostgreSQL's alone can write beside this one."""
    if connection.vendor != "postgresql":
        pytest.skip("where SQLite writes, nobody else does")

    def made(act: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                act()
            finally:
                connections.close_all()

        def started() -> None:
            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            thread.join(3)  # it may have to wait until the act that it stands beside is over

        return started

    return made


@pytest.fixture
def rotated(roles: None, officer: User, keys: Keys, phrase: str, send: Send) -> tuple[Tip, Keys]:
    """Return a tip of a settled desk that has just had a new key, and the keys; another one has just come in."""
    tip = send("Seen already.")
    opening.open_new(by=officer, keys=keys)
    desks.settle(by=officer, keys=keys)
    send("Nobody has opened this yet.")
    officer.is_superuser = True
    officer.save()
    return tip, keyholders.rotate(by=officer, phrase=phrase)


def note(tip: Tip, by: User, keys: Keys) -> None:
    """Write a note on an unlocked desk."""
    with vouching.by_holder(lambda: keys):
        triage.note(tip=tip, text="Meanwhile.", by=by)


def test_a_colleagues_note_between_two_reads_is_no_finding(
    filled: None, officer: User, lead: User, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = Tip.objects.filter(pack_parts=None)[0]
    done = once(monkeypatch, vouching, "named", lambda: note(tip, lead, keys), after=False)
    assert opening.read(tip=tip, by=officer, keys=keys).doubts == ()
    assert done
    assert tip.notes.count() == 3


def test_what_somebody_puts_right_again_meanwhile_is_still_doubted(
    filled: None, officer: User, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page shows what it read: a note that was not as it was vouched for, whatever stands there now."""
    one = Note.objects.all()[0]
    Note.objects.filter(pk=one.pk).update(author="somebody")
    mend = Note.objects.filter(pk=one.pk)
    done = once(monkeypatch, kept_rows, "of_subjects", lambda: mend.update(author=one.author), after=False)
    reading = opening.read(tip=one.tip, by=officer, keys=keys)
    assert done
    assert reading.doubt(one) == "changed"
    assert not opening.read(tip=one.tip, by=officer, keys=keys).doubts


def test_an_arrival_that_is_sealed_again_while_it_is_opened_waits_for_the_next_call(
    rotated: tuple[Tip, Keys], officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tip, fresh = rotated
    once(monkeypatch, opening, "_tried", lambda: key_rotation.step(by=officer, keys=fresh), after=True)
    assert [opening.open_new(by=officer, keys=fresh) for _call in range(2)] == [0, 1]
    assert desks.on_pages(keys=fresh) == []


@pytest.mark.django_db(transaction=True)
def test_sealing_again_while_a_colleague_opens(
    rotated: tuple[Tip, Keys], officer: User, monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere
) -> None:
    _tip, fresh = rotated
    act = elsewhere(lambda: opening.open_new(by=officer, keys=fresh))
    done = once(monkeypatch, key_rotation, "_seal_again", act, after=False)
    key_rotation.step(by=officer, keys=fresh)
    assert done
    opening.open_new(by=officer, keys=fresh)
    assert not Entry.objects.filter(opened=False).exists()
    assert desks.on_pages(keys=fresh) == []
    assert desks.verified(keys=fresh).found == ()


def test_where_nobody_can_write_what_was_found_is_told_as_it_is(
    filled: None, officer: User, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Note.objects.all()[0]
    Note.objects.filter(pk=one.pk).update(author="somebody")

    def locked() -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(audit, "take_turn", locked)
    proof, entries, notes = keys.vouchers, one.tip.entries.all(), one.tip.notes.all()
    (found,) = findings.of_tip(tip=one.tip, entries=entries, notes=notes, proof=proof)
    assert (found.what, found.is_of(one)) == ("changed", True)
