"""How an approved referral leaves, and what comes back.

The export, the recipients it can be sealed to, and the confirmation that the police received it.
"""

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import transitions
from reports.domain.audit import audit_log, columns, findings, named_rows, verification
from reports.domain.audit.named_rows import Named
from reports.domain.errors import Refused
from reports.domain.intake import photos
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.people import accounts
from reports.domain.people.accounts import Reauthentication
from reports.domain.referrals import (
    approvals,
    contents,
    corrections,
    exported,
    police_referrals,
    results,
)
from reports.domain.tips.metadata import monday
from reports.domain.triage import safety, triaging
from reports.domain.triage.safety import Danger
from reports.graphics import pdf
from reports.models import (
    AuditAct,
    Confirmation,
    Correction,
    ExportedPart,
    Recipient,
    Referral,
    Tip,
    UrgentCall,
)
from reports.sealing import envelope, keyring

LENGTH = 500  # characters of the police's reference, and of who said so
MISSING = "Enter their reference, and who confirmed it and how."
TYPES = {"pdf": "application/pdf", "json": "application/json", "age": "application/octet-stream"}


@dataclass(frozen=True)
class File:
    """An exported referral: a neutral name, its media type, and the bytes."""

    name: str
    type: str
    data: bytes = field(repr=False)


def export(
    *,
    referral: Referral,
    kind: str,
    recipient: Recipient | None,
    by: User,
    keys: Keys,
    reauthentication: Reauthentication,
) -> File:
    """Return an approved referral as a file, sealed to a recipient where one is named, after its leaving is recorded.

    The SHA-256 of the `json` is the referral's hash. Everything is checked again: what the sender has added
    counts, and whether those who approved still have access. A file that is made again is what left the first time.
    `reauthentication`: the words were typed for this.
    """
    police_referrals.require_keyholder(referral=referral, by=by, reauthentication=reauthentication)
    if kind not in ("pdf", "json"):
        raise Refused("Choose a PDF or JSON.")
    verification.require_whole(keys=keys)
    if recipient is not None:
        _require_compared(recipient, keys)
    contents.take_in()
    content, approved = _as_approved(referral, by=by, keys=keys)
    redrawn = _redrawn(json.loads(approved))  # refuses what is no picture of ours, whatever leaves
    data = (
        approved
        if kind == "json"
        else pdf.printed(redrawn, digest=referral.digest, day=timezone.localdate())
    )
    name = f"{referral.reference}.{kind}"
    file = _sealed(name, data, recipient) if recipient else File(name, TYPES[kind], data)
    with transaction.atomic():
        row = transitions.locked(referral)
        contents.require_nothing_new(content)  # while the file was made
        _require_its_tips(row, keys)
        _require_not_corrected(row)
        transitions.move(row, "export", table=approvals.TRANSITIONS)
        to = recipient.name if recipient else "nobody"
        again = {"again": True} if exported.has_left(referral=row) else {}
        facts = {"kind": kind, "sealed_to": to, "hash": referral.digest, **again}
        new = exported.keep(referral=row, content=content, document=approved, keys=keys)
        rows = Named(new, keys=keys) if new else None
        police_referrals.log_event(referral=row, by=by, act=AuditAct.EXPORTED, rows=rows, **facts)
        if content.corrects:
            corrections.mark_sent(content=content, by=by, keys=keys)
    return file


def confirm(
    *,
    referral: Referral,
    reference: str,
    who: str,
    by: User,
    keys: Keys,
    reauthentication: Reauthentication,
    danger: Danger | None = None,
) -> Confirmation:
    """Record that the police have it: their reference and who said so, sealed. The tips are passed on.

    `reauthentication`: a keyholder typed their words for this, as from then on tips are deleted.

    From this week on a tip is deleted after 30 days; one that is part of an enquiry under way stays with it till then.
    `danger` is for all tips that are `asked_about`; raises DangerOpen where it is missing.
    """
    police_referrals.require_keyholder(referral=referral, by=by, reauthentication=reauthentication)
    answers = {
        "reference": sealed.typed(reference, most=LENGTH, what="Their reference"),
        "who": sealed.typed(who, most=LENGTH, what="Who confirmed it"),
    }
    if not all(answers.values()):
        raise Refused(MISSING)
    with transaction.atomic():
        row = transitions.locked(referral)
        _require_its_tips(row, keys)
        transitions.move(row, "confirm", table=approvals.TRANSITIONS)
        new = Confirmation(id=uuid.uuid4(), referral=row, author=by.get_username())
        sealed.fill(new, answers)
        new.save(force_insert=True)
        results.begin(referral=row, keys=keys)
        police_referrals.log_event(referral=row, by=by, act=AuditAct.CONFIRMED_REFERRAL)
        for part in row.parts.all():
            tip = Tip.objects.select_for_update().get(pk=part.tip_id)
            Tip.objects.filter(pk=tip.pk).update(
                confirmed=monday(timezone.localdate())
            )  # the schedule counts from it
            triaging.pass_on(tip=tip, by=by, danger=danger, keys=keys)
    return new


def take_back(
    *, referral: Referral, by: User, keys: Keys, reauthentication: Reauthentication
) -> None:
    """Take back, as a team lead, that the police received it: the receipt goes, and the referral is exported again.

    Of each tip `confirmed` is that of the newest other receipt or checked call, or empty; all else stays. Raises
    Refused once one of its tips was deleted.
    """
    accounts.require_team_lead(by=by, reauthentication=reauthentication)
    police_referrals.require_free(referral=referral, by=by)
    with transaction.atomic():
        row = transitions.locked(referral)
        if not can_take_back(referral=row, keys=keys):
            raise Refused(
                "One of its tips was deleted because of this receipt, so nobody can take it back."
            )
        transitions.move(row, "take_back", table=approvals.TRANSITIONS)
        Confirmation.objects.filter(referral=row).delete()
        results.forget(referral=row)
        police_referrals.log_event(referral=row, by=by, act=AuditAct.TOOK_BACK_RECEIPT)
        for part in row.parts.all():
            tip = Tip.objects.select_for_update().get(pk=part.tip_id)
            Tip.objects.filter(pk=tip.pk).update(confirmed=_newest_receipt(tip))


def can_take_back(*, referral: Referral, keys: Keys) -> bool:
    """Return whether all tips are there that the log says it was drafted with."""
    drafted = named_rows.newest([referral.reference], proof=keys.audit_keys)[
        referral.reference
    ].tips
    return Tip.objects.filter(reference__in=drafted).count() == len(drafted)


def _newest_receipt(tip: Tip) -> date | None:
    """Return the week of the newest receipt or checked call of a tip; None without either."""
    days = [receipt.since for receipt in Confirmation.objects.filter(referral__parts__tip=tip)]
    days += [
        call.reviewed_on
        for call in UrgentCall.objects.filter(tip=tip, police=True)
        if call.reviewed_on
    ]
    return monday(max(days)) if days else None


def _require_its_tips(referral: Referral, keys: Keys) -> None:
    """Refuse a referral whose tips are not those that the log says it was drafted with, but for deleted ones."""
    drafted = named_rows.newest([referral.reference], proof=keys.audit_keys)[
        referral.reference
    ].tips
    there = set(Tip.objects.filter(reference__in=drafted).values_list("reference", flat=True))
    if set(referral.parts.values_list("tip__reference", flat=True)) != there:
        raise Refused(
            "Someone changed outside Streetlight which tips are in this referral. Tell a team lead."
        )


def _require_not_corrected(referral: Referral) -> None:
    """Refuse what a correction has replaced: the police would have the old text as the newest."""
    if ExportedPart.objects.filter(referral=referral, correction=Correction.SENT).exists():
        raise Refused(
            "A correction of this referral has left, so it cannot leave again. Export the correction."
        )


def asked_about(*, referral: Referral) -> list[Tip]:
    """Return the tips that a confirmation would close and that are closed only with a Danger."""
    closed = safety.asked_about().filter(
        referral_parts__referral=referral, status__in=triaging.PASSED_FROM
    )
    return list(closed.order_by("reference"))


def confirmation(*, referral: Referral, keys: Keys) -> dict[str, Any] | None:
    """Return the police's reference and who said so, if they confirmed. The caller has recorded that it is read."""
    row = Confirmation.objects.filter(referral=referral).first()
    return unsealed.content(row, keys=keys, reference=str, who=str) if row else None


def compare(
    *,
    recipient: Recipient,
    compared: str,
    heard: str,
    by: User,
    keys: Keys,
    reauthentication: Reauthentication,
) -> None:
    """Say that a recipient read out their key's whole fingerprint: a second key with the same end is soon found.

    `compared` is the key whose fingerprint the page showed. The team lead has typed their words for this:
    `reauthentication`.
    """
    accounts.require_team_lead(by=by, reauthentication=reauthentication)
    if recipient.public_key != compared:
        raise Refused(
            "This is not the key whose fingerprint you saw. Save it first, then compare it."
        )
    if "".join(heard.split()) != keyring.fingerprint(recipient.public_key).replace(" ", ""):
        raise Refused(
            "This is not this key’s fingerprint. Do not use it. Check the digits again, slowly."
        )
    with transaction.atomic():
        recipient.compared = timezone.localdate()
        recipient.compared_by = by.get_username()
        recipient.save(update_fields=["compared", "compared_by"])
        # Whatever the row was before: what its owner read out just now is right.
        rows = Named(
            [recipient], was=named_rows.said_of([recipient], proof=keys.audit_keys), keys=keys
        )
        (subject,) = columns.subjects(recipient)
        fingerprint = keyring.fingerprint(compared)
        audit_log.record(
            by=by, act=AuditAct.COMPARED_KEY, subject=subject, rows=rows, fingerprint=fingerprint
        )


def _require_compared(recipient: Recipient, keys: Keys) -> None:
    """Refuse a recipient whose row is not as it was when a team lead compared its key last, by the log."""
    if recipient.compared is None:
        raise Refused(
            "Nobody has checked this recipient’s key yet. A team lead must check it first."
        )
    if findings.compare(columns.of_one([recipient]), proof=keys.audit_keys):
        raise Refused(
            "This recipient’s key is not the one that a team lead checked. Do not use it. Tell a team lead."
        )


def _as_approved(referral: Referral, *, by: User, keys: Keys) -> tuple[contents.Content, bytes]:
    """Return the content and the file that was approved; raises Refused when it is not that any more.

    Approvals fall then, but not those of what has left: a file of it is out.
    """
    transitions.after(referral, "export", table=approvals.TRANSITIONS)
    content = contents.content(referral=referral, keys=keys)
    if left := exported.made_again(referral=referral, content=content, keys=keys):
        contents.require_open(left[0])
        return left
    approved = police_referrals.document(content, referral)
    others = referral.approvals.exclude(digest=content.digest)
    if contents.sha256(approved) != referral.digest or others.exists():
        approvals.void(referral=referral, by=by)
        contents.require_open(content)  # which says more where the sender has taken something back
        raise Refused(
            "This referral has changed since it was approved, so nothing was exported. Approve it again."
        )
    if not police_referrals.is_approved(referral=referral, content=content):
        approvals.void(referral=referral, by=by)
        raise Refused(
            "It lacks two approvals by people who have access now, so nothing was exported. Approve it again."
        )
    contents.require_open(content)
    return content, approved


def _redrawn(whole: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content with each picture drawn anew."""
    for report in whole["content"]["reports"]:
        report["pictures"] = [
            base64.b64encode(photos.redrawn(base64.b64decode(jpeg))).decode()
            for jpeg in report["pictures"]
        ]
    return whole


def _sealed(name: str, data: bytes, recipient: Recipient) -> File:
    return File(
        f"{name}.age", TYPES["age"], envelope.seal_file(data, recipient=recipient.public_key)
    )
