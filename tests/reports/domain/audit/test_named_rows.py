"""What a desk has opened and written stays as its events say through all that the desk itself does with it."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.audit import audit_log, findings, named_rows
from reports.domain.audit.audit_keys import AuditKeys, checkpoint_mac
from reports.domain.errors import Refused
from reports.domain.keys import keyholders
from reports.domain.referrals import approvals, contents, departure, second_reader, urgent_calls
from reports.domain.retention import schedule
from reports.domain.search import searching
from reports.domain.storage import deletion_records
from reports.domain.tips import opening, recusal
from reports.domain.triage import safety
from reports.models import (
    Approval,
    Arrival,
    AuditEvent,
    Checkpoint,
    ClosedPictures,
    Confirmation,
    Digest,
    Draft,
    Entry,
    ExportedPart,
    Hold,
    Outcome,
    Recusal,
    Referral,
    ReferralPicture,
    ReferralResult,
    SafetyDecision,
    Tip,
)
from reports.sealing import envelope
from tests.factories import shown
from tests.reports.domain.audit import desks, row_tampering
from tests.reports.handing import approve, rewrite
from tests.reports.purging import purge

type Commits = Callable[..., AbstractContextManager[list[Callable[[], object]]]]

NEW = "The desk has a new key."


def decide(tip, text, *, by, keys):
    """Write down what was done about a danger, which an event has to name."""
    return safety.add(tip=tip, kind="closed", choice="none", text=text, by=by, keys=keys)


def found(keys):
    """Return what is not as it was, on pages and in the whole."""
    return [*desks.on_pages(keys=keys), *desks.verified(keys=keys).findings]


def told(keys):
    """Return the same without what only says that the record's head is older: it is written when a test commits."""
    audit_log.renew_head()
    return set(found(keys))


@pytest.fixture
def rotating(filled, caseworker):
    """Return a member who may give the desk a new key."""
    caseworker.groups.clear()
    caseworker.is_superuser = True
    caseworker.save()
    return caseworker


def test_nothing_that_a_desk_does_writes_or_takes_away_is_a_finding(
    filled,
    caseworker,
    team_lead,
    keys,
    django_capture_on_commit_callbacks,
):
    assert found(keys) == []
    assert (
        list(desks.verified(keys=None).findings) == []
    )  # who has no words sees whether rows fit the record
    referral = Referral.objects.get()
    approvals.void(referral=referral, by=None)  # while nobody is there
    assert told(keys) == set()
    approve(referral, by=caseworker, keys=keys)
    assert told(keys) == set()
    schedule.release(tip=Hold.objects.get().tip, by=team_lead, keys=keys)
    recusal.lift(
        recusal=Recusal.objects.get(),
        by=team_lead,
        reason="mistake",
        reauthentication=shown(team_lead),
        keys=keys,
    )
    second_reader.leave_out(
        picture=ReferralPicture.objects.get(), by=caseworker, keys=keys
    )  # and the approval falls
    assert told(keys) == set()
    tip = referral.parts.get().tip  # related to another one, and the only one in its referral
    with django_capture_on_commit_callbacks() as after:
        purge(tip=tip)
    assert told(keys) != set(), "it needs its deletion record"
    next(
        act
        for act in after
        if isinstance(act, partial) and act.func is deletion_records.add_deleted
    )()
    assert not Referral.objects.exists()
    assert told(keys) == set()


def test_on_a_locked_desk_nothing_is_written_that_an_event_has_to_name(
    filled, caseworker, team_lead
):
    locked = None  # the keys that a locked desk has
    tip = Tip.objects.exclude(pk=Hold.objects.get().tip_id)[0]
    said = {"kind": "closed", "choice": "none", "text": "Read twice."}
    acts = [
        lambda: safety.add(tip=tip, **said, by=caseworker, keys=locked),
        lambda: schedule.hold(tip=tip, by=team_lead, reason="A court asked.", keys=locked),
        lambda: schedule.release(tip=Hold.objects.get().tip, by=team_lead, keys=locked),
        lambda: recusal.recuse(tip=tip, by=caseworker, reason="My cousin.", keys=locked),
    ]
    models = (AuditEvent, Hold, Recusal, SafetyDecision)
    before = [model.objects.count() for model in models]
    for act in acts:
        with pytest.raises(Refused, match="The desk is locked"):
            act()
    assert [model.objects.count() for model in models] == before


@pytest.mark.engine
def test_a_mac_is_over_all_that_an_event_says_and_the_one_before_it(filled, keys):
    event, right = (
        AuditEvent.objects.exclude(mac="").order_by("seq")[3],
        named_rows.tried(keys.audit_keys),
    )
    assert right(event)
    others = {
        "seq": event.seq + 1,
        "previous": "0" * 64,
        "actor": "lena",
        "by_program": True,
    }
    others |= {
        "act": "read",
        "subject": "ZZZZ-2345",
        "rows": event.rows | {"note 1": "0" * 64},
        "mac": "",
    }
    others |= {"at": event.at + timedelta(microseconds=1), "detail": event.detail | {"more": 1}}
    for name, other in others.items():
        was = getattr(event, name)
        setattr(event, name, other)
        assert not right(event), name
        setattr(event, name, was)
    assert not named_rows.tried(AuditKeys(((1, bytes(32)),)))(event)


def test_a_forged_approval_keeps_a_referral_here_and_a_changed_tip_proves_nothing(
    filled, caseworker, keys
):
    referral, tip = Referral.objects.get(), Tip.objects.order_by("pk")[0]
    assert contents.content(referral=referral, keys=keys).hindrances == []
    Approval.objects.filter(user=caseworker).update(team_lead=True)
    content = contents.content(referral=referral, keys=keys)
    said = f"{referral.reference}: someone changed an approval outside Streetlight."
    assert content.hindrances == [said]
    with pytest.raises(Refused, match="someone changed an approval outside"):
        contents.require_open(content)
    call = {
        "tip": tip,
        "to": "999",
        "whom": "PC Doe",
        "when": "now",
        "reference": "",
        "by": caseworker,
        "keys": keys,
    }
    Entry.objects.filter(tip=tip).update(position=7)
    with pytest.raises(Refused, match="We cannot check now whether"):
        urgent_calls.add(**call)


def test_what_is_sealed_again_opens_with_the_new_key_alone_and_is_as_recorded(rotating, passphrase):
    fresh = keyholders.rotate(by=rotating, passphrase=passphrase)
    assert told(fresh) == set()
    key_rotation.seal_again(by=rotating, keys=fresh, seconds=60)
    assert key_rotation.rows_left() == 0
    assert told(fresh) == set()
    empty = set()
    for model in key_rotation.sealed_models():
        rows = list(model._default_manager.all())
        empty |= set() if rows else {model}
        for row in rows if model is not Digest else []:
            assert envelope.open_sealed(
                bytes(row.sealed), identities=fresh.identities[:1], bound=row.bound()
            )
    # What follows a departure is missing; of it and of the others see their own tests, as of digests.
    assert empty == {Arrival, ClosedPictures, Confirmation, Draft, ExportedPart, ReferralResult}


def test_what_was_changed_is_never_sealed_again_and_is_named(rotating, passphrase):
    decision = SafetyDecision.objects.select_related("tip").order_by("pk")[0]
    older = decision.key_index
    SafetyDecision.objects.filter(pk=decision.pk).update(author="somebody")
    forged = SafetyDecision.objects.get(pk=decision.pk)
    forged.pk = uuid.UUID(int=0)
    forged.save(force_insert=True)
    fresh = keyholders.rotate(by=rotating, passphrase=passphrase)
    for _step in range(3):
        assert key_rotation.step(by=rotating, keys=fresh) == 2
    left = SafetyDecision.objects.filter(key_index=older).values_list("pk", flat=True)
    assert set(left) == {decision.pk, forged.pk}
    named = AuditEvent.objects.filter(act="not-as-recorded").values_list("subject", flat=True)
    reference = decision.tip.reference
    assert list(named) == [reference]
    said = told(fresh)
    assert f"{reference}: someone added a decision about danger outside Streetlight." in said
    assert f"{reference}: someone changed a decision about danger outside Streetlight." in said


def test_who_left_signs_nothing_more(rotating, keys, passphrase, unguarded):
    fresh = keyholders.rotate(by=rotating, passphrase=passphrase)
    tip = Tip.objects.order_by("pk")[0]
    with pytest.raises(Refused, match=NEW):
        decide(tip, "Read twice.", by=rotating, keys=keys)
    SafetyDecision.objects.filter(tip=tip).update(author="somebody")
    assert keys.audit_keys is not None
    older = keys.audit_keys.keys[0][1]
    event = AuditEvent.objects.filter(subject=tip.reference).exclude(mac="").latest("seq")
    forged = row_tampering.append(event, rows=row_tampering.presents(tip.reference), key=older)
    said = f"{tip.reference}: someone changed a decision about danger outside Streetlight."
    assert said in desks.on_pages(keys=fresh)
    assert f"Event {forged.seq} names data that no keyholder of this desk wrote." in told(fresh)
    # With the checkpoint that closed the older key's time moved beyond it, under that key.
    closing = Checkpoint.objects.latest("number")
    closing.seq, closing.hash = forged.seq, forged.hash
    closing.mac = checkpoint_mac(closing, key=older)
    Checkpoint.objects.filter(pk=closing.pk).update(
        seq=closing.seq, hash=closing.hash, mac=closing.mac
    )
    assert said in desks.on_pages(keys=fresh)


def test_who_left_two_keys_ago_moves_no_end_of_their_time(rotating, keys, passphrase, unguarded):
    second = keyholders.rotate(by=rotating, passphrase=passphrase)
    tip = Tip.objects.order_by("pk")[0]
    decisions = [
        decide(tip, text, by=rotating, keys=second)
        for text in ("In the second key's time.", "Later.")
    ]
    third = keyholders.rotate(by=rotating, passphrase=passphrase)
    assert desks.on_pages(keys=third) == []
    assert keys.audit_keys is not None
    assert second.audit_keys is not None
    event = AuditEvent.objects.filter(subject=tip.reference, act="closed-danger").order_by("-seq")[
        1
    ]
    SafetyDecision.objects.filter(pk=decisions[0].pk).update(author="somebody")
    event.rows = row_tampering.presents(tip.reference)
    event.mac = named_rows.mac(event, key=keys.audit_keys.keys[0][1])
    AuditEvent.objects.filter(seq=event.seq).update(rows=event.rows, mac=event.mac)
    Checkpoint.objects.filter(number=second.audit_keys.keys[0][0] - 1).update(seq=event.seq)
    assert desks.on_pages(keys=third)


class TestChangedLog:
    """What is in a log that somebody has changed carries nothing further, though pages believe its newest events."""

    def put_back(self, referral, *, by, keys):
        """Write an approved referral's text again, then put all back past the program, and unname what came since."""
        older, columns = (
            row_tampering.snapshot(),
            Referral.objects.values("status", "digest").get(pk=referral.pk),
        )
        tip = referral.parts.get().tip
        rewrite(tip, by=by, keys=keys, text="A van calls somewhere.")
        for subject in (tip.reference, referral.reference):
            row_tampering._restore(subject, older)
        Referral.objects.filter(pk=referral.pk).update(**columns)
        AuditEvent.objects.filter(seq__gt=older.seq).update(subject="", mac="", rows={})
        referral.refresh_from_db()

    def export(self, referral, *, by, keys):
        """Take a referral away."""
        return departure.export(
            referral=referral,
            kind="json",
            recipient=None,
            by=by,
            keys=keys,
            reauthentication=shown(by),
        )

    def test_no_referral_leaves(self, filled, caseworker, keys, unguarded):
        referral = Referral.objects.get()
        self.put_back(referral, by=caseworker, keys=keys)
        assert desks.on_pages(keys=keys) == []
        with pytest.raises(Refused, match="changed the audit log outside Streetlight"):
            self.export(referral, by=caseworker, keys=keys)
        assert Referral.objects.get().status == "approved"

    def test_control_of_a_whole_one_it_leaves(self, filled, caseworker, keys):
        assert self.export(Referral.objects.get(), by=caseworker, keys=keys)

    def test_nor_by_who_unlocked_before_the_newest_key(self, rotating, keys, passphrase):
        """These still hold the key of whoever has left for the newest."""
        keyholders.rotate(by=rotating, passphrase=passphrase)
        with pytest.raises(Refused, match=NEW):
            self.export(Referral.objects.get(), by=rotating, keys=keys)

    def test_nothing_is_sealed_again(self, rotating, keys, passphrase, unguarded):
        fresh = keyholders.rotate(by=rotating, passphrase=passphrase)
        AuditEvent.objects.filter(seq=7).update(actor="somebody")
        before = key_rotation.rows_left()
        with pytest.raises(Refused, match="changed the audit log outside Streetlight"):
            key_rotation.seal_again(by=rotating, keys=fresh, seconds=10)
        assert key_rotation.rows_left() == before


def test_nothing_that_is_written_on_a_changed_row_makes_it_good(
    filled, caseworker, team_lead, keys
):
    decision = SafetyDecision.objects.filter(looked_on=None).select_related("tip")[0]
    SafetyDecision.objects.filter(pk=decision.pk).update(author="somebody")
    safety.mark_reviewed(decision=decision, by=team_lead, keys=keys)
    said = f"{decision.tip.reference}: someone changed a decision about danger outside Streetlight."
    assert desks.on_pages(keys=keys) == [said]


def test_what_was_exchanged_and_is_opened_once_more_stays_a_finding(filled, caseworker, keys):
    entry = Entry.objects.filter(position=1).select_related("tip")[0]
    bound = Entry.facts(entry.pk, lookup=entry.tip.lookup, tag=entry.tag, key_index=entry.key_index)
    other = envelope.Bundle(
        bound | {"week": str(entry.received)}, {"kind": "tip", "answers": {"what": "Nothing."}}
    )
    sealed = envelope.seal(other, recipients=[state_files.public_key().recipient])
    Entry.objects.filter(pk=entry.pk).update(sealed=sealed, opened=False)
    assert opening.open_new(by=caseworker, keys=keys) == 1
    said = f"{entry.tip.reference}: someone changed a message from its sender outside Streetlight"
    assert any(one.startswith(said) for one in desks.on_pages(keys=keys))


def test_of_what_is_not_as_the_log_says_no_digest_is_written(filled, caseworker, keys):
    entry = Entry.objects.filter(position=1, tip__referral_parts=None).select_related("tip")[0]
    older, was = bytes(entry.sealed), bytes(Digest.objects.get(pk=entry.tip_id).sealed)
    bound = Entry.facts(entry.pk, lookup=entry.tip.lookup, tag=entry.tag, key_index=entry.key_index)
    other = envelope.Bundle(
        bound | {"week": str(entry.received)}, {"kind": "tip", "answers": {"what": "Nothing."}}
    )
    sealed = envelope.seal(other, recipients=[state_files.public_key().recipient])
    Entry.objects.filter(pk=entry.pk).update(sealed=sealed)
    Digest.objects.all().delete()
    searching.search(words="grey", by=caseworker, keys=keys)
    assert set(Tip.objects.filter(digest=None)) == {entry.tip}
    Entry.objects.filter(pk=entry.pk).update(sealed=older)
    hits = searching.search(words="grey", by=caseworker, keys=keys).hits  # the control
    assert entry.tip in {hit.tip for hit in hits}
    assert bytes(Digest.objects.get(pk=entry.tip_id).sealed) != was
    assert told(keys) == set()


class TestPurge:
    """A purge counts with its deletion record, and without one only when records of its day are no longer kept."""

    @pytest.fixture
    def gone(self, filled):
        """Take a tip away past the program, with an event of its deletion; return its reference."""
        tip = Tip.objects.filter(referral_parts=None, hold=None)[0]
        self.arrivals = list(map(str, tip.entries.values_list("pk", flat=True)))
        Tip.objects.filter(pk=tip.pk).delete()
        audit_log.record(by=None, act="purged", subject=tip.reference)
        return tip.reference

    def missing(self, reference):
        """Return whether the tip is found to be missing."""
        return findings.compare({reference: {}}, proof=None) != []

    def test_without_its_deletion_record_is_none(self, gone):
        assert self.missing(gone)
        deletion_records.add_deleted(entries=self.arrivals, lookup="a" * 64)
        assert not self.missing(gone)  # the control

    def test_needs_no_record_once_these_are_no_longer_kept(self, gone):
        for minutes in (-1, 1):
            with time_machine.travel(deletion_records.KEPT + timedelta(minutes=minutes)):
                assert self.missing(gone) is (minutes < 0)

    def test_that_says_it_is_old_is_not_believed(self, gone, unguarded):
        AuditEvent.objects.filter(subject=gone, act="purged").update(
            at=timezone.now() - 2 * deletion_records.KEPT
        )
        assert self.missing(gone)

    def test_is_of_a_tip_or_of_a_referral_that_goes_with_all_its_tips(self, filled):
        referral, outcome = Referral.objects.get(), Outcome.objects.all()[0]
        tip = referral.parts.get().tip
        arrivals = list(map(str, tip.entries.values_list("pk", flat=True)))
        Referral.objects.all().delete()
        for name in (referral.reference, outcome.subject, tip.reference):
            audit_log.record(by=None, act="purged", subject=name)
        for name in (referral.reference, outcome.subject):
            assert self.missing(name), name
        deletion_records.add_deleted(entries=arrivals, lookup=tip.lookup)
        assert not self.missing(referral.reference), "the control: its event lists this tip alone"

    @pytest.mark.parametrize("recorded", [True, False])
    def test_of_what_is_there_is_a_finding(self, filled, keys, recorded):
        """It was put back; or somebody waits until no record is asked for any more, and takes it away then."""
        tip = Tip.objects.filter(referral_parts=None)[0]
        audit_log.record(by=None, act="purged", subject=tip.reference)
        if recorded:
            deletion_records.add_deleted(
                entries=map(str, tip.entries.values_list("pk", flat=True)), lookup=tip.lookup
            )
        said = f"{tip.reference}: someone added a decision about danger outside Streetlight."
        assert said in desks.on_pages(keys=keys)
