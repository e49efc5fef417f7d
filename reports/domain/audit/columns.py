"""The rows that events name: what lets something out, hides it or deletes it, or keeps that from happening.

Which columns of which tables, how a row is named, and which belong together.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from django.db.models import Model, Q, QuerySet

from reports.models import (
    Approval,
    ChangedAnswer,
    ClosedPictures,
    Denial,
    Entry,
    ExportedPart,
    Hold,
    Outcome,
    Recipient,
    Recusal,
    Referral,
    ReferralPicture,
    Relation,
    SafetyDecision,
    Tip,
    UrgentCall,
    Wording,
)

type Present = dict[
    str, dict[str, str]
]  # by subject, the hash of each of its rows by the row's name

_SEALED = ("id", "since", "key_index", "sealed")

# What is hashed of each table. A column that is added later is none of these: the hashes of older rows would not hold
# any more.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Entry: ("id", "tip_id", "tag", "position", "received", "key_index", "sealed", "opened"),
    Wording: (*_SEALED, "tip_id", "version", "author"),
    Denial: (*_SEALED, "tip_id", "version", "author"),
    UrgentCall: (*_SEALED, "tip_id", "author", "police", "reviewed_by", "reviewed_on", "position"),
    SafetyDecision: (*_SEALED, "tip_id", "kind", "author", "looked_by", "looked_on"),
    ChangedAnswer: (*_SEALED, "tip_id", "position", "author"),
    Hold: (*_SEALED, "tip_id", "author"),
    ClosedPictures: (
        *_SEALED,
        "tip_id",
        "author",
        "end",
        "proposed_by",
        "agreed_by",
        "ended_on",
    ),
    Recusal: (*_SEALED, "tip_id", "user_id"),
    Relation: (*_SEALED, "low_id", "high_id", "verdict", "author"),
    Referral: (*_SEALED, "reference", "author"),
    ReferralPicture: (
        "id",
        "referral_id",
        "entry_id",
        "number",
        "chosen_by_id",
        "approved_by_id",
        "verified",
    ),
    ExportedPart: (*_SEALED, "referral_id", "tip_id", "number", "position", "correction"),
    Approval: ("id", "referral_id", "user_id", "team_lead", "digest", "approved_at"),
    Outcome: ("id", "enquiry_id", "article_id", "sentence", "proposer"),
    Recipient: ("id", "name", "public_key", "compared", "compared_by"),
}
OF_A_TIP = (
    Wording,
    Denial,
    UrgentCall,
    SafetyDecision,
    ChangedAnswer,
    Hold,
    ClosedPictures,
    Recusal,
)


def name(row: Model, *, subject: str) -> str:
    """Return how a subject's events name a row: its table, its key, hashed, and, if it goes with another tip, that one.

    The log outlives a purge, so it keeps no key of what is gone.
    """
    named = f"{row._meta.model_name} {hashed(row.pk)}"  # noqa: SLF001 - Django's public name
    if isinstance(row, Relation):
        named += f" {row.high.reference if row.low.reference == subject else row.low.reference}"
    elif isinstance(row, ReferralPicture):
        named += f" {row.entry.tip.reference}"
    elif isinstance(row, ExportedPart) and row.tip:
        named += f" {row.tip.reference}"
    return named


def key(row: Model) -> str:
    """Return a row's table and key, the same for every subject."""
    return f"{row._meta.model_name} {row.pk}"  # noqa: SLF001 - Django's public name


def hashed(primary_key: Any) -> str:
    """Return a row's key as names have it: half of its SHA-256, in hex."""
    return hashlib.sha256(str(primary_key).encode()).hexdigest()[:32]


def hashes(*there: Model) -> dict[str, str]:
    """Return the hash of each of these rows by its `key`, before an act changes them: `was` of `named_rows.Named`."""
    return {key(row): digest(row) for row in there}


def digest(row: Model) -> str:
    """Return the SHA-256, in hex, of a row as stored."""
    facts = [_plain(getattr(row, column)) for column in COLUMNS[type(row)]]
    if isinstance(row, Entry):
        facts.append(
            row.tip.lookup
        )  # by which a deletion takes away what lies outside the database
    text = json.dumps([row._meta.model_name, *facts], separators=(",", ":"))  # noqa: SLF001 - Django's public name
    return hashlib.sha256(text.encode()).hexdigest()


def subjects(row: Model) -> tuple[str, ...]:
    """Return the subjects whose events name a row."""
    if isinstance(row, Referral):
        return (row.reference,)
    if isinstance(row, Outcome):
        return (row.subject,)
    if isinstance(row, Recipient):
        return (
            f"recipient {row.name}"[:60],
        )  # as the team area's list records what is done with it
    if isinstance(row, Relation):
        return (row.low.reference, row.high.reference)
    if isinstance(row, ExportedPart):
        return (row.referral.reference,)
    owner = row.tip if hasattr(row, "tip_id") else row.referral  # type: ignore[attr-defined]
    return (owner.reference,)


def of_tips(tips: Iterable[Tip], *, entries: Iterable[Entry] | None = None) -> Present:
    """Return the rows of tips as they stand now; `entries` where the caller has read all of theirs already.

    Entries that no member has opened are left out: no event names them.
    """
    by_key = {tip.pk: tip.reference for tip in tips}
    all_entries = _some(Entry, by_key) if entries is None else entries
    opened = (row for row in all_entries if row.opened)
    relations = Relation.objects.filter(Q(low__in=by_key) | Q(high__in=by_key)).select_related(
        "low", "high"
    )
    rows = chain(opened, *(_some(model, by_key) for model in OF_A_TIP), relations.order_by())
    return _by_subject(rows, among=by_key.values())


def of_referrals(referrals: Iterable[Referral]) -> Present:
    """Return the rows of referrals as they stand now."""
    by_key = {referral.pk: referral.reference for referral in referrals}
    pictures = (
        ReferralPicture.objects.filter(referral__in=by_key)
        .select_related("referral", "entry__tip")
        .order_by()
    )
    approvals = Approval.objects.filter(referral__in=by_key).select_related("referral").order_by()
    parts = (
        ExportedPart.objects.filter(referral__in=by_key)
        .select_related("referral", "tip")
        .order_by()
    )
    return _by_subject(chain(referrals, pictures, parts, approvals), among=by_key.values())


def of_one(rows: Iterable[Outcome | Recipient]) -> Present:
    """Return outcomes or recipients as they stand now, each of which is its own only row.

    A subject names the beginning of an outcome's key or of a recipient's name: two that begin alike share one.
    """
    there = list(rows)
    return _by_subject(there, among=list(chain.from_iterable(map(subjects, there))))


def compared_recipients() -> QuerySet[Recipient]:
    """Return the recipients whose key was compared; of the others no event names anything, and nothing goes to them."""
    return Recipient.objects.exclude(compared=None)


def of_subjects(wanted: Collection[str]) -> Present:
    """Return the rows of these subjects as they stand now; none for one that is not there."""
    single = _by_subject([*Outcome.objects.standing(), *compared_recipients()], among=wanted)
    tips = of_tips(Tip.objects.filter(reference__in=wanted))
    return single | tips | of_referrals(Referral.objects.filter(reference__in=wanted))


def _by_subject(rows: Iterable[Model], *, among: Iterable[str]) -> Present:
    present: Present = {subject: {} for subject in among}
    for row in rows:
        for subject in present.keys() & subjects(row):
            present[subject][name(row, subject=subject)] = digest(row)
    return present


def _some(model: Any, tips: Iterable[Any]) -> Iterable[Any]:
    """Return a table's rows of these tips, with no more than is hashed."""
    rows = model.objects.filter(tip__in=tips).select_related("tip").order_by()
    some: Iterable[Any] = rows.only(*COLUMNS[model], "tip__reference", "tip__lookup")
    return some


def _plain(value: Any) -> Any:
    """Return a value as JSON has it, the same whichever engine gave it."""
    if isinstance(value, bytes | bytearray | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)
