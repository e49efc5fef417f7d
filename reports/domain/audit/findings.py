"""What is not as the log says: rows that were changed, put in, taken away or put back, and not by this program."""

import sys
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import Min, Model
from django.utils import timezone

from reports.domain.audit import audit_log, columns, named_rows
from reports.domain.audit.audit_keys import AuditKeys
from reports.domain.audit.columns import Present
from reports.domain.audit.named_rows import GONE, Statement
from reports.domain.storage import deletion_records
from reports.models import AuditEvent

type What = Literal["changed", "missing", "added"]

KINDS = {
    "": "all of it",
    "entry": "a message from its sender",
    "wording": "our wording",
    "urgentcall": "an urgent call",
    "safetydecision": "a decision about danger",
    "changedanswer": "a changed answer about the police",
    "hold": "a legal hold",
    "closedpictures": "its closed pictures",
    "recusal": "a conflict of interest",
    "relation": "its relation to another tip",
    "referral": "the referral itself or its danger",
    "referralpicture": "a picture in it",
    "exportedpart": "what we kept of what left",
    "approval": "an approval",
    "outcome": "its sentence, its proposer or its story",
    "recipient": "the key that a team lead checked",
}


class Finding(NamedTuple):
    """One row that does not stand as the log says; `row` is empty where all of its subject is missing."""

    subject: str
    what: What
    row: str = ""

    @property
    def sentence(self) -> str:
        """Return it in words."""
        kind = KINDS.get(self.row.partition(" ")[0], self.row)
        return _as_sentence(self.what) % {"subject": self.subject, "kind": kind}

    def is_of(self, row: Model) -> bool:
        """Return whether it is about this row."""
        return self.row == columns.name(row, subject=self.subject)


def compare(present: Present, *, proof: AuditKeys | None) -> list[Finding]:
    """Return what of these subjects' rows is not as the newest event says that names it; `proof` is the key file's.

    Rows and events are read one after the other: what does not fit is looked at once more while nobody writes.
    """
    findings = _compared(present, proof=proof)
    if not findings:
        return []
    try:
        with transaction.atomic():
            audit_log.take_turn()
            now = columns.of_subjects({finding.subject for finding in findings})
            standing = _compared(now, proof=proof)
    except DatabaseError:  # nobody can write at all
        return findings
    # What the caller read and what is there now are not the same row: somebody else may have put the right one back.
    still = []
    for finding in findings:
        read = present[finding.subject]
        if finding.row in read and finding not in standing:
            is_as_read = now[finding.subject].get(finding.row) == read[finding.row]
            if not is_as_read:
                still.append(finding)
    return standing + still


def _compared(present: Present, *, proof: AuditKeys | None) -> list[Finding]:
    statements = named_rows.newest(present, proof=proof)
    missing = dict[str, list[str]]()
    for subject, rows in present.items():
        named = statements[subject].rows
        missing[subject] = [
            row for row, digest in named.items() if digest != GONE and row not in rows
        ]
    deleted = _deleted(statements, missing, proof=proof)
    findings: list[Finding] = []
    for subject, rows in present.items():
        named = (
            {} if statements[subject].purged else statements[subject].rows
        )  # what is there was put back
        for row, digest in rows.items():
            was = named.get(row, GONE)
            if was != digest:
                findings.append(Finding(subject, "changed" if was else "added", row))
        gone = [] if subject in deleted else _not_by_us(missing[subject], deleted=deleted)
        if gone and not rows:
            gone = [""]  # all of it is missing
        findings += [Finding(subject, "missing", row) for row in gone]
    return findings


def _deleted(
    statements: Mapping[str, Statement],
    missing: Mapping[str, list[str]],
    *,
    proof: AuditKeys | None,
) -> set[str]:
    """Return which subjects, and which other tips that missing rows go with, were permanently deleted by the desk.

    A tip's entries have deletion records, as long as those are kept; a referral goes with the last of its tips.
    Nothing else is ever deleted so.
    """
    others = set[str]()
    for rows in missing.values():
        others.update(map(_other, rows))
    others -= {"", *statements}
    known = dict(statements)
    if others:
        known |= named_rows.newest(others, proof=proof)
    purged = {subject: statement for subject, statement in known.items() if statement.purged}
    young = 0
    records = set()
    if purged:
        young = _first_young()
        records = {
            columns.hashed(name) for name in deletion_records.named(deletion_records.DELETED)
        }

    def is_tip(statement: Statement) -> bool:
        return not any(
            row.startswith(("referral ", "outcome ", "recipient ")) for row in statement.rows
        )

    def entries(statement: Statement) -> set[str]:
        return {row.split(" ")[1] for row in statement.rows if row.startswith("entry ")}

    tips = set()
    for subject, statement in purged.items():
        was_deleted_by_us = entries(statement) <= records or statement.purged < young
        if is_tip(statement) and was_deleted_by_us:
            tips.add(subject)
    return tips | {name for name, statement in purged.items() if set() < statement.tips <= tips}


def _first_young() -> int:
    """Return the number of the first event of whose day deletion records are kept; what came later may say any day."""
    young = AuditEvent.objects.filter(at__gt=timezone.now() - deletion_records.KEPT).aggregate(
        first=Min("seq")
    )["first"]
    if young is None:
        return sys.maxsize
    return int(young)


def _other(row: str) -> str:
    """Return the other tip that a row goes with, by the row's name; "" for most."""
    if row.count(" ") > 1:
        return row.split(" ")[2]
    return ""


def _not_by_us(missing: list[str], *, deleted: Collection[str]) -> list[str]:
    """Leave out what goes with a deleted tip, and recipients: a team lead changes one on a locked desk too."""
    return [
        row for row in missing if _other(row) not in deleted and not row.startswith("recipient ")
    ]


def _as_sentence(what: What) -> str:
    return {
        "changed": "%(subject)s: someone changed %(kind)s outside Streetlight.",
        "missing": "%(subject)s: someone removed %(kind)s outside Streetlight.",
        "added": "%(subject)s: someone added %(kind)s outside Streetlight.",
    }[what]
