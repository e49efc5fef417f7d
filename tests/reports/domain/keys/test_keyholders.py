"""Unlocking: only a keyholder's words open the key file, and only the newest key file counts."""

import os
from dataclasses import replace

import pytest
from django.conf import settings

from reports.domain import state_files
from reports.domain.audit import audit_log
from reports.domain.errors import DeskBroken, WrongWords
from reports.domain.keys import keyholders, passphrases
from reports.models import AuditAct, AuditEvent, Checkpoint, KeyFileMark
from reports.sealing import keyholder, keyring
from tests.reports import forging


def test_unlock_gives_the_identity_that_desk_pub_seals_to(caseworker, passphrase):
    keys = keyholders.unlock(user=caseworker, passphrase=passphrase)
    assert [keyring.recipient_of(identity) for identity in keys.identities] == [
        state_files.public_key().recipient
    ]
    assert AuditEvent.objects.latest("seq").act == "unlocked"


def refuses(user, passphrase):
    """Return whether a passphrase opens nothing, and the record says that it was tried."""
    tries = AuditEvent.objects.filter(act="unlock-refused", actor=user.get_username())
    before = tries.count()
    try:
        keyholders.unlock(user=user, passphrase=passphrase)
    except WrongWords:
        return tries.count() == before + 1
    return False


@pytest.mark.promise(
    "keys",
    control="test_control_a_key_that_any_words_open_and_a_refusal_without_a_record_are_caught",
    name="own-words",
)
def test_wrong_passphrase_opens_nothing_and_is_recorded(caseworker, passphrase):
    """A wrong passphrase opens nothing, and its use is recorded."""
    assert refuses(caseworker, keyholder.new_passphrase())
    assert not refuses(caseworker, passphrase)


def test_control_a_key_that_any_words_open_and_a_refusal_without_a_record_are_caught(
    caseworker, passphrase, monkeypatch
):
    identity = passphrases.identity_of(user=caseworker, passphrase=passphrase)
    with monkeypatch.context() as broken:
        broken.setattr(keyholder, "unwrap", lambda wrapped, typed: identity)
        assert not refuses(caseworker, keyholder.new_passphrase())
    with monkeypatch.context() as broken:
        broken.setattr(audit_log, "record", lambda **event: None)
        assert not refuses(caseworker, keyholder.new_passphrase())
    assert refuses(caseworker, keyholder.new_passphrase())


@pytest.mark.promise("keys")
def test_older_key_file_put_back_refuses_to_unlock(caseworker, passphrase):
    """An older key file put back refuses to unlock."""
    KeyFileMark.objects.create(version=2, digest="0" * 64)
    with pytest.raises(DeskBroken, match="not the newest"):
        keyholders.unlock(user=caseworker, passphrase=passphrase)


@pytest.mark.promise("keys", name="own-words")
def test_swapped_desk_pub_refuses_to_unlock(caseworker, passphrase):
    """A swapped `desk.pub` refuses to unlock."""
    forging.swap_desk_pub()
    with pytest.raises(DeskBroken, match=r"desk\.pub"):
        keyholders.unlock(user=caseworker, passphrase=passphrase)


def test_files_of_the_desk_have_the_right_modes(passphrase):
    assert (state_files.folder() / "keyring.age").stat().st_mode & 0o777 == 0o600
    assert state_files.folder().stat().st_mode & 0o777 == 0o700


def test_identities_stay_out_of_the_repr(keys):
    assert "AGE-SECRET-KEY" in keys.identities[0]
    assert "AGE-SECRET-KEY" not in repr(replace(keys))


def test_keys_are_not_outdated_by_a_desk_pub_that_is_gone(keys):
    assert keys.outdated() is False
    (state_files.folder() / "desk.pub").unlink()
    assert keys.outdated() is False


@pytest.mark.parametrize(("index", "written"), [(1, 1), (2, 0)])
def test_the_record_is_vouched_for_with_the_newest_audit_key_alone(
    caseworker, keys, index, written
):
    audit_log.record(by=caseworker, act=AuditAct.READ, subject="7XVN-MA7R")
    KeyFileMark.objects.create(version=2, digest="0" * 64, key_index=index)
    os.utime(settings.RUN_DIR / keyholders.LAST_CHECKPOINT, (0, 0))
    before = Checkpoint.objects.count()
    keyholders.prove(keys=keys)
    assert Checkpoint.objects.count() - before == written
