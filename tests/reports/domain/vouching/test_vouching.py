"""What an unlocked desk has opened and written stays vouched for through all that the desk itself does with it."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain import audit, handover, key_rotation, retention, search, triage, vouching
from reports.domain.errors import Refused
from reports.domain.handover import packs, second_reader, urgent_calls
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import recusal
from reports.models import (
    Arrival,
    AuditEvent,
    Confirmation,
    Digest,
    Draft,
    Entry,
    Hold,
    Note,
    Pack,
    PackPicture,
    Recusal,
    Signature,
    Tip,
    Voucher,
)
from reports.models.digests import KEPT_DAYS
from reports.sealing import envelope
from tests.reports.domain.vouching import desks, tampering
from tests.reports.handing import sign

NEW = "The desk has a new key."


def found(keys: Keys) -> list[str]:
    """Return what is not as it was, on pages and in the whole."""
    return [*desks.on_pages(keys=keys), *desks.verified(keys=keys).found]


def told(keys: Keys) -> set[str]:
    """Return the same without what only says that the record's head is older: it is written when a test commits."""
    audit.renew_head()
    return set(found(keys))


def test_nothing_that_a_desk_does_writes_or_takes_away_is_a_finding(
    filled: None, officer: User, lead: User, keys: Keys
) -> None:
    assert found(keys) == []
    assert list(desks.verified(keys=None).found) == []  # who has no words sees whether rows fit the record
    pack = Pack.objects.get()
    handover.signatures.void(pack=pack, by=None)  # while nobody is there
    assert told(keys) == set()
    with vouching.by_holder(lambda: keys):
        sign(pack, by=officer, keys=keys)
        assert told(keys) == set()
        retention.release(tip=Hold.objects.get().tip, by=lead)
        recusal.lift(recusal=Recusal.objects.get(), by=lead)
        second_reader.leave_out(picture=PackPicture.objects.get(), by=officer)  # and the signature falls
    assert told(keys) == set()
    tip = pack.parts.get().tip  # related to another one, and the only one in its pack
    with outbox.locked(wait=True):
        retention._delete(tip)
    assert not Voucher.objects.filter(pk__in=[tip.reference, pack.reference]).exists()
    assert told(keys) == set()


def test_a_forged_signature_keeps_a_pack_here_and_a_changed_tip_says_nothing_for_certain(
    filled: None, officer: User, keys: Keys
) -> None:
    pack, tip = Pack.objects.get(), Tip.objects.order_by("pk")[0]
    assert packs.content(pack=pack, keys=keys).hindrances == []
    Signature.objects.filter(user=officer).update(name="Somebody else")
    content = packs.content(pack=pack, keys=keys)
    said = f"{pack.reference}: a signature is not as it was when it was last opened or written here."
    assert content.hindrances == [said]
    with pytest.raises(Refused, match="a signature is not as it was"):
        packs.require_open(content)
    call = {"tip": tip, "to": "999", "whom": "PC Doe", "when": "now", "reference": "", "by": officer, "keys": keys}
    Entry.objects.filter(tip=tip).update(position=7)
    with pytest.raises(Refused, match="Nobody can see now whether"):
        urgent_calls.record(**call)


def test_all_that_is_sealed_again_opens_with_the_new_key_alone_and_stays_vouched_for(
    filled: None, officer: User, phrase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer.groups.clear()
    officer.is_superuser = True
    officer.save()
    fresh = keyholders.rotate(by=officer, phrase=phrase)
    assert told(fresh) == set()
    while (progress := key_rotation.step(by=officer, keys=fresh)).left > progress.stuck:
        pass
    assert progress.left == progress.stuck == 0
    assert told(fresh) == set()
    empty = set()
    for model in key_rotation.sealed_models():
        rows = list(model._default_manager.all())
        empty |= set() if rows else {model}
        for row in rows if model is not Digest else []:
            assert envelope.open_sealed(bytes(row.sealed), identities=fresh.identities[:1], bound=row.bound())
    # A confirmation follows a departure; of the others see their own tests, as of digests.
    assert empty == {Arrival, Confirmation, Draft}
    now = timezone.now() + timedelta(days=KEPT_DAYS + 2)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert search.forget_old(today=timezone.localdate()) == 1
    assert told(fresh) == set(), "old words of a search go without a finding"


def test_what_was_changed_is_never_sealed_again_and_is_named(filled: None, officer: User, phrase: str) -> None:
    officer.is_superuser = True
    officer.save()
    note = Note.objects.order_by("pk")[0]
    older = note.key_index
    Note.objects.filter(pk=note.pk).update(written=note.written + timedelta(hours=1))
    forged = Note.objects.get(pk=note.pk)
    forged.pk = uuid.UUID(int=0)
    forged.save(force_insert=True)
    fresh = keyholders.rotate(by=officer, phrase=phrase)
    for _step in range(3):
        assert key_rotation.step(by=officer, keys=fresh).stuck == 2
    assert set(Note.objects.filter(key_index=older).values_list("pk", flat=True)) == {note.pk, forged.pk}
    named = AuditEvent.objects.filter(act="not-as-vouched").values_list("subject", flat=True)
    assert list(named) == [note.tip.reference]
    said = told(fresh)
    assert f"{note.tip.reference}: a note was put in, and not by this program." in said
    assert f"{note.tip.reference}: a note is not as it was when it was last opened or written here." in said


def test_who_left_vouches_for_nothing_more(filled: None, officer: User, keys: Keys, phrase: str) -> None:
    officer.is_superuser = True
    officer.save()
    strange = Voucher.objects.order_by("pk")[0]
    Voucher.objects.filter(pk=strange.pk).update(mac="0" * 64)
    fresh = keyholders.rotate(by=officer, phrase=phrase)
    with vouching.by_holder(lambda: keys), pytest.raises(Refused, match=NEW):
        triage.note(tip=Tip.objects.all()[0], text="A note.", by=officer)
    assert list(AuditEvent.objects.filter(act="not-as-vouched").values_list("subject", flat=True)) == [strange.pk]
    tip = Tip.objects.exclude(reference=strange.pk)[0]
    voucher = Voucher.objects.get(pk=tip.reference)
    Note.objects.filter(tip=tip).update(author="somebody")
    voucher.rows, voucher.version = tampering.presents(tip.reference), voucher.version + 1
    assert keys.vouchers is not None
    voucher.mac = vouching.mac(voucher, key=vouching.mac_key(keys.vouchers.keys[0][1]))  # the leaver's key
    voucher.save()
    tampering._append(tip.reference, f"{voucher.version} {vouching.digest(voucher)}")
    assert any(one.startswith(f"{tip.reference}: nothing vouches") for one in desks.on_pages(keys=fresh))


def test_a_note_on_a_changed_tip_does_not_vouch_for_the_change(filled: None, officer: User, keys: Keys) -> None:
    tip = Tip.objects.filter(pack_parts=None)[0]
    Note.objects.filter(tip=tip).update(author="somebody")
    with vouching.by_holder(lambda: keys):
        triage.note(tip=tip, text="One more.", by=officer)
    assert len([one for one in desks.on_pages(keys=keys) if "a note is not as it was" in one]) == 2
    Voucher.objects.filter(pk=tip.reference).update(mac="0" * 64)
    before = Voucher.objects.get(pk=tip.reference).version
    with vouching.by_holder(lambda: keys):
        triage.note(tip=tip, text="And another.", by=officer)
    assert Voucher.objects.get(pk=tip.reference).version == before
    Voucher.objects.filter(pk=tip.reference).delete()
    with vouching.by_holder(lambda: keys):
        triage.note(tip=tip, text="The last one.", by=officer)
    assert not Voucher.objects.filter(pk=tip.reference).exists(), "nor is one that is gone made anew"
