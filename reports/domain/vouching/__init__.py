"""Vouching: what an unlocked desk has opened or written is noticed when it is changed by anything else.

Each tip, pack, enquiry, search and outcome has one voucher: the hashes of all its rows, under a MAC with a key that
comes from the ring's newest audit key. The event of each act names the voucher as the act left it (`vouched`: its
version and its hash), so that chain and checkpoints vouch for it too and an older one cannot be put back. A row that
does not stand as its voucher says is never vouched for again. `rows.py` has what is covered, `findings.py` what is
noticed.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from reports.domain import audit
from reports.domain.errors import Refused
from reports.domain.vouching import rows as kept_rows
from reports.models import AuditAct, AuditEvent, RingMark, Tip, Voucher

if TYPE_CHECKING:
    from django.db.models import Model

AT_ONCE = 400  # subjects that one query asks for
NAMED = "vouched"  # in an event's detail: the version and hash of the subject's voucher


class Held(Protocol):
    """What vouching needs of an unlocked desk's keys."""

    @property
    def index(self) -> int:
        """Return the number of the desk's newest key that they hold."""

    @property
    def vouchers(self) -> audit.Vouchers | None:
        """Return what the ring vouches for."""


class Named(NamedTuple):
    """The newest voucher of a subject that the audit log names."""

    version: int
    digest: str
    seq: int


@dataclass
class Change:
    """What an act did to the rows of one subject."""

    rows: list["Model"] = field(default_factory=list)  # written just now
    digests: dict[str, str] = field(default_factory=dict)  # of rows that nobody has vouched for, by name
    gone: list[str] = field(default_factory=list)  # deleted just now, by name
    was: dict[str, str] = field(default_factory=dict)  # the hashes before, of rows that were there already
    anew: bool = False  # made from what is vouched for itself, whatever stood there before
    first: bool = False  # nobody has vouched for anything of it yet


_holder: ContextVar[Callable[[], "Held | None"]] = ContextVar("holder", default=lambda: None)


@contextmanager
def by_holder(find: Callable[[], "Held | None"]) -> Iterator[None]:
    """Let everything that is written inside be vouched for with the keys that `find` gives; on a locked desk, none."""
    before = _holder.set(find)
    try:
        yield
    finally:
        _holder.reset(before)


def of_tip(
    tip: Tip, *written: "Model", gone: Iterable["Model"] = (), was: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Vouch for rows of a tip that were just written, and return what the act's event has to name.

    `was` has the hashes, by name, of rows that were there before. Call it in the act's transaction, just before the
    event. Nothing is vouched for on a locked desk. Raises Refused if the desk has a newer key.
    """
    if _holder.get()() is None:
        return {}
    new = not Tip.objects.filter(pk=tip.pk, opened=True).exists()
    rows = [tip, *written] if new else list(written)
    return of(tip.reference, *rows, gone=gone, was=was, first=new)


def of(
    subject: str,
    *written: "Model",
    gone: Iterable["Model"] = (),
    was: Mapping[str, str] | None = None,
    first: bool = False,
) -> dict[str, str]:
    """Do the same for another subject; `first`: the act makes it."""
    names = [kept_rows.name(row, subject=subject) for row in gone]
    change = Change(rows=list(written), gone=names, was=dict(was or {}), first=first)
    return renew({subject: change}).get(subject, {})


def standing_of(*there: "Model") -> dict[str, str]:
    """Return the hashes of rows, by name, before they are changed: `was` of the functions above."""
    return {kept_rows.name(row, subject=one): kept_rows.digest(row) for row in there for one in kept_rows.subjects(row)}


def renew(changes: Mapping[str, Change], *, keys: "Held | None" = None) -> dict[str, dict[str, str]]:
    """Renew the vouchers of several subjects; return what each one's event has to name, of those that were renewed.

    A voucher that does not hold, or that is gone, stays as it is, and so does the hash of a row that was not as its
    voucher says.
    """
    keys = keys or _holder.get()()
    if not changes or keys is None or keys.vouchers is None or not keys.vouchers.keys:
        return {}
    audit.take_turn()  # before any voucher is read: all who write them wait here
    _require_newest(keys)
    key, found = mac_key(keys.vouchers.keys[0][1]), _found(changes)
    fell = fallen({subject: one for subject, (_voucher, one) in found.items() if one})
    made, changed = [], []
    for subject, change in changes.items():
        voucher, named = found[subject]
        if voucher is None and named is None and change.first:
            voucher = Voucher(subject=subject)
            made.append(voucher)
        elif voucher is not None and holds(voucher, named, key=key):
            changed.append(voucher)
        else:
            continue
        if subject in fell:
            voucher.rows = {row: said for row, said in voucher.rows.items() if not row.startswith("signature ")}
        _apply(voucher, change)
        voucher.mac = mac(voucher, key=key)
    Voucher.objects.bulk_create(made)
    Voucher.objects.bulk_update(changed, ["version", "rows", "mac"], batch_size=AT_ONCE)
    return {voucher.subject: {NAMED: f"{voucher.version} {digest(voucher)}"} for voucher in (*made, *changed)}


def turn(*, before: bytes, after: bytes) -> list[str]:
    """Put all vouchers that hold under the new audit key, and return the subjects of those that do not.

    These stay under the older key, so that nobody ever takes them for vouched. The caller is in the transaction that
    writes the ring. Hashes are not made anew: what was changed before stays noticed.
    """
    old, new, strange = mac_key(before), mac_key(after), list[str]()
    for some in _in_turn():
        good = []
        for subject, (voucher, named) in some.items():
            if voucher is not None and holds(voucher, named, key=old):
                voucher.mac = mac(voucher, key=new)
                good.append(voucher)
            else:
                strange.append(subject)
        Voucher.objects.bulk_update(good, ["mac"])
    return strange


def turn_restored(*, before: Iterable[bytes], after: bytes) -> list[str]:
    """Do the same for an older database, whose newest audit key was the first of `before` under which anything holds.

    What holds under one older still stays as it is: somebody who left may have made it.
    """
    for key in before:
        there = (pair for some in _in_turn() for pair in some.values())
        if any(voucher is not None and holds(voucher, one, key=mac_key(key)) for voucher, one in there):
            return [] if key == after else turn(before=key, after=after)
    return []


def forget(*, subjects: Iterable[str]) -> None:
    """Delete the vouchers of what the caller deletes for good, in its transaction."""
    audit.take_turn()
    Voucher.objects.filter(pk__in=list(subjects)).delete()


def holds(voucher: Voucher, named: Named | None, *, key: bytes | None) -> bool:
    """Return whether a voucher is the newest that the log names and, where the key is there, under its MAC."""
    newest = named is not None and (named.version, named.digest) == (voucher.version, digest(voucher))
    return newest and (key is None or hmac.compare_digest(voucher.mac.encode(), mac(voucher, key=key).encode()))


def named(subjects: Iterable[str]) -> dict[str, Named]:
    """Return the newest voucher of each subject that the log names; a later event never makes an older one newer."""
    events = AuditEvent.objects.filter(subject__in=list(subjects), detail__has_key=NAMED).order_by("seq")
    newest: dict[str, Named] = {}
    for subject, seq, detail in events.values_list("subject", "seq", "detail"):
        version, _space, said = str(detail[NAMED]).partition(" ")
        if version.isdecimal() and (subject not in newest or int(version) > newest[subject].version):
            newest[subject] = Named(int(version), said, seq)
    return newest


def fallen(in_log: Mapping[str, Named]) -> set[str]:
    """Return the packs whose signatures fell after their newest voucher: maintenance takes them off without a key."""
    fell = AuditEvent.objects.filter(act=AuditAct.SIGNATURES_VOID, subject__in=list(in_log))
    return {subject for subject, seq in fell.values_list("subject", "seq") if seq > in_log[subject].seq}


def vouched(there: Iterable["Model"], *, keys: "Held") -> dict["Model", bool | None]:
    """Return of each row whether it stands as its vouchers say; None where none names it."""
    rows = list(there)
    found = _found({subject for row in rows for subject in kept_rows.subjects(row)})
    key = mac_key(keys.vouchers.keys[0][1]) if keys.vouchers and keys.vouchers.keys else None
    return {row: _stands(row, found, key) for row in rows}


def mac_key(audit_key: bytes) -> bytes:
    """Return the key of vouchers' MACs that belongs to an audit key of the ring (32 bytes, HKDF-SHA256)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"streetlight/1 voucher").derive(audit_key)


def digest(voucher: Voucher) -> str:
    """Return the hash of a voucher: SHA-256, in hex, of its subject, version and rows."""
    text = json.dumps([voucher.subject, voucher.version, voucher.rows], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def mac(voucher: Voucher, *, key: bytes) -> str:
    """Return the MAC of a voucher: HMAC-SHA256, in hex."""
    return hmac.new(key, digest(voucher).encode(), hashlib.sha256).hexdigest()


def _in_turn() -> Iterator[dict[str, tuple[Voucher | None, Named | None]]]:
    """Yield every voucher, and what the log names of it, some at a time."""
    subjects = list(Voucher.objects.order_by("subject").values_list("subject", flat=True))
    for at in range(0, len(subjects), AT_ONCE):
        yield _found(subjects[at : at + AT_ONCE])


def _found(subjects: Iterable[str]) -> dict[str, tuple[Voucher | None, Named | None]]:
    """Return each subject's voucher, and what the log names of it."""
    wanted = list(subjects)
    vouchers, in_log = Voucher.objects.in_bulk(wanted), named(wanted)
    return {subject: (vouchers.get(subject), in_log.get(subject)) for subject in wanted}


def _apply(voucher: Voucher, change: Change) -> None:
    """Set the hashes of rows in a voucher, and count its version up."""
    voucher.rows = change.digests | voucher.rows
    for row in change.rows:
        one = kept_rows.name(row, subject=voucher.subject)
        before = voucher.rows.get(one)
        if before is None or change.anew or change.was.get(one) == before:
            voucher.rows[one] = kept_rows.digest(row)
    for one in change.gone:
        voucher.rows.pop(one, None)
    voucher.version += 1


def _stands(row: "Model", found: Mapping[str, tuple[Voucher | None, Named | None]], key: bytes | None) -> bool | None:
    answers = set()
    for subject in kept_rows.subjects(row):
        voucher, in_log = found[subject]
        if voucher is None:
            answers.add(None if in_log is None else False)
            continue
        said = voucher.rows.get(kept_rows.name(row, subject=subject))
        answers.add(holds(voucher, in_log, key=key) and (None if said is None else said == kept_rows.digest(row)))
    return False if False in answers else None if None in answers else True


def _require_newest(keys: Held) -> None:
    """Refuse to vouch with keys of a ring that was changed meanwhile."""
    newest = RingMark.objects.order_by("-version").values_list("key_index", flat=True).first()
    if newest is not None and newest != keys.index:
        raise Refused(_("The desk has a new key. Unlock the desk again, then save this once more."))
