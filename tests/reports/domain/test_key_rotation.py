"""Quarter keys: kept tips move to the newest key, and an older key leaves only when nothing needs it any more."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import BinaryField
from django.utils import timezone

from reports.domain import desk, intake, key_rotation, triage
from reports.domain.errors import Refused
from reports.domain.intake import outbox
from reports.domain.keys import keyholders
from reports.domain.tips import opening
from reports.models import Entry, Node, Note, RingMark
from reports.sealing import envelope, keyring, receipts
from tests.reports.purging import purge


def tip_of(what: str):
    receipt = intake.accept(token=receipts.new_token(), answers={"what": what, "kind": "home"})
    outbox.drain()
    return Entry.objects.get(tip__lookup=receipts.lookup(receipt.token)).tip


def settle() -> None:
    """Let an hour and more pass on this machine, with an empty outbox."""
    now = timezone.now()
    key_rotation.report(now=now)
    key_rotation.report(now=now + key_rotation.SETTLED)


def test_resealing_goes_in_bounded_steps_and_says_how_far(boss) -> None:
    user, phrase = boss
    tips = [tip_of(f"Tip {number}") for number in range(5)]
    triage.note(tip=tips[0], text="A note.", by=user)
    keys = keyholders.rotate(by=user, phrase=phrase)
    assert key_rotation.progress() == key_rotation.Progress(total=6, done=0)
    seen = [key_rotation.step(by=user, keys=keys, limit=2).done for _ in range(4)]
    assert seen == [2, 4, 6, 6]
    for tip in tips:
        reading = opening.read(tip=tip, by=user, keys=keys)
        assert reading.arrivals[0].answers["what"].startswith("Tip ")
    assert opening.read(tip=tips[0], by=user, keys=keys).notes[0].text == "A note."


def test_what_is_sealed_again_opens_with_the_new_key_alone(boss) -> None:
    user, phrase = boss
    tip_of("A van.")
    old = desk.public_key()
    keys = keyholders.rotate(by=user, phrase=phrase)
    key_rotation.step(by=user, keys=keys)
    entry = Entry.objects.get()
    assert entry.key_index == old.index + 1
    current, older = keys.identities
    assert envelope.open_sealed(bytes(entry.sealed), identities=[current], bound=entry.bound())
    with pytest.raises(envelope.WrongKey):
        envelope.open_sealed(bytes(entry.sealed), identities=[older], bound=entry.bound())


def test_what_does_not_open_stays_as_it_is_and_is_counted(boss) -> None:
    user, phrase = boss
    tip_of("A van.")
    Entry.objects.update(tag="0" * 32)
    before = bytes(Entry.objects.get().sealed)
    keys = keyholders.rotate(by=user, phrase=phrase)
    progress = key_rotation.step(by=user, keys=keys)
    assert (progress.left, progress.stuck) == (1, 1)
    assert bytes(Entry.objects.get().sealed) == before


def test_every_table_of_sealed_bytes_is_sealed_again() -> None:
    sealed = {
        model
        for model in apps.get_app_config("reports").get_models()
        if any(isinstance(field, BinaryField) for field in model._meta.fields)
    }
    assert set(key_rotation.sealed_models()) == sealed >= {Entry, Note}
    assert all(hasattr(model, "bound") for model in sealed)


def test_key_stays_while_anything_needs_it(boss, settings) -> None:
    user, phrase = boss
    tip_of("A van.")

    def refusal() -> str:
        with pytest.raises(Refused) as caught:
            key_rotation.retire(by=user, phrase=phrase, now=timezone.now() + key_rotation.SETTLED)
        return str(caught.value)

    assert refusal() == (
        "No machine has reported its key yet. Wait for the next maintenance run. "
        "1 stored envelope is still sealed to it. Seal it again first."
    )
    key_rotation.report(now=timezone.now())
    keys = keyholders.rotate(by=user, phrase=phrase)
    assert "seals to an older key. Copy desk.pub there." in refusal()
    key_rotation.step(by=user, keys=keys)
    now = timezone.now()
    key_rotation.report(now=now)
    assert "for less than an hour. Wait." in refusal()
    intake.accept(token=receipts.new_token(), answers={"what": "On its way."})
    key_rotation.report(now=now + key_rotation.SETTLED)  # not empty: this does not count
    assert "for less than an hour. Wait." in refusal()
    outbox.drain()
    key_rotation.report(now=now + key_rotation.SETTLED)
    Node.objects.update(seen_at=now - key_rotation.SILENT)
    assert "has not reported for a day." in refusal()
    Node.objects.update(seen_at=now)
    assert len(key_rotation.retire(by=user, phrase=phrase, now=now).identities) == 1


def test_current_key_never_leaves(boss) -> None:
    user, phrase = boss
    settle()
    before = (desk.folder() / "ring.age").read_bytes()
    with pytest.raises(Refused):
        key_rotation.retire(by=user, phrase=phrase, now=timezone.now())
    assert (desk.folder() / "ring.age").read_bytes() == before


@pytest.mark.proof(
    "purge",
    "After a purge last month's backup does not open with today's ring",
    goal="0 opened",
)
def test_after_a_purge_last_months_backup_does_not_open_with_todays_ring(boss) -> None:
    user, phrase = boss
    tip, kept = tip_of("To be deleted."), tip_of("To be kept.")
    backup = {entry.tip_id: (bytes(entry.sealed), entry.bound()) for entry in Entry.objects.select_related("tip")}
    keys = keyholders.unlock(user=user, phrase=phrase)
    for sealed, bound in backup.values():  # the control: today it opens
        assert envelope.open_sealed(sealed, identities=keys.identities, bound=bound)
    purge(tip=tip)
    keys = keyholders.rotate(by=user, phrase=phrase)
    key_rotation.step(by=user, keys=keys)
    settle()
    keys = key_rotation.retire(by=user, phrase=phrase, now=timezone.now())
    for sealed, bound in backup.values():
        with pytest.raises(envelope.WrongKey):
            envelope.open_sealed(sealed, identities=keys.identities, bound=bound)
    assert opening.read(tip=kept, by=user, keys=keys).arrivals[0].answers["what"] == "To be kept."


def test_a_new_key_is_due_after_a_quarter(boss) -> None:
    user, phrase = boss
    now = timezone.now()
    RingMark.objects.update(written=timezone.localdate() - key_rotation.QUARTER)
    assert key_rotation.due(now=now)
    assert not key_rotation.due(now=now - timedelta(days=1))
    keyholders.rotate(by=user, phrase=phrase)
    assert not key_rotation.due(now=now)


def test_machines_are_known_by_their_state_folder_and_may_be_struck_off(boss, settings, tmp_path: Path) -> None:
    now = timezone.now()
    key_rotation.report(now=now)
    home, settings.STATE_DIR = settings.STATE_DIR, tmp_path
    key_rotation.report(now=now)
    assert sorted(Node.objects.values_list("key_index", flat=True)) == [0, 1]
    settings.STATE_DIR = home
    key_rotation.report(now=now)
    assert Node.objects.count() == 2
    key_rotation.forget_node(node=Node.objects.get(key_index=0), by=None)
    assert Node.objects.get().key_index == 1


def test_fingerprints_of_two_desk_keys_differ(boss) -> None:
    user, phrase = boss
    first = keyring.fingerprint(desk.public_key().recipient)
    keyholders.rotate(by=user, phrase=phrase)
    assert keyring.fingerprint(desk.public_key().recipient) != first
