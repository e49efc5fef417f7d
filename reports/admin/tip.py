"""The tip page: everything that an officer needs to decide, on one page that works locked and unlocked."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from newsroom.admin.rights import needs
from reports import questions
from reports.admin import drafts, lock, tip_sections, undo
from reports.admin.actions import Attempt
from reports.admin.lock import PhraseForm, page
from reports.admin.tip_forms import KeysForm
from reports.admin.tip_reading import care, parts, received
from reports.admin.tip_sections import TipContext
from reports.domain import desk
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import edit_conflict, opening
from reports.models import Tip

QUEUE_PAGE, KEYS_OFF, ACTED = "walk", "keys-off", "acted"


class Neighbours(NamedTuple):
    """Where the tips before and after this one are; empty at an end of the page."""

    earlier: str
    later: str


def remember(request: HttpRequest, tips: Iterable[Tip]) -> None:
    """Keep a page's tips in their order; the sealed session is written only when they are others than before."""
    seen = [str(tip.pk) for tip in tips]
    if request.session.get(QUEUE_PAGE) != seen:
        request.session[QUEUE_PAGE] = seen


def neighbours(request: HttpRequest, tip: Tip) -> Neighbours | None:
    """Return the tips around this one; None when the member did not come from a page that lists it."""
    seen = request.session.get(QUEUE_PAGE, [])
    if str(tip.pk) not in seen:
        return None
    at = seen.index(str(tip.pk))
    around = (seen[at - 1] if at else "", seen[at + 1] if at + 1 < len(seen) else "")
    return Neighbours(*(_address(pk) if pk else "" for pk in around))


@require_POST
@needs(post="reports.view_tip")
def switch_keys(request: HttpRequest) -> HttpResponse:
    """Turn the single keys off for this session, or on again: speech input types letters that nobody meant."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    form = KeysForm(request.POST)
    request.session[KEYS_OFF] = form.is_valid() and form.cleaned_data["single_keys"] == "off"
    return redirect(lock.safe_next(request, default=reverse("admin:reports_tip_changelist")))


def keys_off(request: HttpRequest) -> bool:
    """Return whether the member has turned the single keys off."""
    return bool(request.session.get(KEYS_OFF))


def acted(request: HttpRequest, tip: Tip) -> None:
    """Note that the next page of this tip follows an act of the member's own."""
    request.session[ACTED] = str(tip.pk)


class Said(NamedTuple):
    """What an act on the page led to, and in which section that is said; `section` is empty for above them all.

    `press` names what the line can undo.
    """

    section: str
    lines: list[str]
    refused: bool
    press: str = ""


def record_of(tip: Tip) -> str:
    """Return what drafts on a tip's page are about."""
    return f"tip:{tip.pk}"


def show(request: HttpRequest, tip: Tip, attempt: Attempt | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the reading is recorded first; without them nothing is opened."""
    keys, as_of = lock.keys_of(request), edit_conflict.now()
    tip.refresh_from_db(fields=["status", "assignee"])
    reading, problem, status = _read(request, tip, keys)
    if attempt and status != HTTPStatus.OK:
        attempt.form.errors.clear()  # a refusal may quote what could not be read on the record
    user, opened_by, address = cast("User", request.user), keys if reading else None, _address(tip.pk)
    draft = drafts.begin(request, record=record_of(tip), tip=tip, keys=opened_by, at=address)
    laid_out = parts(reading) if reading else []
    tip_context = TipContext(tip, user, draft, as_of, opened_by, reading, laid_out, attempt)
    sections = tip_sections.shown(tip_context)
    context = page(request, title=_("Tip %(reference)s") % {"reference": tip.reference}) | {
        "tip": tip,
        "attempt": attempt,
        "draft": draft,
        "neighbours": neighbours(request, tip),
        "keys_off": keys_off(request),
        "problem": problem,
        "reading": reading,
        "parts": laid_out,
        "care": care(reading.arrivals) if reading else None,
        "next": address,
        "phrase_form": PhraseForm(),
        "sections": sections,
        **_said(request, attempt, sections),
        "arrival_count": None if keys else tip.entries.count(),
        "note_count": None if keys else tip.notes.count(),
        **_facts(tip),
    }
    return TemplateResponse(request, "admin/reports/tip/tip.html", context, status=status)


def _address(pk: Any) -> str:
    return reverse("admin:reports_tip_change", args=[pk])


def _said(request: HttpRequest, attempt: Attempt | None, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the last act led to, for the section that it belongs to, and the messages that belong to none."""
    told = [(one, *undo.read_tags(one.extra_tags)) for one in messages.get_messages(request)]
    section = next((where for _one, _press, where in told if where in sections), "")
    own = [(str(one), press) for one, press, where in told if section and where == section]
    lines, press = [line for line, _press in own], next((press for _line, press in own if press), "")
    if refused := attempt is not None and attempt.refused:
        section = attempt.section if attempt.section in sections else ""
        lines += [str(error) for errors in attempt.form.errors.values() for error in errors]
    said = Said(section, lines, refused, press) if lines else None
    return {"said": said, "messages": [one for one, _press, where in told if not section or where != section]}


def _read(request: HttpRequest, tip: Tip, keys: Keys | None) -> tuple[opening.Reading | None, str, int]:
    """Return the reading, a problem with it and the page's status; one that cannot be recorded shows nothing."""
    if keys is None:
        return None, "", 200
    try:
        again = request.session.pop(ACTED, "") == str(tip.pk) and request.method == "GET"
        reading = opening.read(tip=tip, by=cast("User", request.user), keys=keys, again=again)
    except Refused as refusal:
        return None, str(refusal), 200
    except DatabaseError:
        problem = _(
            "That you read this tip could not be recorded, so it is not shown. Try again; if it stays, tell a lead."
        )
        return None, problem, 503
    swapped = _("This tip’s kind, area or appeal in the list is not what its sender wrote. Tell a lead.")
    return reading, swapped if reading.swapped else "", 200


def _facts(tip: Tip) -> dict[str, Any]:
    """Return what stands in clear in the page's head."""
    appeal = desk.form_state().appeals.get(tip.appeal)
    return {
        "received": received(tip),
        "kind": questions.label("kind", tip.category),
        "area": questions.label("area", tip.area),
        "appeal": appeal.title if appeal else tip.appeal,
    }
