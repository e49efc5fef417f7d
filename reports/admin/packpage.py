"""A pack's page: what leaves, what keeps it here, who has signed, and what can be done now."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.admin import history, lock
from reports.admin.lock import PhraseForm, page
from reports.admin.naming import row_or_404
from reports.admin.tip import State
from reports.domain import handover
from reports.domain.errors import Refused
from reports.domain.handover import departure, grading, packs
from reports.domain.keys.keyholders import Keys
from reports.models import AuditEvent, Entry, Pack, PackPicture, PackState, Partner

RIGHT = "reports.hand_over"
HISTORY = 200  # events that the page looks at


class Picture(NamedTuple):
    """A picture of a tip: where it is seen whole, and how it stands in the pack, if it is in it."""

    entry: Entry
    number: int
    address: str
    chosen: PackPicture | None


class Row(NamedTuple):
    """One report of the pack as the page shows it."""

    report: packs.Report
    document: dict[str, Any]
    grade: list[tuple[str, Any]]
    pictures: list[Picture]


def pack_for(request: HttpRequest, pk: str) -> Pack:
    """Return a pack that the member may see; one with a tip that is hidden from them is not there."""
    if not request.user.has_perms(["reports.view_pack", RIGHT]):
        raise PermissionDenied
    return row_or_404(Pack.objects.visible_to(request.user).select_related("enquiry"), pk=pk)


def show(request: HttpRequest, pack: Pack, state: State | None = None) -> TemplateResponse:
    """Return the page. With keys in the session its reading is recorded first; without them nothing is opened."""
    state, keys, user = state or State(), lock.keys_of(request), cast("User", request.user)
    content, told, problem, status = _read(pack, user, keys)
    state = state.for_status(status)
    context = page(request, title=_("Hand-over pack %(reference)s") % {"reference": pack.reference}) | {
        "pack": pack,
        "state": state,
        "problem": problem,
        "content": content,
        "rows": [_row(report, one) for report, one in zip(content.reports, content.document["reports"], strict=True)]
        if content
        else [],
        "told": told,
        "report_count": pack.parts.count(),
        "signatures": list(pack.signatures.all()),
        "partners": Partner.objects.exclude(compared=None),
        "lines": history.lines(AuditEvent.objects.filter(subject=pack.reference)[:HISTORY]),
        "next": reverse("admin:reports_pack_change", args=[pack.pk]),
        "phrase_form": state.phrase_form or PhraseForm(),
        "opts": Pack._meta,  # noqa: SLF001 - Django's public name
        **_can(pack, user),
    }
    return TemplateResponse(request, "admin/reports/pack/pack.html", context, status=status)


def _read(pack: Pack, user: User, keys: Keys | None) -> tuple[packs.Content | None, dict[str, Any] | None, str, int]:
    """Return the content, the police's confirmation, a problem and the page's status."""
    if keys is None:
        return None, None, "", 200
    try:
        return handover.read(pack=pack, by=user, keys=keys), departure.confirmation(pack=pack, keys=keys), "", 200
    except Refused as refusal:
        return None, None, str(refusal), 200
    except DatabaseError:
        problem = _("That you read this pack could not be recorded, so it is not shown. Try again, or tell a lead.")
        return None, None, problem, 503


def _row(report: packs.Report, document: dict[str, Any]) -> Row:
    chosen = {(picture.entry_id, picture.number): picture for picture in report.pictures}
    pictures = [
        Picture(
            entry,
            number,
            reverse("admin:reports_tip_picture", args=[report.tip.pk, entry.pk, number]),
            chosen.get((entry.pk, number)),
        )
        for entry, count in report.shown
        for number in range(count)
    ]
    return Row(report, document, _meaning(report), pictures)


def _meaning(report: packs.Report) -> list[tuple[str, Any]]:
    """Return source, letter and handling code with what each means; an open one is a dash."""
    grade = report.grade
    codes = (grade.source, grade.information, grade.handling)
    lists = (grading.SOURCE, grading.INFORMATION, grading.HANDLING)
    return [(code or "–", known.get(code, _("not decided"))) for code, known in zip(codes, lists, strict=True)]


def _can(pack: Pack, user: User) -> dict[str, Any]:
    """Return what the member can do with the pack now."""
    mine = pack.signatures.filter(user=user).first()
    waits = mine is not None and pack.state == PackState.SIGNED_ONCE and handover.lone()
    return {
        "unsent": pack.state in handover.UNSENT,
        "can_sign": pack.state in (PackState.DRAFTED, PackState.SIGNED_ONCE) and mine is None,
        "alone_from": _later(mine.signed_at) if mine and waits else None,
        "can_sign_alone": bool(mine and waits and timezone.now() >= _later(mine.signed_at)),
        "can_export": pack.state in (PackState.SIGNED, PackState.EXPORTED),
        "can_confirm": pack.state == PackState.EXPORTED,
        "can_withdraw": PackState.WITHDRAWN in handover.TRANSITIONS[PackState(pack.state)],
    }


def _later(signed_at: datetime) -> datetime:
    return signed_at + handover.WAIT
