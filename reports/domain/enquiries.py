"""Enquiries: begun under a codename, linked to tips, and closed. They join the tips of triage with outcomes."""

import re
import secrets
import uuid
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from core import transitions
from reports.domain.audit import audit_log, staleness
from reports.domain.errors import Hidden, Refused
from reports.domain.keys import sealed, unsealed
from reports.domain.keys.keyholders import Keys
from reports.domain.outcomes import public_results
from reports.domain.tips import recusal
from reports.domain.tips.metadata import monday
from reports.domain.triage import triaging, undoing
from reports.domain.triage.safety import Danger
from reports.models import (
    AuditAct,
    AuditEvent,
    Enquiry,
    EnquiryQuerySet,
    EnquiryStatus,
    Link,
    LinkQuerySet,
    Status,
    Tip,
    hidden_from,
)
from reports.sealing import wordlist

SUMMARY_LENGTH = 20_000  # characters
SHOWN = 200  # events of a timeline
CODENAME = re.compile(r"[a-z]{2,}([ -][a-z]{2,}){0,3}")
LONGEST = 40  # characters of a codename

TRANSITIONS = {
    EnquiryStatus.OPEN: transitions.straight(EnquiryStatus.PAUSED, EnquiryStatus.CLOSED),
    EnquiryStatus.PAUSED: transitions.straight(EnquiryStatus.OPEN, EnquiryStatus.CLOSED),
    EnquiryStatus.CLOSED: transitions.straight(EnquiryStatus.OPEN),
}


def moves_from(status: str) -> list[EnquiryStatus]:
    """Return the statuses that an enquiry of this status may move to, in their order."""
    return [to for to in EnquiryStatus if to in TRANSITIONS[EnquiryStatus(status)]]


def new_codename() -> str:
    """Return an unused codename of two words that a receipt may have, such as "quiet-lantern"."""
    while True:
        name = "-".join(secrets.choice(wordlist.DRAWN) for _ in range(2)).lower()
        if not Enquiry.objects.filter(codename=name).exists():
            return name


def begin(*, by: User, codename: str = "", summary: str = "", press: str = "") -> Enquiry:
    """Begin an enquiry under a codename of one's own or one from the word list."""
    new = Enquiry(
        id=uuid.uuid4(), codename=_codename(codename) if codename.strip() else new_codename()
    )
    new.week = monday(timezone.localdate())
    _seal(new, summary)
    with transaction.atomic():
        _save_named(new, force_insert=True)
        _record(new, AuditAct.BEGAN, by=by, **triaging.can_be_undone(press))
    return new


def rename(*, enquiry: Enquiry, codename: str, by: User) -> None:
    """Give an enquiry another codename; the audit event names both."""
    row = Enquiry.objects.get(pk=enquiry.pk)
    before = row.codename
    row.codename = _codename(codename)
    if row.codename != before:
        with transaction.atomic():
            _save_named(row, update_fields=["codename"])
            _record(row, AuditAct.RENAMED, by=by, before=before, after=row.codename)
        enquiry.codename = row.codename


def summarise(*, enquiry: Enquiry, text: str, seen: int, by: User) -> None:
    """Write the summary again; raises EditConflict if another was written after audit event `seen`."""
    require_summary(enquiry=enquiry, by=by)
    with transaction.atomic():
        row = Enquiry.objects.select_for_update().get(pk=enquiry.pk)
        staleness.require_unchanged(
            subject=row.subject, seen=seen, stale_after=[AuditAct.BEGAN, AuditAct.SUMMARISED]
        )
        row.version += 1
        _seal(row, text)
        row.save(update_fields=["version", "key_index", "sealed"])
        _record(row, AuditAct.SUMMARISED, by=by)
    enquiry.version = row.version
    enquiry.key_index = row.key_index
    enquiry.sealed = row.sealed


def read(*, enquiry: Enquiry, by: User, keys: Keys) -> str:
    """Return the summary, after recording that `by` has read it; raises Hidden if a tip of it is hidden from `by`."""
    require_summary(enquiry=enquiry, by=by)
    _record(enquiry, AuditAct.READ_SUMMARY, by=by)
    return unsealed.text(enquiry, keys=keys)


def require_summary(*, enquiry: Enquiry, by: User) -> None:
    """Raise Hidden if a tip that is or was part of the enquiry is hidden from the member: the summary may name it."""
    if Link.objects.filter(enquiry=enquiry, tip__in=hidden_from(by)).exists():
        raise Hidden(
            "This summary is hidden from you, because you said that you know someone it may mention."
        )


def move(*, enquiry: Enquiry, to: str, by: User, keys: Keys | None) -> None:
    """Move an enquiry through TRANSITIONS; raises NoSuchMove, also if another member has moved it since then.

    Closing one takes `keys` where that passes on a tip; it raises Refused there on a locked desk.
    """
    before = enquiry.status
    closed = _this_week() if to == EnquiryStatus.CLOSED else None
    with transaction.atomic():
        transitions.locked(enquiry)
        transitions.move(enquiry, to, table=TRANSITIONS, closed=closed)
        _record(enquiry, AuditAct.MOVED, by=by, before=before, after=to)
        if not closed:
            return
        linked = Tip.objects.filter(
            status=Status.LINKED, pk__in=enquiry.links.standing().values("tip")
        )
        for tip in linked.told_to_police().select_for_update().order_by("pk"):
            triaging.pass_on(tip=tip, by=by, keys=keys)  # it goes where only this enquiry kept it


def link(
    *,
    tip: Tip,
    enquiry: Enquiry,
    by: User,
    danger: Danger | None = None,
    keys: Keys | None = None,
    press: str = "",
) -> Link:
    """Link a tip to an enquiry that is under way, and move it to “linked” if its status allows that.

    Linking it again changes nothing; an ended link is restored. `danger`, `keys` and `press` are as `triaging.move` has
    them.
    """
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        if not Enquiry.objects.select_for_update().under_way().filter(pk=enquiry.pk).exists():
            raise Refused("This enquiry is closed. Open it again first, or choose another.")
        row = _locked(tip)
        if row.status == Status.SPAM:
            raise Refused(
                "This tip is spam, so it cannot be part of an enquiry. Change its status to “Undecided” first."
            )
        new_link, made = Link.objects.get_or_create(
            tip=row, enquiry=enquiry, defaults={"week": _this_week()}
        )
        again = Link.objects.filter(pk=new_link.pk, ended__isnull=False).update(ended=None)
        if made or again:
            _record_link(enquiry, row, AuditAct.LINKED, by=by, press=press)
        if Status.LINKED in triaging.TRANSITIONS[row.status]:
            triaging.move(tip=row, to=Status.LINKED, by=by, danger=danger, keys=keys, press=press)
    new_link.ended = None
    tip.status = row.status
    tip.decided = row.decided
    return new_link


def begin_with(
    *,
    tip: Tip,
    codename: str,
    by: User,
    danger: Danger | None = None,
    keys: Keys | None = None,
    press: str = "",
) -> Enquiry:
    """Begin an enquiry and link a tip to it, in one step; `danger`, `keys` and `press` are as for `triaging.move`."""
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        new = begin(codename=codename, by=by, press=press)
        link(tip=tip, enquiry=new, by=by, danger=danger, keys=keys, press=press)
    return new


def unlink(
    *, tip: Tip, enquiry: Enquiry, by: User, keys: Keys | None = None, press: str = ""
) -> None:
    """End a link; a tip without any other moves back to being read, or to “passed on” where the police have it.

    The latter takes `keys`.
    """
    recusal.require_free(tip=tip, by=by)
    with transaction.atomic():
        row = _locked(tip)
        if Link.objects.standing().filter(tip=row, enquiry=enquiry).update(ended=_this_week()):
            public_results.review(enquiry=enquiry)  # rows before the audit log, as in every verb
            _record_link(enquiry, row, AuditAct.UNLINKED, by=by, press=press)
            if row.status == Status.LINKED and not Link.objects.standing().filter(tip=row).exists():
                passed = Tip.objects.filter(pk=row.pk).told_to_police().exists()
                to = Status.PASSED_ON if passed else Status.READING
                triaging.move(tip=row, to=to, by=by, keys=keys, press=press)
    tip.status = row.status
    tip.decided = row.decided


def links(*, enquiry: Enquiry, by: User) -> LinkQuerySet:
    """Return the standing links to tips that are not hidden from `by`, the first linked first."""
    return enquiry.links.standing().visible_to(by).select_related("tip").order_by("week", "pk")


def of_tip(*, tip: Tip) -> EnquiryQuerySet:
    """Return the enquiries that a tip is linked to."""
    return Enquiry.objects.filter(
        links__in=Link.objects.standing().filter(tip=tip)
    ).in_working_order()


def counted(*, by: User) -> EnquiryQuerySet:
    """Return all enquiries, each with the count of its tips as `by` may see them (`tip_count`)."""
    seen = (
        Link.objects.standing()
        .visible_to(by)
        .filter(enquiry=OuterRef("pk"))
        .order_by()
        .values("enquiry")
    )
    count = Subquery(seen.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return Enquiry.objects.annotate(tip_count=Coalesce(count, 0)).in_working_order()


def timeline(*, enquiry: Enquiry, by: User) -> list[AuditEvent]:
    """Return the enquiry's audit events, newest first, without tips that are hidden from `by`."""
    tips = Link.objects.filter(enquiry=enquiry).visible_to(by).values("tip__reference")
    own = Q(subject=enquiry.subject) & ~Q(act=AuditAct.READ_SUMMARY)
    linked = Q(
        subject__in=tips,
        act__in=[AuditAct.LINKED, AuditAct.UNLINKED],
        detail__number=enquiry.subject,
    )
    return list(AuditEvent.objects.filter(own | linked).order_by("-seq")[:SHOWN])


def _locked(tip: Tip) -> Tip:
    row = Tip.objects.select_for_update().filter(pk=tip.pk).first()
    if row is None:
        raise Refused("This tip has been deleted since then.")
    return row


def _codename(text: str) -> str:
    """Return a typed codename in its stored form; raises Refused if it is none."""
    name = " ".join(text.lower().split())
    if not CODENAME.fullmatch(name) or len(name) > LONGEST:
        raise Refused(
            "Use 1 to 4 words, with up to 40 letters in all. The codename is not encrypted, so it must "
            "say nothing about the enquiry."
        )
    return name


def _save_named(enquiry: Enquiry, **how: Any) -> None:
    try:
        with transaction.atomic():
            enquiry.save(**how)
    except IntegrityError as error:
        raise Refused("Another enquiry has this codename. Choose another.") from error


def _seal(enquiry: Enquiry, text: str) -> None:
    """Fill the row with its sealed summary, which may be empty."""
    sealed.fill(enquiry, {"text": sealed.typed(text, most=SUMMARY_LENGTH, what="Summary")})


def _record(enquiry: Enquiry, act: AuditAct, *, by: User, **detail: Any) -> None:
    audit_log.record(by=by, act=act, subject=enquiry.subject, enquiry=enquiry.codename, **detail)


def _record_link(enquiry: Enquiry, tip: Tip, act: AuditAct, *, by: User, press: str) -> None:
    was = triaging.can_be_undone(press, enquiry=str(enquiry.pk))
    audit_log.record(
        by=by,
        act=act,
        subject=tip.reference,
        enquiry=enquiry.codename,
        number=enquiry.subject,
        **was,
    )


def _end_link(row: Tip, event: AuditEvent) -> None:
    """Put a link back that a press made: it ends, and a result that is no longer true is withdrawn."""
    for enquiry in Enquiry.objects.filter(pk=event.detail["was"]["enquiry"]):
        Link.objects.filter(tip=row, enquiry=enquiry).update(ended=_this_week())
        public_results.review(enquiry=enquiry)


def _restore_link(row: Tip, event: AuditEvent) -> None:
    Link.objects.filter(tip=row, enquiry=event.detail["was"]["enquiry"]).update(ended=None)


undoing.PUT_BACK |= {AuditAct.LINKED: _end_link, AuditAct.UNLINKED: _restore_link}


def _this_week() -> Any:
    return monday(timezone.localdate())
