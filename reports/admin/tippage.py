"""The tip page: everything that an officer needs to decide, on one page that works locked and unlocked."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import questions
from reports.admin import lock, panels, present, walk
from reports.admin.panels.scene import Scene
from reports.admin.unlocking import PhraseForm, page
from reports.domain import desk
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import edit_conflict, opening
from reports.models import Tip

PROOFS = ("csrfmiddlewaretoken", "phrase")


class Pending(NamedTuple):
    """An act that came when the desk had locked: what was typed, kept until the phrase is there."""

    action: str
    name: str
    fields: list[tuple[str, str]]

    @classmethod
    def of(cls, request: HttpRequest, *, name: str) -> "Pending":
        """Keep all that this request brought, but for what proves who sent it."""
        posted = request.POST.lists()
        kept = [(field, value) for field, values in posted if field not in PROOFS for value in values]
        return cls(request.path, name, kept)


class State(NamedTuple):
    """What an act that did not go through leaves on the page: which act, what was typed in it, and why not."""

    act: str = ""
    typed: Mapping[str, str] = {}
    error: str = ""
    pending: Pending | None = None
    phrase_form: PhraseForm | None = None

    def beside(self, status: int) -> "State":
        """Return what may stand on a page of this status: a refusal may quote what could not be read on the record."""
        return self if status == HTTPStatus.OK else self._replace(error="")


def show(request: HttpRequest, tip: Tip, state: State | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the reading is recorded first; without them nothing is opened."""
    state, keys, as_of = state or State(), lock.keys_of(request), edit_conflict.now()
    tip.refresh_from_db(fields=["status", "assignee"])
    reading, problem, status = _read(request, tip, keys)
    state = state.beside(status)
    user, opened_by = cast("User", request.user), keys if reading else None
    scene = Scene(tip, user, opened_by, reading, state.act, state.typed)
    context = page(request, title=_("Tip %(reference)s") % {"reference": tip.reference}) | {
        "tip": tip,
        "state": state,
        "as_of": as_of,
        "beside": walk.beside(request, tip),
        "keys_off": walk.keys_off(request),
        "problem": problem,
        "reading": reading,
        "parts": present.parts(reading) if reading else (),
        "care": present.care(reading.arrivals) if reading else None,
        "next": reverse("admin:reports_tip_change", args=[tip.pk]),
        "phrase_form": state.phrase_form or PhraseForm(),
        "main": panels.shown(panels.MAIN, scene),
        "side": panels.shown(panels.SIDE, scene),
        **_facts(tip),
    }
    return TemplateResponse(request, "admin/reports/tip/tip.html", context, status=status)


def _read(request: HttpRequest, tip: Tip, keys: Keys | None) -> tuple[opening.Reading | None, str, int]:
    """Return the reading, a problem with it and the page's status; one that cannot be recorded shows nothing."""
    if keys is None:
        return None, "", 200
    try:
        reading = opening.read(tip=tip, by=cast("User", request.user), keys=keys)
    except Refused as refusal:
        return None, str(refusal), 200
    except DatabaseError:
        problem = _(
            "That you read this tip could not be recorded, so it is not shown. Try again; if it stays, tell a lead."
        )
        return None, problem, 503
    swapped = _("This tip's kind, area or appeal in the list is not what its sender wrote. Tell a lead.")
    return reading, swapped if reading.swapped else "", 200


def _facts(tip: Tip) -> dict[str, Any]:
    """Return what stands in clear in the page's head, and how much is sealed."""
    appeal = desk.form_state().appeals.get(tip.appeal)
    return {
        "received": present.received(tip),
        "kind": questions.label("kind", tip.category),
        "area": questions.label("area", tip.area),
        "appeal": appeal.title if appeal else tip.appeal,
        "arrival_count": tip.entries.count(),
        "note_count": tip.notes.count(),
    }
