"""The tip page: everything that an officer needs to decide, on one page that works locked and unlocked."""

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import answers
from reports.admin import history, lock, present
from reports.admin.unlocking import PhraseForm, page
from reports.domain import desk, opening, retention, triage
from reports.domain.errors import Refused
from reports.models import AuditEvent, Hold, Tip

HISTORY = 200  # events that the page looks at; repeated ones are shown as one


class Pending(NamedTuple):
    """An act that came when the desk had locked: what was typed, kept until the phrase is there."""

    action: str
    name: str
    fields: list[tuple[str, str]]


class State(NamedTuple):
    """What an act that did not go through leaves on the page."""

    note: str = ""
    note_error: str = ""
    pending: Pending | None = None
    phrase_form: PhraseForm | None = None
    status: int = 200


def show(request: HttpRequest, tip: Tip, state: State | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the reading is recorded first; without them nothing is opened."""
    state = state or State()
    text, status = _text(request, tip)
    context = page(request, title=_("Tip %(reference)s") % {"reference": tip.reference}) | {
        "tip": tip,
        "state": state,
        "next": reverse("admin:reports_tip_change", args=[tip.pk]),
        "phrase_form": state.phrase_form or PhraseForm(),
        **text,
        **_facts(tip),
        **_choices(tip, cast("User", request.user)),
    }
    return TemplateResponse(request, "admin/reports/tip/tip.html", context, status=max(status, state.status))


def _text(request: HttpRequest, tip: Tip) -> tuple[dict[str, Any], int]:
    """Return what of the tip is shown, and the page's status; a reading that cannot be recorded shows nothing."""
    keys = lock.keys_of(request)
    if keys is None:
        return {}, 200
    try:
        reading = opening.read(tip=tip, by=cast("User", request.user), keys=keys)
    except Refused as refusal:
        return {"problem": str(refusal)}, 200
    except DatabaseError:
        problem = _(
            "That you read this tip could not be recorded, so it is not shown. Try again; if it stays, tell a lead."
        )
        return {"problem": problem}, 503
    swapped = _("This tip's kind, area or appeal in the list is not what its sender wrote. Tell a lead.")
    return {
        "problem": swapped if reading.swapped else "",
        "reading": reading,
        "parts": present.parts(reading),
        "care": present.care(reading.arrivals),
        "reasons": opening.REVEAL_REASONS.items(),
    }, 200


def _facts(tip: Tip) -> dict[str, Any]:
    """Return what stands in clear beside the text."""
    appeal = desk.form_state().appeals.get(tip.appeal)
    return {
        "received": present.received(tip),
        "kind": answers.label("kind", tip.category),
        "area": answers.label("area", tip.area),
        "appeal": appeal.title if appeal else tip.appeal,
        "arrival_count": tip.entries.count(),
        "note_count": tip.notes.count(),
        "history": history.lines(_events(tip)),
        "hold": Hold.objects.filter(tip=tip).first(),
        "due_on": retention.due_on(tip),
    }


def _choices(tip: Tip, user: User) -> dict[str, Any]:
    """Return what this member may do with the tip."""
    if not user.has_perm("reports.triage_tip"):
        return {}
    return {"may_triage": True, "moves": triage.moves_from(tip.status), "colleagues": colleagues()}


def _events(tip: Tip) -> Iterable[AuditEvent]:
    return AuditEvent.objects.filter(subject=tip.reference)[:HISTORY]


def colleagues() -> Iterable[User]:
    """Return the members who can be given a tip."""
    can = User.objects.with_perm("reports.triage_tip", backend="django.contrib.auth.backends.ModelBackend")
    return can.filter(is_active=True, is_staff=True).order_by("username")
