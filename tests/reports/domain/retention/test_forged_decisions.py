"""Only a keyholder's decision deletes a tip: whoever writes to the database can name a member, and sign nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from reports.domain import enquiries, state_files
from reports.domain.audit import audit_log, columns, proven_events, verification, whole
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import keyholders
from reports.domain.referrals import urgent_calls
from reports.domain.retention import schedule
from reports.domain.tips import metadata, opening, tampering
from reports.domain.triage import triaging
from reports.models import AuditAct, AuditEvent, Hold, Tip
from tests.reports.domain.audit.appended import append
from tests.reports.domain.audit.tampering import chain_anew, take_down
from tests.reports.handing import newest_keys

type Send = Callable[..., Tip]

CALL = {"to": "999", "whom": "PC Doe", "when": "today at 9", "ground": "life", "danger": "A knife."}


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch):
    """Leave SQLite's log alone: it cannot be emptied within a test's transaction."""
    monkeypatch.setattr(state_files, "empty_write_ahead_log", lambda: None)


@pytest.fixture
def tip(send, caseworker, keys):
    """Return an opened tip that nobody has read or decided."""
    sent = send("Councillor X takes money at the yard.")
    opening.open_new(by=caseworker, keys=keys)
    return Tip.objects.get(pk=sent.pk)


def forge(tip, *, mac="", days=20):
    """Let the database say that a member marked a tip as spam so many days ago."""
    then = timezone.now() - timedelta(days=days)
    week = metadata.monday(timezone.localdate(then))
    Tip.objects.filter(pk=tip.pk).update(status="spam", decided=week)
    return append(
        "moved", tip.reference, actor="lena", at=then, mac=mac, before="reading", after="spam"
    )


def decided(send, caseworker):
    """Return a tip that a member has marked as spam."""
    new = send()
    triaging.move(tip=new, to="spam", by=caseworker, keys=newest_keys())
    return new


def delete_due(*, days=0):
    """Return how many tips the desk deletes in so many days."""
    return schedule.delete_due(today=timezone.localdate() + timedelta(days=days))


@pytest.mark.parametrize("decided_before", [False, True])
@pytest.mark.promise("team")
def test_nothing_is_deleted_in_the_name_of_a_member_who_decided_nothing(
    tip, send, caseworker, keys, decided_before
):
    """A decision that someone puts into the database deletes no tip: not if it is back-dated, and none at all after the
    first that a keyholder has signed.
    """
    if decided_before:
        decided(send, caseworker)
        proven_events.prove(proof=keys.audit_keys)
    forged = forge(tip)
    with pytest.raises(Swapped):
        delete_due()
    assert Tip.objects.filter(pk=tip.pk).exists()
    take_down()
    AuditEvent.objects.filter(pk=forged.pk).delete()
    forged = forge(tip, mac="0" * 64)
    assert (delete_due(), Tip.objects.filter(pk=tip.pk).exists()) == (0, True), (
        "nobody has tried its MAC"
    )
    decided(send, caseworker)
    proven_events.prove(proof=keys.audit_keys)
    with pytest.raises(Swapped):
        delete_due()
    take_down()
    AuditEvent.objects.filter(pk=forged.pk).delete()
    forge(tip, days=0)
    with pytest.raises(Swapped):
        delete_due(days=30)
    assert Tip.objects.filter(pk=tip.pk).exists()


def test_nothing_is_deleted_by_an_event_that_is_put_in_before_the_first(tip):
    forged = forge(tip)
    take_down()
    AuditEvent.objects.filter(pk=forged.pk).delete()
    forged.seq = 0  # which is free, so that no trigger refuses it
    forged.save(force_insert=True)
    with pytest.raises(Swapped):
        delete_due()
    assert Tip.objects.filter(pk=tip.pk).exists()


def test_an_invented_end_of_a_hold_deletes_nothing(send, caseworker, team_lead, keys):
    """Maintenance cannot try a MAC, so it would take any for right that says that the hold is gone."""
    held = decided(send, caseworker)
    hold = schedule.hold(tip=held, by=team_lead, reason="A court asks.", keys=keys)
    proven_events.prove(proof=keys.audit_keys)
    name = columns.name(hold, subject=held.reference)
    Hold.objects.all().delete()
    append("released", held.reference, actor="lena", mac="0" * 64, rows={name: ""})
    assert (delete_due(days=40), Tip.objects.filter(pk=held.pk).exists()) == (0, True), (
        "nobody has tried its MAC"
    )
    decided(send, caseworker)
    proven_events.prove(proof=keys.audit_keys)
    with pytest.raises(Swapped):
        delete_due(days=40)
    assert Tip.objects.filter(pk=held.pk).exists()


def test_a_hold_that_a_team_lead_ends_keeps_nothing(send, caseworker, team_lead, keys):
    held = decided(send, caseworker)
    schedule.hold(tip=held, by=team_lead, reason="A court asks.", keys=keys)
    schedule.release(tip=held, by=team_lead, keys=keys)
    assert delete_due(days=40) == 0, "the end of the hold has not been tried"
    proven_events.prove(proof=keys.audit_keys)
    assert delete_due(days=40) == 1


def test_the_check_names_a_forged_decision_and_an_invented_mac(tip, send, caseworker, keys):
    decided(send, caseworker)
    forged = forge(tip, mac="0" * 64)
    assert tampering.verify(keys=keys)[0].findings == (
        f"Event {forged.seq} names data that no keyholder of this desk wrote.",
        f"Event {forged.seq} has a time that does not fit the events around it.",
    )


def test_what_a_keyholder_decided_is_deleted_once_someone_has_unlocked_the_desk(
    send, caseworker, keys, passphrase
):
    tip = decided(send, caseworker)
    assert delete_due(days=30) == 0
    assert delete_due(days=30) == 0, "it waits, and is no fault"
    keyholders.unlock(user=caseworker, passphrase=passphrase)
    assert (delete_due(days=30), Tip.objects.filter(pk=tip.pk).exists()) == (1, False)


@pytest.mark.parametrize("end", [keyholders.lock, lambda user, keys: keyholders.prove(keys=keys)])
def test_locking_the_desk_and_using_it_try_the_decisions(
    send,
    caseworker,
    keys,
    end,
    monkeypatch,
):
    monkeypatch.setattr(keyholders.session_files, "is_due", lambda *_args, **_every: True)
    decided(send, caseworker)
    end(user=caseworker, keys=keys)
    assert delete_due(days=30) == 1


def test_after_the_file_is_lost_deletion_waits_for_the_next_unlock(
    send, caseworker, keys, passphrase
):
    decided(send, caseworker)
    proven_events.prove(proof=keys.audit_keys)
    proven_events.path().unlink()
    assert delete_due(days=30) == 0
    keyholders.unlock(user=caseworker, passphrase=passphrase)
    assert delete_due(days=30) == 1


def test_half_a_line_and_an_older_log_cost_no_decision(send, caseworker, keys):
    decided(send, caseworker)
    path = proven_events.path()
    path.write_text(
        f"7 moved {'0' * 64}\n900 moved {'0' * 30}"
    )  # the log has no such event, as after a restore
    proven_events.prove(proof=keys.audit_keys)
    assert delete_due(days=30) == 1


@pytest.mark.parametrize("column", ["at", "subject", "detail"])
def test_a_proven_decision_that_is_changed_deletes_nothing(send, caseworker, keys, column):
    tip, other = decided(send, caseworker), send()
    proven_events.prove(proof=keys.audit_keys)
    values = {
        "at": {"at": timezone.now() - timedelta(days=9)},
        "subject": {"subject": other.reference},
        "detail": {"detail": {"before": "reading", "after": "spam", "x": 1}},
    }
    take_down()
    AuditEvent.objects.filter(act="moved").update(**values[column])
    Tip.objects.filter(pk=other.pk).update(
        status="spam", decided=Tip.objects.get(pk=tip.pk).decided
    )
    with pytest.raises(Swapped):
        delete_due(days=30)
    assert Tip.objects.count() == 2


def test_decisions_from_before_the_first_that_is_signed_keep_their_rule(send, caseworker, keys):
    """By their number, not by their date."""
    old, later = send(), send()
    for tip in (old, later):
        Tip.objects.filter(pk=tip.pk).update(
            status="spam", decided=metadata.monday(timezone.localdate()), unread=False
        )
    append("moved", old.reference, actor="lena", before="reading", after="spam")
    decided(send, caseworker)
    before = timezone.now() - timedelta(minutes=5)
    append("moved", later.reference, actor="lena", at=before, before="reading", after="spam")
    proven_events.prove(proof=keys.audit_keys)
    with pytest.raises(Swapped, match="do not match the audit log: 1"):
        delete_due(days=30)
    assert list(Tip.objects.all()) == [later]


def test_a_move_that_follows_from_a_call_or_from_closing_an_enquiry_is_signed(
    send, caseworker, team_lead, keys
):
    called, linked = send(police="yes"), send(police="yes")
    opening.open_new(by=caseworker, keys=keys)
    for tip in (called, linked):
        opening.read(tip=tip, by=caseworker, keys=keys)
    enquiry = enquiries.begin(by=caseworker)
    enquiries.link(tip=linked, enquiry=enquiry, by=caseworker)
    for tip in (called, linked):
        urgent_calls.add(tip=tip, **CALL, by=caseworker, keys=keys)
    with pytest.raises(Refused, match="The desk is locked"):
        enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=None)
    enquiry.refresh_from_db()
    enquiries.move(enquiry=enquiry, to="closed", by=caseworker, keys=keys)
    for tip in (called, linked):
        last = AuditEvent.objects.filter(subject=tip.reference, act="moved").order_by("-seq")[0]
        assert (last.detail["after"], bool(last.mac)) == ("passed_on", True)
    assert whole.verify(proof=keys.audit_keys).findings == ()


def test_every_status_that_deletes_takes_an_unlocked_desk(send, caseworker):
    assert {status.value for status, rule in schedule.SCHEDULE.items() if rule} <= set(
        triaging.DELETING
    )
    for to in set(triaging.CLOSING) & set(triaging.DELETING) - {"spam"}:
        tip = send()
        Tip.objects.filter(pk=tip.pk).update(status="reading", unread=False)
        tip.refresh_from_db()
        with pytest.raises(Refused, match="The desk is locked, so nothing was done"):
            triaging.move(tip=tip, to=to, by=caseworker)
        assert Tip.objects.get(pk=tip.pk).status == "reading"
    audit_log.record(by=caseworker, act=AuditAct.NOTED)  # the control: the log takes others


def cut_out(seq):
    """Remove an event, and let the others stand."""
    AuditEvent.objects.filter(seq=seq).delete()


def say_otherwise(seq):
    """Let an event say that a member read something."""
    AuditEvent.objects.filter(seq=seq).update(act="read", mac="", rows={})


def calculate_anew(seq):
    """Let an event say something else, and calculate every hash since."""
    say_otherwise(seq)
    chain_anew(seq)


@pytest.mark.parametrize("attack", [cut_out, say_otherwise, calculate_anew])
def test_nothing_is_deleted_while_an_event_was_changed_or_removed(
    *, send, caseworker, team_lead, keys, attack
):
    """Who cuts out that a tip was held, or opened again, would let it be deleted."""
    held, other = decided(send, caseworker), decided(send, caseworker)
    schedule.hold(tip=held, by=team_lead, reason="A court asks.", keys=keys)
    audit_log.record(by=caseworker, act=AuditAct.READ, subject=other.reference)
    proven_events.prove(proof=keys.audit_keys)
    audit_log.prove(key=keys.audit_keys.keys[0][1])  # as an unlocked desk in use does by itself
    assert verification.is_unbroken(), "the control"
    take_down()
    attack(AuditEvent.objects.get(act="held").seq)
    Hold.objects.all().delete()
    with pytest.raises(Swapped, match="changed or removed events of the audit log"):
        delete_due(days=120)
    assert Tip.objects.filter(pk__in=[held.pk, other.pk]).count() == 2
