"""The key ring: how it is sealed and opened, and every change that makes a new ring from an old one.

    phrase -> (Argon2id) -> keyholder's identity -> (age) -> ring -> desk identities -> (age) -> envelopes

`ringtext.py` has the text form of a ring. Other packages import all that concerns keys from here.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyrage

from reports.sealing import ringtext
from reports.sealing.keyholder import (
    ARGON2,
    PHRASE_WORDS,
    Costs,
    KeyringError,
    Wrapped,
    WrongPhrase,
    check_recipient,
    fingerprint,
    new_identity,
    new_phrase,
    normalise_phrase,
    recipient_of,
    spend,
    unwrap,
    wrap,
)
from reports.sealing.ringtext import DeskKey, Ring

_DESK_PUB = re.compile(r"# streetlight desk key ([0-9]{1,9})\n(age1[0-9a-z]+)\n")


class NotAMember(KeyringError):
    """The ring does not open for this identity, or the file is damaged: age cannot tell the two apart."""


@dataclass(frozen=True)
class DeskPub:
    """The desk's current public key: its number, and its recipient (`age1...`)."""

    index: int
    recipient: str


def new_ring(*, recipients: Iterable[str], recovery: str = "") -> Ring:
    """Return a first ring, with desk key 1, that `recipients` (`age1...`) open.

    `recovery` is the one of them that is on the recovery sheet. Raises KeyringError if there are none, or one is
    invalid.
    """
    members = tuple(dict.fromkeys(map(check_recipient, recipients)))
    if not members:
        raise KeyringError("A ring needs somebody who can open it.")
    key = secrets.token_bytes(32)
    return Ring(version=1, keys=(_new_key(1),), audit_key=key, recipients=members, recovery=recovery)


def grant(ring: Ring, *, recipient: str) -> Ring:
    """Return the ring opened to `recipient` as well, or the same ring if it was already.

    Compare fingerprints first. Raises KeyringError if `recipient` is invalid.
    """
    recipient = check_recipient(recipient)
    if recipient in ring.recipients:
        return ring
    return replace(ring, version=ring.version + 1, recipients=(*ring.recipients, recipient))


def revoke(ring: Ring, *, recipient: str) -> Ring:
    """Return the ring without `recipient`, and with a new desk key that they never see.

    They cannot open what is sealed from now on; they may have kept what they could open before. Raises KeyringError
    if `recipient` is the last one.
    """
    staying = tuple(member for member in ring.recipients if member != recipient)
    if not staying:
        raise KeyringError("Nobody could open the ring any more. Let somebody else in first.")
    return rotate(replace(ring, recipients=staying))


def rotate(ring: Ring) -> Ring:
    """Return the ring with a new desk key and a new audit key on top; older ones still open what was sealed to them.

    Holders of the older audit key can vouch for nothing later; `placed` records from which checkpoint on.
    """
    return replace(
        ring,
        version=ring.version + 1,
        keys=(_new_key(ring.current.index + 1), *ring.keys),
        audit_key=secrets.token_bytes(32),
        audit_before=ring.audit_keys,
    )


def placed(ring: Ring, *, was: Ring | None, checkpoints: int, stood_at: tuple[int, str] | None) -> Ring:
    """Return the ring with its place in the audit log: `checkpoints` so far, and `stood_at`, the newest event.

    `was` is the ring before the change; an audit key that it lacks vouches from the next checkpoint on.
    """
    if was is None or ring.audit_key == was.audit_key:
        return replace(ring, stood_at=stood_at)
    return replace(ring, stood_at=stood_at, audit_from=checkpoints + 1, audit_before=was.audit_keys)


def restored(ring: Ring, *, checkpoints: int) -> Ring:
    """Return the ring for an older record that was put back, with so many checkpoints: no key vouches beyond them yet.

    What follows is vouched for by the newest audit key, whatever number the lost record had come to.
    """
    first, *before = ((min(number, checkpoints + 1), key) for number, key in ring.audit_keys)
    return replace(ring, version=ring.version + 1, audit_from=first[0], audit_before=tuple(before))


def retire(ring: Ring, *, index: int) -> Ring:
    """Return the ring without desk key `index`: whatever is still sealed to it, in backups too, can never be opened.

    Raises KeyringError for the current key, or one that the ring does not hold.
    """
    staying = tuple(key for key in ring.keys if key.index != index)
    if index == ring.current.index or len(staying) == len(ring.keys):
        raise KeyringError("Only an older key of this ring can be taken out.")
    return replace(ring, version=ring.version + 1, keys=staying)


def seal_ring(ring: Ring) -> bytes:
    """Return the ring as an armoured age file that any one of its recipients opens."""
    keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in ring.recipients]
    return bytes(pyrage.encrypt(ringtext.write(ring).encode("ascii"), keys, armored=True))


def open_ring(data: bytes, *, identity: str) -> Ring:
    """Return the ring inside `data`, opened by a keyholder's `identity`. Raises NotAMember, KeyringError."""
    try:
        plain = bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)]))
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise NotAMember("The ring does not open for this person, or the file is damaged.") from error
    try:
        ring = ringtext.parse(plain.decode("ascii"))
    except (KeyringError, ValueError):
        # "from None": the first error may hold the text, and so the keys
        raise KeyringError("The file opens, but does not hold a ring in its proper form.") from None
    if recipient_of(identity) not in ring.recipients:
        raise KeyringError("The ring opens for somebody whom it does not name.")
    return ring


def desk_pub(ring: Ring) -> str:
    """Return the text of `desk.pub`, which is also an age recipients file."""
    return f"# streetlight desk key {ring.current.index}\n{ring.current.recipient}\n"


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
    return DeskKey(index=index, identity=new_identity(), created=datetime.now(UTC).date().isoformat())
