"""The rows that events name: an unlocked desk's act names by hash what it wrote or deleted, under a MAC of its own.

The MAC is by the key file's audit key, over everything that the event says and the hash of the event before it, so that
no event can be changed, put in or appended again. Of each row the newest event with a right MAC counts.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256
from typing import Protocol

from django.db.models import Model, Q

from reports.domain.audit import columns, kept_hidden
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.errors import Refused
from reports.models import AuditAct, AuditEvent, Checkpoint, KeyFileMark

GONE = ""  # the hash of a row that was deleted
# What happens while nobody unlocked the desk counts without a MAC: it can only make something go. What hides a tip then
# counts where signed events bear it out (`kept_hidden`).
FALLS: dict[str, str] = {
    AuditAct.APPROVALS_VOID: "approval ",
    AuditAct.WITHDREW_OUTCOME: "outcome ",
    AuditAct.REMOVED_RECIPIENT: "recipient ",
}


class Signer(Protocol):
    """What an event's MAC needs of an unlocked desk's keys."""

    @property
    def index(self) -> int:
        """Return the number of the desk's newest key that they hold."""

    @property
    def audit_keys(self) -> AuditKeys | None:
        """Return what the key file proves."""


@dataclass(frozen=True)
class Named:
    """The rows of a subject that an act wrote or deleted, for its event to name (`names`).

    `was` has the hashes, by `columns.hashes`, of those that were there before; `keys` are the unlocked desk's, and None
    where the desk is locked.
    """

    written: Sequence[Model] = ()
    deleted: Sequence[Model] = ()
    was: Mapping[str, str] = field(default_factory=dict)
    keys: Signer | None = field(kw_only=True)


@dataclass
class Statement:
    """What the log says of a subject's rows: the hash of each by its name, GONE of one that went."""

    rows: dict[str, str] = field(default_factory=dict)
    tips: set[str] = field(
        default_factory=set
    )  # of a referral: the references of those that it was drafted with
    purged: int = 0  # the number of the event by which all of it was deleted

    def said_of(self, name: str) -> str:
        """Return the hash of a row, and GONE of one that is not there."""
        return self.rows.get(name, GONE)


def names(rows: Mapping[str, Named]) -> tuple[dict[str, dict[str, str]], bytes]:
    """Return what an event of each subject has to name, and the key of its MAC; the caller has locked the log.

    A row is named only if the log says of what was there before it what the caller says: nothing makes a changed row
    good. Raises Refused as `audit_keys_of` does.
    """
    audit_keys = audit_keys_of(next(iter(rows.values())).keys)
    statements = newest(rows, proof=audit_keys)
    named = dict[str, dict[str, str]]()
    for subject, its in rows.items():
        hashes = dict[str, str]()
        for row in its.written:
            name = columns.name(row, subject=subject)
            before = its.was.get(columns.key(row), GONE)
            if statements[subject].said_of(name) == before:
                hashes[name] = columns.digest(row)
        hashes |= {columns.name(row, subject=subject): GONE for row in its.deleted}
        named[subject] = hashes
    return named, audit_keys.keys[0][1]


def audit_keys_of(keys: Signer | None) -> AuditKeys:
    """Return what these keys prove; raises Refused on a locked desk, and for keys of a key file that has changed."""
    if keys is None or keys.audit_keys is None or not keys.audit_keys.keys:
        raise Refused("The desk is locked, so nothing was done. Unlock it and try again.")
    if (
        keys.index
        != KeyFileMark.objects.order_by("-version").values_list("key_index", flat=True).first()
    ):
        raise Refused(
            "The desk has a new key, so nothing was done. Unlock the desk again and try again."
        )
    return keys.audit_keys


def newest(subjects: Iterable[str], *, proof: AuditKeys | None) -> dict[str, Statement]:
    """Return what the newest events with a right MAC say of each of these subjects' rows.

    Without `proof`, from the key file, MACs cannot be tried, and every event counts that has one.
    """
    statements = {subject: Statement() for subject in subjects}
    counts = ~Q(mac="") | Q(act__in=[*FALLS, AuditAct.PURGED, AuditAct.KEPT_HIDDEN])
    right = tried(proof)
    kept = list[AuditEvent]()
    for event in AuditEvent.objects.filter(counts, subject__in=list(statements)).order_by("seq"):
        statement = statements[event.subject]
        if prefix := FALLS.get(event.act):
            statement.rows |= dict.fromkeys(
                (name for name in statement.rows if name.startswith(prefix)), GONE
            )
        if event.act == AuditAct.PURGED:
            statement.purged = event.seq
        if event.act == AuditAct.KEPT_HIDDEN:
            kept.append(event)
        if event.mac and isinstance(event.rows, dict) and right(event):
            statement.rows |= event.rows
            statement.tips |= set(str(_detail(event, "tips") or "").split())
    true = kept_hidden.borne_out({event.subject for event in kept}, right=right)
    for event in kept:
        if event.seq in true:
            statements[event.subject].rows = _hidden(event) | statements[event.subject].rows
    return statements


def _hidden(event: AuditEvent) -> dict[str, str]:
    """Return the hash, by its name, of the recusal that the program wrote as a related tip was deleted."""
    name = str(_detail(event, "row"))
    if name.startswith("recusal "):
        return {name: str(_detail(event, "hash"))}
    return {}


def _detail(event: AuditEvent, name: str) -> object:
    """Return a part of an event's detail; None where it has none, as in an event that no program of ours wrote."""
    if isinstance(event.detail, dict):
        return event.detail.get(name)
    return None


def said_of(rows: Iterable[Model], *, proof: AuditKeys | None) -> dict[str, str]:
    """Return by `rows.key` what the log says is each of these rows' hash; GONE where two subjects' events differ."""
    there = list(rows)
    subjects = set[str]()
    for row in there:
        subjects.update(columns.subjects(row))
    statements = newest(subjects, proof=proof)
    hashes = dict[str, str]()
    for row in there:
        each = {
            statements[subject].said_of(columns.name(row, subject=subject))
            for subject in columns.subjects(row)
        }
        hashes[columns.key(row)] = each.pop() if len(each) == 1 else GONE
    return hashes


def tried(proof: AuditKeys | None) -> Callable[[AuditEvent], bool]:
    """Return a function that tells whether an event's MAC is by the audit key of its time.

    A checkpoint under the older key closes its time; the newest key's began with the key file's last change at the
    latest. Without `proof` it cannot tell, and takes every MAC for right.
    """
    if proof is None or not proof.keys:
        return lambda _event: True
    numbers = [first - 1 for first, _key in proof.keys]
    checkpoints = filter(proof.wrote, Checkpoint.objects.filter(number__in=numbers))
    closed = {checkpoint.number: checkpoint.seq for checkpoint in checkpoints}
    ends = [
        closed.get(number, 0) for number in numbers
    ]  # the event after which each key counts, the newest first
    if proof.stood_at:
        ends[0] = min(ends[0], proof.stood_at[0])

    def key_at(seq: int) -> bytes:
        for end, (_first, key) in zip(ends, proof.keys, strict=True):
            if seq > end:
                return key
        return proof.keys[-1][1]

    def right(event: AuditEvent) -> bool:
        own_mac = mac(event, key=key_at(event.seq))
        return hmac.compare_digest(event.mac.encode(), own_mac.encode())

    return right


def mac(event: AuditEvent, *, key: bytes) -> str:
    """Return the MAC of an event that names rows: HMAC-SHA256, in hex, over all of it but its own hash."""
    when = event.at.astimezone(UTC).isoformat()
    who = [event.actor, event.by_program]
    facts = [
        event.seq,
        event.previous,
        when,
        *who,
        event.act,
        event.subject,
        event.detail,
        event.rows,
    ]
    text = "streetlight/1 event " + json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), sha256).hexdigest()
