"""The tip page: everything that an officer needs to decide, on one page that works locked and unlocked."""

from collections.abc import Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from reports import questions
from reports.admin import lock, tip_sections
from reports.admin.lock import PhraseForm, page
from reports.admin.tip_sections import TipContext
from reports.domain import desk
from reports.domain.errors import Refused
from reports.domain.handover import consent
from reports.domain.intake.recorded_tips import CHANNELS
from reports.domain.keys.keyholders import Keys
from reports.domain.tips import edit_conflict, opening
from reports.domain.tips.opening import Arrival, Reading
from reports.models import Entry, Tip

type Text = str | Promise

SOURCE: dict[str, Text] = {
    "saw": gettext_lazy("First hand: the sender knows it directly."),
    "told": gettext_lazy("Second hand, from someone who was there."),
    "people_say": gettext_lazy("Rumour: a lead to follow, not knowledge."),
    "worked_out": gettext_lazy("A conclusion. Look for what it rests on."),
    "rather_not": gettext_lazy("Not known. There may be a good reason for that."),
}
SUSPICIONS: dict[str, Text] = {
    "filled-trap": gettext_lazy("it filled in a box that people do not see"),
    "no-mark": gettext_lazy("it did not come from our form"),
    "too-fast": gettext_lazy("it was sent within seconds of opening the form"),
    "stale": gettext_lazy("the form had been open for more than a day"),
}
POLICE: dict[str, Text] = {
    "no": gettext_lazy("No. The sender does not want the police told, unless a life is in danger."),
    "words": gettext_lazy("Only in our words. Rewrite it before it is passed on."),
    "yes": gettext_lazy("Yes, the sender agrees."),
}


class Answer(NamedTuple):
    """One answered question; `hint` explains what the answer is worth."""

    name: str
    question: Text
    text: Text
    hint: Text = ""


class Part(NamedTuple):
    """One arrival as the page shows it."""

    heading: str
    received: str
    broken: bool
    differs: bool
    what: Text
    answers: list[Answer]
    left_out: list[Text]
    pictures: list[str]
    suspicions: list[Text]
    came: str = ""


class Care(NamedTuple):
    """What to bear in mind before anything of a tip is passed on."""

    danger: bool
    under_18: bool
    police: Text
    guessable: bool


def received(row: Tip | Entry) -> str:
    """Return the day of an unopened arrival, or the week of an opened one, which is all that is kept."""
    return _received(row.received, row.opened)


def _received(when: date, opened: bool) -> str:
    day = formats.date_format(when, "j M Y")
    return _("week of %(day)s") % {"day": day} if opened else day


def parts(reading: Reading) -> list[Part]:
    """Return the arrivals: the first text whole, later ones by what differs from it. Answers stand in the talk."""
    first = next((arrival for arrival in reading.arrivals if arrival.kind == "tip"), None)
    return [_part(reading.tip, arrival, first) for arrival in reading.arrivals if arrival.kind != "reply"]


def care(arrivals: Sequence[Arrival]) -> Care:
    """Return the most careful reading of all texts under the receipt."""
    said = [arrival.answers for arrival in arrivals if arrival.kind == "tip"]
    police = POLICE.get(consent.police(arrivals))
    return Care(
        danger=any(a.get("danger") == "yes" for a in said),
        under_18=any(a.get("under_18") for a in said),
        police=police or _("The sender did not say. Ask a lead before you pass anything on."),
        guessable=any(a.get("guessable") == "yes" for a in said),
    )


def _part(tip: Tip, arrival: Arrival, first: Arrival | None) -> Part:
    shown, left_out = arrival.answers, []
    differs = first is not None and arrival is not first and arrival.kind == "tip"
    if first is not None and differs:
        shown = {name: value for name, value in shown.items() if first.answers.get(name) != value}
        left_out = [questions.question(name).label for name in first.answers if _is_dropped(name, arrival)]
    return Part(
        heading=_heading(arrival, first),
        received=received(arrival.entry),
        broken=arrival.kind == "broken",
        differs=differs,
        what=str(shown.get("what", "")),
        answers=[
            _answer(asked, text, shown) for asked, text in questions.in_reading_order(shown) if asked.name != "what"
        ],
        left_out=left_out,
        pictures=[
            reverse("admin:reports_tip_picture", args=[tip.pk, arrival.entry.pk, number])
            for number in range(arrival.pictures)
        ],
        suspicions=[SUSPICIONS.get(reason, reason) for reason in arrival.suspect],
        came=_came(arrival.answers),
    )


def _came(given: dict[str, Any]) -> str:
    """Return how a tip came that a member wrote down, and who did."""
    if given.get("channel") not in CHANNELS:
        return ""
    said = {"channel": CHANNELS[given["channel"]], "who": given.get("recorded_by", "")}
    return _("%(channel)s; written down by %(who)s, not by the sender.") % said


def _is_dropped(name: str, arrival: Arrival) -> bool:
    asked = any(question.name == name for question in questions.FIELDS)
    return asked and name not in arrival.answers


def _heading(arrival: Arrival, first: Arrival | None) -> str:
    if arrival.kind == "broken":
        return _("A part that does not open")
    if arrival.kind == "photos":
        return _("Pictures")
    return _("What the sender wrote") if arrival is first else _("Follow-up: changed text")


def _answer(asked: questions.Question, text: Text, given: dict[str, Any]) -> Answer:
    hint = SOURCE.get(str(given["source"]), "") if asked.name == "source" else ""
    return Answer(asked.name, asked.label, text, hint)


QUEUE_PAGE, KEYS_OFF = "walk", "keys-off"


class Neighbours(NamedTuple):
    """Where the tips before and after this one are; empty at an end of the page."""

    earlier: str
    later: str


def remember(request: HttpRequest, tips: Sequence[Tip]) -> None:
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
    return Neighbours(*(reverse("admin:reports_tip_change", args=[pk]) if pk else "" for pk in around))


@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Turn the single keys off for this session, or on again: speech input types letters that nobody meant."""
    if not request.user.has_perm("reports.view_tip"):
        raise PermissionDenied
    request.session[KEYS_OFF] = request.POST.get("keys") == "off"
    return redirect(lock.safe_next(request, default=reverse("admin:reports_tip_changelist")))


def keys_off(request: HttpRequest) -> bool:
    """Return whether the member has turned the single keys off."""
    return bool(request.session.get(KEYS_OFF))


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

    def for_status(self, status: int) -> "State":
        """Return what may stand on a page of this status: a refusal may quote what could not be read on the record."""
        return self if status == HTTPStatus.OK else self._replace(error="")


def show(request: HttpRequest, tip: Tip, state: State | None = None) -> TemplateResponse:
    """Return the page. With keys in the session the reading is recorded first; without them nothing is opened."""
    state, keys, as_of = state or State(), lock.keys_of(request), edit_conflict.now()
    tip.refresh_from_db(fields=["status", "assignee"])
    reading, problem, status = _read(request, tip, keys)
    state = state.for_status(status)
    user, opened_by = cast("User", request.user), keys if reading else None
    laid_out = parts(reading) if reading else []
    tip_context = TipContext(tip, user, opened_by, reading, laid_out, state.act, state.typed)
    context = page(request, title=_("Tip %(reference)s") % {"reference": tip.reference}) | {
        "tip": tip,
        "state": state,
        "as_of": as_of,
        "neighbours": neighbours(request, tip),
        "keys_off": keys_off(request),
        "problem": problem,
        "reading": reading,
        "parts": laid_out,
        "care": care(reading.arrivals) if reading else None,
        "next": reverse("admin:reports_tip_change", args=[tip.pk]),
        "phrase_form": state.phrase_form or PhraseForm(),
        "main": tip_sections.shown(tip_sections.MAIN, tip_context),
        "side": tip_sections.shown(tip_sections.SIDE, tip_context),
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
        "received": received(tip),
        "kind": questions.label("kind", tip.category),
        "area": questions.label("area", tip.area),
        "appeal": appeal.title if appeal else tip.appeal,
        "arrival_count": tip.entries.count(),
        "note_count": tip.notes.count(),
    }
