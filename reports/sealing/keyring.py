"""The key ring: the desk's identities in one age file, which opens for each of its members.

    phrase -> (Argon2id) -> keyholder's identity -> (age) -> ring -> desk identities -> (age) -> envelopes

The ring's plaintext is itself an age identity file, so an identity and age alone read what was sealed:
`age -d -i me ring.age > keys; age -d -i keys envelope`. All but the identities is in comments:

    # streetlight ring 1
    # version 3
    # audit key <64 hexadecimal digits>
    # opened by age1...             one line for each member
    # desk key 2, created 2026-11-24
    AGE-SECRET-KEY-1...             newest first
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pyrage

from reports.sealing.keyholder import (
    ARGON2,
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
    unwrap,
    wrap,
)

# The rooms above meet keys here only; what one keyholder has is written next door to keep each file short.
__all__ = [
    "ARGON2",
    "Costs",
    "DeskKey",
    "DeskPub",
    "DeskPubMalformed",
    "KeyringError",
    "NotAMember",
    "Ring",
    "RingMalformed",
    "Wrapped",
    "WrongPhrase",
    "desk_pub",
    "fingerprint",
    "grant",
    "new_identity",
    "new_phrase",
    "new_ring",
    "normalise_phrase",
    "open_ring",
    "parse_desk_pub",
    "recipient_of",
    "retire",
    "revoke",
    "rotate",
    "seal_ring",
    "unwrap",
    "wrap",
]

_RING = re.compile(
    r"# streetlight ring 1\n# version ([0-9]{1,9})\n# audit key ([0-9a-f]{64})\n"
    r"((?:# opened by .+\n)+)((?:# desk key [0-9]{1,9}, created .+\nAGE-SECRET-KEY-1.+\n)+)"
)
_RING_RECIPIENT = re.compile(r"# opened by (.+)\n")
_RING_KEY = re.compile(r"# desk key ([0-9]+), created (.+)\n(.+)\n")
_DESK_PUB = re.compile(r"# streetlight desk key ([0-9]{1,9})\n(age1[0-9a-z]+)\n")


class NotAMember(KeyringError):
    """The ring does not open for this identity; age cannot tell that from a damaged file."""


class RingMalformed(KeyringError):
    """The ring opens, but its text is not a ring in its one proper form."""


class DeskPubMalformed(KeyringError):
    """This text is not that of a `desk.pub`."""


@dataclass(frozen=True)
class DeskKey:
    """One identity of the desk (`AGE-SECRET-KEY-1...`), its number from 1, and the day it dates from (ISO)."""

    index: int
    identity: str = field(repr=False)
    created: str

    @property
    def recipient(self) -> str:
        """The public half, `age1...`."""
        return recipient_of(self.identity)


@dataclass(frozen=True)
class Ring:
    """The desk's identities, newest first, the audit key (32 bytes), and the recipients that open the file.

    `version` grows with every change. Secrets stay out of the repr, and so out of logs and error pages.
    """

    version: int
    keys: tuple[DeskKey, ...]
    audit_key: bytes = field(repr=False)
    recipients: tuple[str, ...]

    @property
    def current(self) -> DeskKey:
        """The newest desk key, the one that new envelopes are sealed to."""
        return self.keys[0]

    @property
    def identities(self) -> list[str]:
        """Every desk identity, newest first, for opening envelopes."""
        return [key.identity for key in self.keys]


@dataclass(frozen=True)
class DeskPub:
    """What the public side knows of the desk: the number of its current key, and its recipient."""

    index: int
    recipient: str


def new_ring(*, recipients: Iterable[str]) -> Ring:
    """Return a first ring, with desk key 1, that `recipients` (`age1...`) open.

    Raises KeyringError if there are none, or one is invalid.
    """
    members = tuple(dict.fromkeys(map(check_recipient, recipients)))
    if not members:
        raise KeyringError("A ring needs somebody who can open it.")
    return Ring(version=1, keys=(_new_key(1),), audit_key=secrets.token_bytes(32), recipients=members)


def grant(ring: Ring, *, recipient: str) -> Ring:
    """Return the ring as it opens for `recipient` too, or the same ring if it did already.

    Compare fingerprints first. Raises KeyringError if `recipient` is invalid.
    """
    recipient = check_recipient(recipient)
    if recipient in ring.recipients:
        return ring
    return replace(ring, version=ring.version + 1, recipients=(*ring.recipients, recipient))


def revoke(ring: Ring, *, recipient: str) -> Ring:
    """Return the ring without `recipient`, and with a new desk key that they never see.

    What is sealed from now on they cannot open; what they could open before, they may have kept. Raises
    NotAMember, or KeyringError if `recipient` is the last one.
    """
    if recipient not in ring.recipients:
        raise NotAMember("The ring does not open for this person, so there is nothing to take away.")
    staying = tuple(member for member in ring.recipients if member != recipient)
    if not staying:
        raise KeyringError("Nobody could open the ring any more. Let somebody else in first.")
    return rotate(replace(ring, recipients=staying))


def rotate(ring: Ring) -> Ring:
    """Return the ring with a new desk key on top; older ones still open what was sealed to them."""
    return replace(ring, version=ring.version + 1, keys=(_new_key(ring.current.index + 1), *ring.keys))


def retire(ring: Ring, *, index: int) -> Ring:
    """Return the ring without desk key `index`: what is still sealed to it can never be opened again, backups too.

    Raises KeyringError for the current key, or one that the ring does not hold.
    """
    staying = tuple(key for key in ring.keys if key.index != index)
    if index == ring.current.index or len(staying) == len(ring.keys):
        raise KeyringError("Only an older key of this ring can be taken out.")
    return replace(ring, version=ring.version + 1, keys=staying)


def seal_ring(ring: Ring) -> bytes:
    """Return the ring as an armoured age file that any one of its recipients opens."""
    keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in ring.recipients]
    return bytes(pyrage.encrypt(_ring_text(ring).encode("ascii"), keys, armored=True))


def open_ring(data: bytes, *, identity: str) -> Ring:
    """Return the ring inside `data`, opened by a keyholder's `identity`. Raises NotAMember, RingMalformed."""
    try:
        plain = bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(identity)]))
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise NotAMember("The ring does not open for this person, or the file is damaged.") from error
    try:
        ring = _parse_ring(plain.decode("ascii"))
    except (KeyringError, ValueError):
        # "from None": the first error may hold the text, and so the keys
        raise RingMalformed("The file opens, but does not hold a ring in its proper form.") from None
    if recipient_of(identity) not in ring.recipients:
        raise RingMalformed("The ring opens for somebody whom it does not name.")
    return ring


def desk_pub(ring: Ring) -> str:
    """Return the text of `desk.pub`, which is also an age recipients file."""
    return f"# streetlight desk key {ring.current.index}\n{ring.current.recipient}\n"


def parse_desk_pub(text: str) -> DeskPub:
    """Return the desk key that the text of a `desk.pub` names. Raises DeskPubMalformed."""
    found = _DESK_PUB.fullmatch(text)
    if not found:
        raise DeskPubMalformed("This is not the text of a desk.pub.")
    try:
        return DeskPub(index=int(found[1]), recipient=check_recipient(found[2]))
    except KeyringError as error:
        raise DeskPubMalformed("The key in this desk.pub is damaged.") from error


def _ring_text(ring: Ring) -> str:
    """Write the ring down as an age identity file."""
    head = f"# streetlight ring 1\n# version {ring.version}\n# audit key {ring.audit_key.hex()}\n"
    members = "".join(f"# opened by {recipient}\n" for recipient in ring.recipients)
    keys = "".join(f"# desk key {key.index}, created {key.created}\n{key.identity}\n" for key in ring.keys)
    return head + members + keys


def _parse_ring(text: str) -> Ring:
    """Read a ring back; raises ValueError or KeyringError unless it is sound and in its one proper form."""
    found = _RING.fullmatch(text)
    if not found:
        raise ValueError("not a ring")
    version, audit_key, members, keys = found.groups()
    ring = Ring(
        version=int(version),
        keys=tuple(_parse_key(*parts) for parts in _RING_KEY.findall(keys)),
        audit_key=bytes.fromhex(audit_key),
        recipients=tuple(map(check_recipient, _RING_RECIPIENT.findall(members))),
    )
    if any(newer.index <= older.index for newer, older in pairwise(ring.keys)) or _ring_text(ring) != text:
        raise ValueError("not the proper form")
    return ring


def _parse_key(index: str, day: str, identity: str) -> DeskKey:
    recipient_of(identity)  # raises if it is none
    return DeskKey(index=int(index), identity=identity, created=date.fromisoformat(day).isoformat())


def _new_key(index: int) -> DeskKey:
    return DeskKey(index=index, identity=new_identity(), created=datetime.now(UTC).date().isoformat())
