"""What left in a referral, kept as it left: sealed in one row for each tip's report, and one for all the rest.

A report goes with its tip; its hash stays in the rest. Pictures are not kept twice: a report has the hash of each, and
the picture comes from the tip. All of it is compared with the hash in the event of the export.
"""

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils import timezone

from reports.domain.audit import audit_log
from reports.domain.errors import Refused, Swapped
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.referrals import (
    approvals,
    consent,
    contents,
    grading,
    own_words,
    police_referrals,
)
from reports.domain.referrals.contents import Content, Report
from reports.domain.tips import opening
from reports.models import AuditAct, AuditEvent, ExportedPart, Referral, ReferralPicture, Tip
from reports.text import entities
from reports.text.entities import EntityKind


@dataclass(frozen=True)
class ExportedReport:
    """One tip's report as it left; without a document its tip was deleted, and the report with it."""

    number: int
    sha256: str
    tip: Tip | None = None
    document: dict[str, Any] | None = field(default=None, repr=False)
    pictures: tuple[ReferralPicture, ...] = ()
    wording: int = 0  # the version of our wording that left
    grade: int = 0  # ... and of its grading


@dataclass(frozen=True)
class Exported:
    """What left in a referral: its reports, and the exported document, in which those of deleted tips are missing."""

    reports: tuple[ExportedReport, ...]
    document: dict[str, Any] = field(repr=False)
    approved: str = ""  # the digest of the content that was approved

    @property
    def whole(self) -> bool:
        """Return whether no report is missing."""
        return all(report.document is not None for report in self.reports)


def has_left(*, referral: Referral) -> bool:
    """Return whether a file of this referral was ever made."""
    return AuditEvent.objects.filter(act=AuditAct.EXPORTED, subject=referral.reference).exists()


def keep(
    *, referral: Referral, content: Content, document: bytes, keys: Keys
) -> list[ExportedPart]:
    """Store what leaves, in the transaction of the export, whose event names the rows; none if it is kept already."""
    if ExportedPart.objects.filter(referral=referral).exists():
        return []
    whole = json.loads(document)
    documents = whole["content"]["reports"]
    hashes = [contents.sha256(contents.canonical(report)) for report in documents]
    rest = {"content": whole["content"] | {"reports": []}}
    rows = [
        _new(referral, {"rest": _text(whole | rest), "reports": hashes, "approved": content.digest})
    ]
    for report, its_document in zip(content.reports, documents, strict=True):
        pictures = [contents.sha256(base64.b64decode(jpeg)) for jpeg in its_document["pictures"]]
        kept = {"report": _text(its_document | {"pictures": pictures})}
        versions = {"wording": report.wording.version, "grade": report.grade.version}
        facts = {
            "tip": report.tip,
            "number": its_document["number"],
            "position": report.wording.position,
        }
        rows.append(_new(referral, kept | versions, **facts))
    for row in rows:
        row.save(force_insert=True)
    return rows


def kept(*, referral: Referral, content: Content, keys: Keys) -> Exported | None:
    """Return what left; None where nothing was kept. The caller has recorded that the referral is read.

    `content` is the referral as it stands now, with what is not as the log says. Raises Swapped where what is kept is
    not what left.
    """
    rows = ExportedPart.objects.filter(referral=referral).select_related("tip")
    parts = {row.number: row for row in rows}
    is_changed = any(doubt.row.startswith("exportedpart ") for doubt in content.doubts)
    if not parts and not is_changed:
        return None
    if 0 not in parts or is_changed:
        raise _changed()
    inside = unsealed.content(parts[0], keys=keys, rest=str, reports=list, approved=str)
    reports = tuple(
        _report(number, sha256, parts.get(number), keys)
        for number, sha256 in enumerate(inside["reports"], start=1)
    )
    document = json.loads(inside["rest"])
    document["content"]["reports"] = [
        report.document for report in reports if report.document is not None
    ]
    found = Exported(reports, document, inside["approved"])
    if found.whole and contents.sha256(contents.canonical(document)) != _hash_of(referral):
        raise _changed()
    return found


def letters(*, referral: Referral, keys: Keys) -> list[str]:
    """Return the letter that each of its tips was graded with as it left; today's where nothing was kept.

    Raises Swapped where what was kept does not open.
    """
    parts = list(ExportedPart.objects.filter(referral=referral, number__gt=0).select_related("tip"))
    if not parts:
        tips = [part.tip for part in referral.parts.select_related("tip")]
        return [grading.latest(tip=tip, keys=keys).information for tip in tips]
    found = []
    for part in parts:
        version = unsealed.content(part, keys=keys, grade=int)["grade"]
        found.append(
            grading.latest(tip=cast("Tip", part.tip), keys=keys, up_to=version).information
        )
    return found


def earlier(*, content: Content, by: User, keys: Keys) -> dict[str, list[Referral]]:
    """Return other referrals that left and name a number plate or phone number of this one, by how this one writes it.

    For members alone, and without those that are hidden from `by`. That they glimpsed their tips is recorded.
    """
    texts = [report.wording.text for report in content.reports]
    named = {
        (thing.kind, thing.value): thing.written
        for text in texts
        for thing in _plates_and_phones(text)
    }
    found = dict[str, list[Referral]]()
    glimpsed = set[str]()
    if not named:
        return found
    others = ExportedPart.objects.exclude(tip=None).exclude(referral=content.referral)
    seen = others.filter(referral__in=Referral.objects.visible_to(by)).select_related(
        "referral", "tip"
    )
    for row in seen.order_by("-since", "referral__reference", "number"):
        text = json.loads(unsealed.content(row, keys=keys, report=str)["report"])["text"]
        things = {(thing.kind, thing.value) for thing in _plates_and_phones(text)}
        for thing in named.keys() & things:
            referrals = found.setdefault(named[thing], [])
            if row.referral not in referrals:
                referrals.append(row.referral)
            glimpsed |= {row.tip.reference} if row.tip else set()
    audit_log.record_each(by=by, act=AuditAct.GLIMPSED, subjects=sorted(glimpsed))
    return found


def _plates_and_phones(text: str) -> Iterator[entities.Entity]:
    return (
        thing for thing in entities.find(text) if thing.kind in (EntityKind.PLATE, EntityKind.PHONE)
    )


def as_it_stands(*, referral: Referral, content: Content) -> Exported | None:
    """Return what left before anything was kept, if the referral still says the same today; None if it does not."""
    document = police_referrals.document(content, referral)
    if not referral.digest or contents.sha256(document) != referral.digest:
        return None
    reports = tuple(
        _of_today(*both) for both in zip(content.reports, content.document["reports"], strict=True)
    )
    return Exported(reports, json.loads(document))


def to_copy(*, referral: Referral, by: User, keys: Keys) -> Exported:
    """Return what left, for a page to copy it from, after recording that `by` opened it.

    Raises Refused for who may not export it, and where no file was made or nobody knows any more what left.
    """
    police_referrals.require_may_export(referral=referral, by=by)
    if not has_left(referral=referral):
        raise Refused(
            "Export this referral first. Then you can copy it into the police’s own form."
        )
    police_referrals.log_event(referral=referral, by=by, act=AuditAct.OPENED_BOXES)
    content = contents.content(referral=referral, keys=keys)
    left = kept(referral=referral, content=content, keys=keys) or as_it_stands(
        referral=referral, content=content
    )
    if left is None:
        raise Refused("We did not keep what left, so there is nothing to copy.")
    _require_still_said(left, content)
    return left


def made_again(*, referral: Referral, content: Content, keys: Keys) -> tuple[Content, bytes] | None:
    """Return what left, to make its file again, as a content for today's checks; None where nothing was kept.

    The text is the one that left. What the sender says, what came since, who may approve and what is not as the log
    says are today's. Raises Refused once one of its tips was deleted, or its approvals do not count any more.
    """
    exported = kept(referral=referral, content=content, keys=keys)
    if exported is None:
        return None
    if not exported.whole:
        raise Refused(
            "One of its tips was deleted, and what left of it. So this file cannot be made again as it left."
        )
    _require_approvals(referral, exported, content)
    _require_still_said(exported, content)
    both = zip(content.reports, exported.reports, strict=True)
    reports = tuple(_as_it_left(report, part, keys) for report, part in both)
    left = replace(content, reports=reports, document=exported.document["content"])
    return left, contents.canonical(exported.document)


def _require_still_said(exported: Exported, content: Content) -> None:
    """Refuse what left with more of a sender than they let the police have today, or than may be said of them."""
    today = {report.tip.pk: report for report in content.reports}
    for part in exported.reports:
        report = today.get(part.tip.pk) if part.tip else None
        if part.document is None or report is None:
            continue
        says_no = report.answer == consent.NO and part.document["sender_agreed"] != report.agreed
        says_how = "how_known" in part.document and not contents.how_known(report)
        if says_no or says_how:
            raise Refused(
                f"The sender of {report.tip.reference} has written since then, so what left cannot leave again as it "
                "was. Correct this referral instead."
            )


def _require_approvals(referral: Referral, exported: Exported, content: Content) -> None:
    given = approvals.counted(referral=referral, digest=exported.approved, doubts=content.doubts)
    needed = approvals.still_needed(
        given=given,
        needs_team_lead=content.needs_team_lead,
        alone=referral.alone,
        now=timezone.now(),
    )
    if needed or len(given) != referral.approvals.count():
        raise Refused(
            "It lacks two approvals by people who have access now, so nothing was exported."
        )


def _as_it_left(report: Report, part: ExportedReport, keys: Keys) -> Report:
    """Return a report with the wording and the grading that left, and all else as it is today."""
    wording = own_words.latest(tip=report.tip, keys=keys, up_to=part.wording)
    read = replace(wording, position=report.wording.position, aside=report.wording.aside)
    return replace(
        report, wording=read, grade=grading.latest(tip=report.tip, keys=keys, up_to=part.grade)
    )


def _report(number: int, sha256: str, row: ExportedPart | None, keys: Keys) -> ExportedReport:
    """Return a kept report with its pictures, compared with its hash; without a row its tip was deleted."""
    if row is None or row.tip is None:
        return ExportedReport(number, sha256)
    inside = unsealed.content(row, keys=keys, report=str, wording=int, grade=int)
    document = json.loads(inside["report"])
    chosen = ReferralPicture.objects.filter(
        referral=row.referral_id, entry__tip=row.tip
    ).select_related("entry__tip")
    held = [
        (picture, opening.picture_held(entry=picture.entry, number=picture.number, keys=keys))
        for picture in chosen
    ]
    by_hash = {contents.sha256(jpeg): (picture, jpeg) for picture, jpeg in held}
    if not by_hash.keys() >= set(document["pictures"]):
        raise _changed()
    pictures = [by_hash[name] for name in document["pictures"]]
    document["pictures"] = [base64.b64encode(jpeg).decode() for _picture, jpeg in pictures]
    if contents.sha256(contents.canonical(document)) != sha256:
        raise _changed()
    shown = tuple(picture for picture, _jpeg in pictures)
    return ExportedReport(
        number, sha256, row.tip, document, shown, inside["wording"], inside["grade"]
    )


def _of_today(report: Report, document: dict[str, Any]) -> ExportedReport:
    sha256 = contents.sha256(contents.canonical(document))
    return ExportedReport(document["number"], sha256, report.tip, document, report.pictures)


def _hash_of(referral: Referral) -> object:
    """Return the hash in the event of the first export."""
    events = AuditEvent.objects.filter(act=AuditAct.EXPORTED, subject=referral.reference)
    return events.order_by("seq").values_list("detail__hash", flat=True).first()


def _new(referral: Referral, content: dict[str, Any], **facts: Any) -> ExportedPart:
    row = ExportedPart(id=uuid.uuid4(), referral=referral, **{"number": 0} | facts)
    sealed.fill(row, content)
    return row


def _text(document: dict[str, Any]) -> str:
    return contents.canonical(document).decode()


def _changed() -> Swapped:
    return Swapped("What we kept of what left was changed outside Streetlight. Tell a team lead.")


def sent_as_it_is(*, events: Sequence[tuple[str, Any]]) -> bool:
    """Return whether the wording and the grading of a tip are those that left, by its newest events first."""
    for act, detail in events:
        again = isinstance(detail, dict) and detail.get("again")
        if not again:
            return act == AuditAct.EXPORTED
    return False
