"""The keyring: how it is sealed and opened, and every change that makes a new key file from an old one.

    passphrase -> (Argon2id) -> keyholder's identity -> (age) -> key file -> desk identities -> (age) -> envelopes

`keyring_text.py` has the text form of a keyring, `keyholder.py` a keyholder's own key and their passphrase. Other
packages import what concerns recipients and fingerprints from here.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyrage

from reports.sealing import keyring_text
from reports.sealing.keyholder import (
    KeyringError,
    check_recipient,
    fingerprint,
    new_identity,
    recipient_of,
)
from reports.sealing.keyring_text import DeskKey, Keyring

_DESK_PUB = re.compile(r"# streetlight desk key ([0-9]{1,9})\n(age1[0-9a-z]+)\n")


class NotAMember(KeyringError):
    """The key file does not open for this identity, or the file is damaged: age cannot tell the two apart."""


@dataclass(frozen=True)
class DeskPub:
    """The desk's current public key: its number, and its recipient (`age1...`)."""

    index: int
    recipient: str


def new_keyring(*, recipients: Iterable[str], recovery: str = "") -> Keyring:
    """Return a first keyring, with desk key 1, that `recipients` (`age1...`) open.

    `recovery` is the one of them that is on the recovery sheet. Raises KeyringError if there are none, or one is
    invalid.
    """
    members = tuple(dict.fromkeys(map(check_recipient, recipients)))
    if not members:
        raise KeyringError("A ring needs somebody who can open it.")
    key = secrets.token_bytes(32)
    return Keyring(
        version=1, keys=(_new_key(1),), audit_key=key, recipients=members, recovery=recovery
    )


def grant(keyring: Keyring, *, recipient: str) -> Keyring:
    """Return the key file opened to `recipient` as well, or the same key file if it was already.

    Compare fingerprints first. Raises KeyringError if `recipient` is invalid.
    """
    recipient = check_recipient(recipient)
    if recipient in keyring.recipients:
        return keyring
    return replace(
        keyring, version=keyring.version + 1, recipients=(*keyring.recipients, recipient)
    )


def revoke(keyring: Keyring, *, recipient: str) -> Keyring:
    """Return the key file without `recipient`, and with a new desk key that they never see.

    They cannot open what is sealed from now on; they may have kept what they could open before. Raises KeyringError
    if `recipient` is the last one.
    """
    staying = tuple(member for member in keyring.recipients if member != recipient)
    if not staying:
        raise KeyringError("Nobody could open the ring any more. Let somebody else in first.")
    return rotate(replace(keyring, recipients=staying))


def rotate(keyring: Keyring) -> Keyring:
    """Return the key file with a new desk key and a new audit key on top.

    Older ones still open what was sealed to them.

    Holders of the older audit key can prove nothing later; `placed` records from which checkpoint on.
    """
    return replace(
        keyring,
        version=keyring.version + 1,
        keys=(_new_key(keyring.current.index + 1), *keyring.keys),
        audit_key=secrets.token_bytes(32),
        audit_before=keyring.audit_keys,
    )


def placed(
    keyring: Keyring, *, was: Keyring | None, checkpoints: int, stood_at: tuple[int, str] | None
) -> Keyring:
    """Return the key file with its place in the audit log: `checkpoints` so far, and `stood_at`, the newest event.

    `was` is the key file before the change; an audit key that it lacks vouches from the next checkpoint on.
    """
    if was is None or keyring.audit_key == was.audit_key:
        return replace(keyring, stood_at=stood_at)
    return replace(
        keyring, stood_at=stood_at, audit_from=checkpoints + 1, audit_before=was.audit_keys
    )


def restored(keyring: Keyring, *, checkpoints: int) -> Keyring:
    """Return the keyring for an older audit log that was put back and has this number of checkpoints.

    What follows is verified by the newest audit key, whatever number the lost log had come to.
    """
    first, *before = ((min(number, checkpoints + 1), key) for number, key in keyring.audit_keys)
    return replace(
        keyring, version=keyring.version + 1, audit_from=first[0], audit_before=tuple(before)
    )


def retire(keyring: Keyring, *, index: int) -> Keyring:
    """Return the key file without desk key `index`.

    Whatever is still sealed to it, in backups too, can never be opened.

    Raises KeyringError for the current key, or one that the key file does not hold.
    """
    staying = tuple(key for key in keyring.keys if key.index != index)
    if index == keyring.current.index or len(staying) == len(keyring.keys):
        raise KeyringError("Only an older key of this ring can be taken out.")
    return replace(keyring, version=keyring.version + 1, keys=staying)


def seal_keyring(keyring: Keyring) -> bytes:
    """Return the key file as an armoured age file that any one of its recipients opens."""
    keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in keyring.recipients]
    return bytes(pyrage.encrypt(keyring_text.write(keyring).encode("ascii"), keys, armored=True))


def open_keyring(data: bytes, *, identity: str) -> Keyring:
    """Return the keyring inside `data`, opened by a keyholder's `identity`. Raises NotAMember, KeyringError."""
    try:
        plain = bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)]))
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise NotAMember(
            "The ring does not open for this person, or the file is damaged."
        ) from error
    try:
        keyring = keyring_text.parse(plain.decode("ascii"))
    except (KeyringError, ValueError):
        # "from None": the first error may hold the text, and so the keys
        raise KeyringError(
            "The file opens, but does not hold a keyring in its proper form."
        ) from None
    if recipient_of(identity) not in keyring.recipients:
        raise KeyringError("The ring opens for somebody whom it does not name.")
    return keyring


def desk_pub(keyring: Keyring) -> str:
    """Return the text of `desk.pub`, which is also an age recipients file."""
    return f"# streetlight desk key {keyring.current.index}\n{keyring.current.recipient}\n"


def parse_desk_pub(text: str) -> DeskPub:
    """Return the desk key that the text of a `desk.pub` names. Raises KeyringError."""
    match = _DESK_PUB.fullmatch(text)
    if not match:
        raise KeyringError("This is not the text of a desk.pub.")
    try:
        return DeskPub(index=int(match[1]), recipient=check_recipient(match[2]))
    except KeyringError as error:
        raise KeyringError("The key in this desk.pub is damaged.") from error


def _new_key(index: int) -> DeskKey:
    return DeskKey(
        index=index, identity=new_identity(), created=datetime.now(UTC).date().isoformat()
    )
