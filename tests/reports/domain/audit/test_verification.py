"""Whatever is changed, removed, exchanged, put in or cut off in the record is found."""

import re

import pytest
from django.db import transaction

from reports.domain.audit import audit_log, triggers, verification
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.errors import Refused
from reports.models import AuditEvent
from tests.reports.domain.audit import tampering
from tests.reports.domain.audit.test_audit_log import (
    KEY,
    commits,  # noqa: F401 - a fixture
)

pytestmark = pytest.mark.engine

AT_LEAST = 1_000  # kinds
FEWER = 11  # of so many kinds, one is tried while somebody waits
PROOF = AuditKeys(((1, KEY),))


@pytest.fixture
def record(caseworker, commits, unguarded):  # noqa: F811
    """Make a record with checkpoints among its events, and one at its end."""
    with commits():
        for number in range(1, tampering.EVENTS + 1):
            if number % tampering.EVERY == 2:
                audit_log.checkpoint(by=caseworker, act="unlocked", key=KEY, key_file=number)
            else:
                audit_log.record(
                    by=caseworker, act="read", subject=f"AAAA-{number:04d}", count=number, to=None
                )


@pytest.fixture
def attempt(record):
    """Return a function that tampers, returns what is found of it, and undoes it. The triggers are down."""

    def tamper(one):
        head = audit_log.head_path().read_bytes()
        with transaction.atomic():
            one[1]()
            found = set(verification.verify(proof=PROOF).findings)
            transaction.set_rollback(True)
        audit_log.head_path().write_bytes(head)
        return {sentence for sentence in found if "no longer refuses" not in sentence}

    return tamper


def kinds():
    """Yield every kind."""
    for group in tampering.KINDS:
        yield from group()


@pytest.mark.promise("team")
@pytest.mark.proof("record", goal="1,000 kinds found; no fork; 0 texts shown unrecorded")
def test_a_thousand_kinds_of_tampering_are_all_found(attempt, whole):
    """A thousand kinds of tampering with the record, up to its newest checkpoint, are all found."""
    of_each = list(kinds())
    assert len({about for about, _tamper in of_each}) >= AT_LEAST
    found = {about: attempt((about, tamper)) for about, tamper in of_each[:: 1 if whole else FEWER]}
    assert [about for about, sentences in found.items() if not sentences] == []


@pytest.mark.proof("record", control=True)
def test_a_record_that_nobody_touched_is_whole(
    attempt,
):
    assert attempt(("nothing", lambda: None)) == set()
    assert (
        attempt(("the same again", lambda: AuditEvent.objects.filter(seq=3).update(actor="olu")))
        == set()
    )


def test_without_the_audit_key_checkpoints_are_compared_but_not_proved(record):
    triggers.put_up()
    assert verification.verify(proof=PROOF).keyed
    look = verification.verify(proof=None)
    assert (look.whole, look.keyed, look.checkpoints) == (True, False, 7)
    other = verification.verify(proof=AuditKeys(((1, tampering.STRANGER),)))
    assert len([one for one in other.findings if "not written by a keyholder" in one]) == 7


@pytest.mark.promise("team", control="test_a_record_that_nobody_touched_is_whole")
def test_audit_key_of_a_leaver_vouches_for_nothing_that_comes_later(record):
    """The audit key of a leaver proves nothing that comes later."""
    triggers.put_up()
    new = tampering.STRANGER
    look = verification.verify(proof=AuditKeys(((4, new), (1, KEY))))
    said = [one for one in look.findings if "not written by a keyholder" in one]
    assert said == [
        f"The checkpoint at event {seq} was not written by a keyholder of this desk."
        for seq in (20, 26, 32, 38)
    ]  # the first three are under the older key
    assert verification.verify(proof=AuditKeys(((8, new), (1, KEY)))).whole


@pytest.mark.promise("team")
def test_record_and_head_cut_short_together_are_found_by_mark_and_key_file(
    caseworker,
    record,
    commits,  # noqa: F811
):
    """Record and head cut short together are found by a mark outside, and by the key file."""
    mark, key_file = verification.mark(), AuditKeys(PROOF.keys, audit_log.stands()[1])
    assert re.fullmatch("[0-9a-f]{5}( [0-9a-f]{5}){3}", mark)
    assert verification.knows(mark.upper().replace(" ", ""))
    with commits():
        audit_log.record(by=caseworker, act="read")
    assert verification.mark() != mark
    assert verification.knows(mark)  # what came later does not make it wrong
    tampering._cut(20)
    audit_log.renew_head()
    triggers.put_up()
    assert verification.verify(proof=PROOF).whole  # why a mark is kept elsewhere
    assert not verification.knows(mark)
    assert verification.verify(proof=key_file).findings == (
        "Event 38 is not the one that the key file knows. Someone removed or rewrote events.",
    )


def test_what_is_no_mark_is_refused_and_an_empty_record_is_whole_without_one(db):
    for text in ("abc", "0" * 21, "g" * 20, "%" * 20):
        with pytest.raises(Refused, match="4 groups of 5"):
            verification.knows(text)
    assert verification.mark() == ""
    assert verification.verify(proof=None) == verification.Verification(
        0, 0, findings=(), keyed=False, restores=()
    )


def test_triggers_that_are_gone_are_told(record):
    told = [
        one
        for one in verification.verify(proof=PROOF).findings
        if "no longer refuses changes" in one
    ]
    assert len(told) == len(triggers.missing()) > 3


def test_however_many_events_are_held_at_once_the_same_is_found(record, monkeypatch):
    AuditEvent.objects.filter(seq__in=[6, 7]).delete()
    AuditEvent.objects.filter(seq=20).update(actor="nobody")
    for number in (1, 5, 6, 38):
        monkeypatch.setattr(verification, "STEP", number)
        found = [
            one for one in verification.verify(proof=PROOF).findings if one.startswith("Event")
        ]
        assert found == ["Events 6 to 7 are missing.", "Event 20 was changed."]
