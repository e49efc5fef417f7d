"""The desk's public key is brought to a public machine by hand, and compared."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reports.domain import state_files
from reports.sealing import keyring

pytestmark = pytest.mark.django_db


def typed(monkeypatch, *lines):
    """Let these lines be typed, and then the end of the input."""
    answers = iter(lines)

    def answer(_question=""):
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", answer)


def other_key(index):
    """Return the text of another key's desk.pub, and its fingerprint."""
    recipient = str(
        keyring.new_keyring(recipients=[state_files.public_key().recipient]).keys[0].recipient
    )
    return f"# streetlight desk key {index}\n{recipient}\n", keyring.fingerprint(recipient)


def printed(*arguments):
    out = StringIO()
    call_command("desk_key", *arguments, stdout=out)
    return out.getvalue()


def test_the_desks_machine_prints_what_to_carry(passphrase):
    key = state_files.public_key()
    said = printed()
    assert f"# streetlight desk key 1\n{key.recipient}\n" in said
    assert f"key 1: {keyring.fingerprint(key.recipient)}" in said


def test_a_public_machine_takes_a_newer_key_once_it_was_compared(passphrase, settings, monkeypatch):
    settings.SITE_ROLE = "public"
    text, fingerprint = other_key(2)
    typed(monkeypatch, *text.splitlines(), fingerprint.replace(" ", "  "))
    assert f"key 2: {fingerprint}" in printed("--take")
    assert (state_files.folder() / "desk.pub").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("index", "change", "said"),
    [
        (2, {"compared": "00000 00000 00000 00000 00000"}, "not this key’s fingerprint"),
        (2, {"text": "age1nothing\n"}, "not the two lines"),
        (0, {}, "already has key 1"),
        (2, {"role": "staff"}, "Only public servers"),
    ],
)
def test_what_is_not_a_newer_compared_key_is_not_stored(
    passphrase,
    settings,
    monkeypatch,
    *,
    index,
    change,
    said,
):
    settings.SITE_ROLE = change.get("role", "public")
    before = (state_files.folder() / "desk.pub").read_bytes()
    text, fingerprint = other_key(index)
    typed(
        monkeypatch, *change.get("text", text).splitlines(), change.get("compared", fingerprint), ""
    )
    with pytest.raises(CommandError, match=said):
        printed("--take")
    assert (state_files.folder() / "desk.pub").read_bytes() == before


def test_a_machine_without_a_key_takes_its_first(passphrase, settings, monkeypatch):
    settings.SITE_ROLE = "public"
    text, fingerprint = other_key(1)
    (state_files.folder() / "desk.pub").unlink()
    with pytest.raises(CommandError, match="There is no"):
        printed()
    typed(monkeypatch, *text.splitlines(), fingerprint)
    assert fingerprint in printed("--take")
