"""Quarter keys: kept tips move to the newest key, and an older key leaves only when nothing needs it any more."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import BinaryField
from django.utils import timezone

from reports.domain import key_rotation, state_files
from reports.domain.errors import Refused
from reports.domain.intake import outbox, receiving
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.domain.triage import triaging
from reports.models import Digest, Entry, KeyFileMark, Node, Note, digests
from reports.sealing import receipts
from tests.reports.telling import tell


def test_resealing_goes_in_bounded_steps_and_says_how_far(boss):
    user, passphrase = boss
    tips = [tell(f"Tip {number}") for number in range(5)]
    triaging.note(tip=tips[0], text="A note.", by=user)
    keys = keyholders.rotate(by=user, passphrase=passphrase)
    assert key_rotation.rows_left() == 6
    assert [key_rotation.step(by=user, keys=keys, limit=2) for _ in range(4)] == [4, 2, 0, 0]
    for tip in tips:
        reading = opening.read(tip=tip, by=user, keys=keys)
        assert reading.entries[0].answers["what"].startswith("Tip ")
    assert opening.read(tip=tips[0], by=user, keys=keys).notes[0].text == "A note."


def test_what_does_not_open_stays_as_it_is_and_is_counted(boss):
    user, passphrase = boss
    tell("A van.")
    Entry.objects.update(tag="0" * 32)
    before = bytes(Entry.objects.get().sealed)
    keys = keyholders.rotate(by=user, passphrase=passphrase)
    assert key_rotation.step(by=user, keys=keys) == 1
    assert bytes(Entry.objects.get().sealed) == before


def test_every_table_of_sealed_bytes_is_sealed_again():
    sealed = {
        model
        for model in apps.get_app_config("reports").get_models()
        if any(isinstance(field, BinaryField) for field in model._meta.fields)
    }
    assert set(key_rotation.sealed_models()) == sealed >= {Entry, Note}
    assert all(hasattr(model, "bound") for model in sealed)


def test_key_stays_while_anything_needs_it(boss, settings):
    user, passphrase = boss
    tell("A van.")

    def refusal():
        with pytest.raises(Refused) as caught:
            key_rotation.retire(
                by=user, passphrase=passphrase, now=timezone.now() + key_rotation.SETTLED
            )
        return str(caught.value)

    assert refusal() == (
        "No server has reported its key yet. Wait for the next maintenance run. "
        "1 stored item is still locked with this key. Lock it with the current key first."
    )
    key_rotation.report(now=timezone.now())
    keys = keyholders.rotate(by=user, passphrase=passphrase)
    assert "locks tips with an older key. Copy desk.pub to it." in refusal()
    key_rotation.step(by=user, keys=keys)
    now = timezone.now()
    key_rotation.report(now=now)
    assert "for less than an hour. Wait." in refusal()
    receiving.accept(token=receipts.new_token(), answers={"what": "On its way."})
    key_rotation.report(now=now + key_rotation.SETTLED)  # not empty: this does not count
    assert "for less than an hour. Wait." in refusal()
    outbox.drain()
    key_rotation.report(now=now + key_rotation.SETTLED)
    Node.objects.update(seen_at=now - key_rotation.SILENT)
    assert "has not reported for a day." in refusal()
    Node.objects.update(seen_at=now)
    assert len(key_rotation.retire(by=user, passphrase=passphrase, now=now).identities) == 1


def test_current_key_never_leaves(boss):
    user, passphrase = boss
    now = timezone.now()
    for later in (timedelta(), key_rotation.SETTLED):
        key_rotation.report(now=now + later)
    before = (state_files.folder() / "keyring.age").read_bytes()
    with pytest.raises(Refused):
        key_rotation.retire(by=user, passphrase=passphrase, now=timezone.now())
    assert (state_files.folder() / "keyring.age").read_bytes() == before


def test_a_new_key_is_due_after_a_quarter(boss):
    user, passphrase = boss
    now = timezone.now()
    KeyFileMark.objects.update(written=timezone.localdate() - key_rotation.QUARTER)
    assert key_rotation.due(now=now)
    assert not key_rotation.due(now=now - timedelta(days=1))
    keyholders.rotate(by=user, passphrase=passphrase)
    assert not key_rotation.due(now=now)


def test_a_digest_that_does_not_open_goes_as_a_search_makes_it_again(boss, monkeypatch):
    user, passphrase = boss
    tell("A van.")
    with monkeypatch.context() as before:
        before.setattr(digests, "VERSION", digests.VERSION - 1)
        opening.open_new(by=user, keys=keyholders.unlock(user=user, passphrase=passphrase))
    keys = keyholders.rotate(by=user, passphrase=passphrase)
    key_rotation.step(by=user, keys=keys)
    assert (key_rotation.rows_left(), Digest.objects.exists()) == (0, False)
