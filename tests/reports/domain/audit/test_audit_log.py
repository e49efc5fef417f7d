"""The record: chained events, checkpoints by keyholders, and the newest of these in a file outside the database."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from reports.domain.audit import audit_log, verification
from reports.domain.audit.audit_keys import checkpoint_mac
from reports.domain.keys import keyholders
from reports.models import AuditAct, AuditEvent, Checkpoint
from tests.reports.domain.audit import tampering

pytestmark = pytest.mark.engine

type Commits = Callable[..., AbstractContextManager[object]]

KEY = bytes(range(32))


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """Return a context in which commits are commits."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def chain(caseworker, commits):
    """Return five events."""
    with commits():
        return [
            audit_log.record(by=caseworker, act="read", subject=f"AAAA-000{n}", number=n)
            for n in range(5)
        ]


def test_head_names_the_newest_checkpoint_once_it_is_committed(caseworker, commits):
    with commits():
        audit_log.record(by=caseworker, act="read")
        new = audit_log.checkpoint(by=caseworker, act="unlocked", key=KEY)
        assert audit_log.head() is None
    assert json.loads(audit_log.head_path().read_text()) == {
        "number": 1,
        "seq": 2,
        "hash": new.hash,
    }
    with commits():
        audit_log.record(by=caseworker, act="read")
    assert audit_log.head() == audit_log.Head(1, 2, new.hash)
    with commits():
        audit_log.prove(key=KEY)
    assert audit_log.head() == audit_log.Head(2, 3, AuditEvent.objects.get(seq=3).hash)


def test_head_does_not_forget_a_checkpoint_that_went_missing(
    chain, caseworker, passphrase, unguarded, commits
):
    with commits():
        lost = [
            audit_log.checkpoint(by=caseworker, act="unlocked", key=KEY) for _number in range(3)
        ][-1]
    tampering._cut(lost.seq - 1)
    for _again in range(3):
        with commits():
            keyholders.unlock(user=caseworker, passphrase=passphrase)
    assert audit_log.head() == audit_log.Head(lost.number, lost.seq, lost.hash)
    assert AuditEvent.objects.filter(act=AuditAct.FOUND_CUT_LOG).count() == 3
    assert any(
        f"lacks checkpoint {lost.number} at event {lost.seq}" in one
        for one in verification.verify(proof=None).findings
    )


def test_checkpoint_that_was_rolled_back_leaves_the_head_alone(caseworker, commits):
    with commits(), transaction.atomic():
        audit_log.checkpoint(by=caseworker, act="unlocked", key=KEY)
        transaction.set_rollback(True)
    assert audit_log.head() is None


def test_disk_that_takes_no_head_does_not_undo_the_checkpoint(caseworker, commits):
    audit_log.head_path().mkdir()
    with commits():
        audit_log.checkpoint(by=caseworker, act="unlocked", key=KEY)
    assert Checkpoint.objects.count() == 1
    audit_log.head_path().rmdir()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"number": 1, "seq": "1", "hash": ""}', '{"seq": 1}']
)
def test_head_without_sense_is_none(text):
    audit_log.head_path().write_text(text)
    assert audit_log.head() is None


def test_every_unlock_vouches_for_the_record(caseworker, passphrase):
    keys = keyholders.unlock(user=caseworker, passphrase=passphrase)
    mark = Checkpoint.objects.get()
    event = AuditEvent.objects.get(seq=mark.seq)
    assert (event.act, event.hash, mark.number) == ("unlocked", mark.hash, 1)
    assert mark.mac == checkpoint_mac(mark, key=keys.audit_keys.keys[0][1])
    assert mark.mac != checkpoint_mac(mark, key=KEY)  # the control: another key's is another
    assert str(mark) == f"checkpoint 1 at event {mark.seq}"


def test_table_is_taken_away_and_a_look_ends_on_the_record(chain, caseworker):
    look = verification.verify(proof=None)
    assert audit_log.take_away(AuditEvent.objects.all()[:3], by=caseworker) == chain[:1:-1]
    verification.conclude(look, by=caseworker)
    told = AuditEvent.objects.order_by("seq").values_list("act", "detail")[5:]
    assert list(told) == [("exported-record", {"count": 3}), ("verified", {"found": 0})]


def test_an_event_of_the_program_is_none_of_a_person_who_has_its_name(db):
    person = User(username="system")  # what no account can be called
    theirs, own = (
        audit_log.record(by=person, act=AuditAct.ACKNOWLEDGED),
        audit_log.record(by=None, act=AuditAct.ACKNOWLEDGED),
    )
    assert (theirs.actor, theirs.by_program, theirs.who) == ("system", False, "system")
    assert (own.actor, own.by_program, own.who) == ("system", True, "The system")
    own.by_program = False
    assert audit_log.digest(own) != own.hash
