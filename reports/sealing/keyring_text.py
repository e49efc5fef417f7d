"""The text of a keyring: an age identity file, so that an identity and the age tool alone open every envelope.

`age -d -i me keyring.age > keys; age -d -i keys envelope`. Everything but the identities is in comments:

    # streetlight ring 1
    # version 3
    # audit key <64 hexadecimal digits>, from checkpoint 18     newest first; ", from ..." is left out for the first
    # record at 240 <hash>          the newest event when the key file was written; left out where there was none
    # opened by age1...             one line for each member, and for the recovery sheet
    # recovery sheet age1...        the sheet's recipient; left out where unknown
    # desk key 2, created 2026-11-24
    AGE-SECRET-KEY-1...             newest first
"""

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from reports.sealing.keyholder import check_recipient, recipient_of

_KEYRING = re.compile(
    r"# streetlight ring 1\n# version ([0-9]{1,9})\n((?:# audit key [0-9a-f]{64}(?:, from checkpoint [0-9]{1,18})?\n)+)"
    r"(?:# record at ([0-9]{1,18}) ([0-9a-f]{64})\n)?((?:# opened by .+\n)+)(?:# recovery sheet (.+)\n)?"
    r"((?:# desk key [0-9]{1,9}, created .+\nAGE-SECRET-KEY-1.+\n)+)"
)
_AUDIT_KEY = re.compile(r"# audit key ([0-9a-f]{64})(?:, from checkpoint ([0-9]+))?\n")
_RECIPIENT = re.compile(r"# opened by (.+)\n")
_KEY = re.compile(r"# desk key ([0-9]+), created (.+)\n(.+)\n")


@dataclass(frozen=True)
class DeskKey:
    """One identity of the desk (`AGE-SECRET-KEY-1...`), its number from 1, and the day of its creation (ISO)."""

    index: int
    identity: str = field(repr=False)
    created: str

    @property
    def recipient(self) -> str:
        """The public half, `age1...`."""
        return recipient_of(self.identity)


@dataclass(frozen=True)
class Keyring:
    """The desk's identities, newest first, the audit key (32 bytes), and the recipients that open the file.

    `version` grows with every change. `audit_from` is the first checkpoint that the audit key may prove; each of
    `audit_before` verified from its number on, up to the next. `stood_at` is the number and hash of the newest audit
    event when the key file was written. `recovery` is the recipient of the printed sheet, empty if unknown. Secrets
    stay out of the repr, and so out of logs and error pages.
    """

    version: int
    keys: tuple[DeskKey, ...]
    audit_key: bytes = field(repr=False)
    recipients: tuple[str, ...]
    audit_from: int = field(default=1, repr=False)
    audit_before: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)
    stood_at: tuple[int, str] | None = field(default=None, repr=False)
    recovery: str = field(default="", repr=False)

    @property
    def current(self) -> DeskKey:
        """The newest desk key, the one that new envelopes are sealed to."""
        return self.keys[0]

    @property
    def identities(self) -> list[str]:
        """Every desk identity, newest first, for opening envelopes."""
        return [key.identity for key in self.keys]

    @property
    def audit_keys(self) -> tuple[tuple[int, bytes], ...]:
        """Every audit key, newest first, each with the first checkpoint that it may prove."""
        return ((self.audit_from, self.audit_key), *self.audit_before)


def write(keyring: Keyring) -> str:
    """Return the key file's text, an age identity file."""
    head = f"# streetlight ring 1\n# version {keyring.version}\n"
    audit = ""
    for first, key in keyring.audit_keys:
        start = f", from checkpoint {first}" if first > 1 else ""
        audit += f"# audit key {key.hex()}{start}\n"
    record = ""
    if keyring.stood_at:
        record = f"# record at {keyring.stood_at[0]} {keyring.stood_at[1]}\n"
    members = "".join(f"# opened by {recipient}\n" for recipient in keyring.recipients)
    sheet = ""
    if keyring.recovery:
        sheet = f"# recovery sheet {keyring.recovery}\n"
    keys = "".join(
        f"# desk key {key.index}, created {key.created}\n{key.identity}\n" for key in keyring.keys
    )
    return head + audit + record + members + sheet + keys


def parse(text: str) -> Keyring:
    """Return the key file of a text.

    Raises ValueError or KeyringError unless it is sound and in its one proper form.
    """
    match = _KEYRING.fullmatch(text)
    if not match:
        raise ValueError("not a ring")
    version, audit, at, stood, members, sheet, keys = match.groups()
    (newest, *before) = [
        (int(first or 1), bytes.fromhex(key)) for key, first in _AUDIT_KEY.findall(audit)
    ]
    keyring = Keyring(
        version=int(version),
        keys=tuple(_parse_key(*parts) for parts in _KEY.findall(keys)),
        audit_key=newest[1],
        recipients=tuple(map(check_recipient, _RECIPIENT.findall(members))),
        audit_from=newest[0],
        audit_before=tuple(before),
        stood_at=(int(at), stood) if at else None,
        recovery=sheet or "",
    )
    descending = all(newer.index > older.index for newer, older in pairwise(keyring.keys))
    falling = all(newer[0] >= older[0] for newer, older in pairwise(keyring.audit_keys))
    known = not keyring.recovery or keyring.recovery in keyring.recipients
    if not (descending and falling and known) or write(keyring) != text:
        raise ValueError("not the proper form")
    return keyring


def _parse_key(index: str, day: str, identity: str) -> DeskKey:
    recipient_of(identity)  # raises if it is none
    return DeskKey(index=int(index), identity=identity, created=date.fromisoformat(day).isoformat())
