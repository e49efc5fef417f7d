"""What stands beside and below a tip's text: one section a subject, in the page's order.

A section only shows; what its forms do are acts (`reports/admin/tip_actions.py`) or pages of their own. Each subject
has a function from the page's context to what its template needs, as `section.<name>`; None leaves the section out.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.models import User
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reports.admin import history
from reports.domain import enquiries, retention, triage
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words, versions
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import opening
from reports.domain.tips.opening import Reading
from reports.domain.triage import relations, urgent_calls
from reports.graphics import charts
from reports.models import (
    AuditEvent,
    Disclosure,
    Enquiry,
    Grading,
    Hold,
    Label,
    Pack,
    PackState,
    ReplyTemplate,
    Sanitised,
    Tip,
    Verdict,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from reports.admin.tip import Part


class TipContext(NamedTuple):
    """A tip, who looks at it, and on an unlocked desk the keys and the reading, which is on the record by now."""

    tip: Tip
    user: User
    keys: Keys | None = None
    reading: Reading | None = None
    parts: Sequence["Part"] = ()  # the reading as the page lays it out
    act: str = ""  # an act that was refused, and what was typed in it
    typed: Mapping[str, str] = {}


HISTORY = 200  # events that the page looks at; repeated ones are shown as one


def notes(context: TipContext) -> dict[str, Any]:
    """Return the notes, or how many there are while they are sealed."""
    return {"remarks": context.reading.notes if context.reading else (), "count": context.tip.notes.count()}


def decide(context: TipContext) -> dict[str, Any] | None:
    """Return where the tip may go, and to whom."""
    if not context.user.has_perm("reports.triage_tip"):
        return None
    return {"moves": triage.moves_from(context.tip.status), "colleagues": colleagues()}


def contact(context: TipContext) -> dict[str, Any] | None:
    """Return whether there are contact details, and the reasons for which they may be revealed."""
    if context.reading is None or not context.user.has_perm("reports.reveal_contact"):
        return None
    return {"left": context.reading.has_contact, "reasons": opening.REVEAL_REASONS.items()}


def kept(context: TipContext) -> dict[str, Any]:
    """Return the legal hold and the day of deletion, if there is one."""
    hold = Hold.objects.filter(tip=context.tip).first()
    in_use = retention.kept_by_enquiry(context.tip)
    return {"hold": hold, "in_use": in_use, "due_on": None if in_use else retention.due_on(context.tip)}


def record(context: TipContext) -> dict[str, Any]:
    """Return what was done with the tip, newest first."""
    return {"lines": history.lines(AuditEvent.objects.filter(subject=context.tip.reference)[:HISTORY])}


def colleagues() -> "QuerySet[User]":
    """Return the members who can be given a tip."""
    return triage.members()


def talk(context: TipContext) -> dict[str, Any]:
    """Return the talk, or how much of it there is while it is sealed."""
    facts = {
        "count": context.tip.messages.count(),
        "burned": context.tip.burned is not None,
        "ready": ReplyTemplate.objects.all(),
    }
    if context.reading is None or context.keys is None:
        return facts
    return facts | {"lines": messages.thread(reading=context.reading, keys=context.keys)}


def labels(context: TipContext) -> dict[str, Any]:
    """Return the labels that the tip has, and those that it can be given."""
    has = list(context.tip.labels.all())
    others = Label.objects.filter(retired=False).exclude(pk__in=[one.pk for one in has])
    return {"labels": has, "others": others if context.user.has_perm("reports.triage_tip") else ()}


def linked_enquiries(context: TipContext) -> dict[str, Any] | None:
    """Return the tip's enquiries, and those to which it can be linked."""
    if not context.user.has_perm("reports.view_enquiry"):
        return None
    linked = list(enquiries.of_tip(tip=context.tip))
    others = Enquiry.objects.under_way().exclude(pk__in=[one.pk for one in linked]).in_working_order()
    return {"linked": linked, "others": others}


class CallRow(NamedTuple):
    """A call as the section shows it; `told` is empty on a locked desk."""

    row: Disclosure
    told: dict[str, Any]
    own: bool
    alone: bool


def urgent_calls_of(context: TipContext) -> dict[str, Any] | None:
    """Return the calls, and to whom one can be made."""
    if not context.user.has_perm("reports.triage_tip"):
        return None
    rows, name = list(context.tip.disclosures.all()), context.user.get_username()
    alone = bool(rows) and not urgent_calls.second_person(author=name)
    shown = [
        CallRow(row, urgent_calls.told(row, keys=context.keys) if context.keys else {}, row.author == name, alone)
        for row in rows
    ]
    return {"calls": shown, "to": urgent_calls.TO.items()}


DRAWN = 9  # tips in the picture; the list has all


def related(context: TipContext) -> dict[str, Any]:
    """Return what members have said of this tip and others; the machine's finds are a page of their own."""
    found = relations.web(tip=context.tip, by=context.user)
    own = relations.judged(tip=context.tip, by=context.user)
    return {
        "tips": [(tip, own.get(tip.pk)) for tip in found.tips[1:]],
        "count": len(found.tips),
        "sources": found.sources,
        "picture": mark_safe(_drawn(found)) if found.relations else "",  # noqa: S308 - charts escapes all text
        "undrawn": max(0, len(found.tips) - DRAWN),
        "one_source": any(row.verdict == Verdict.RELATED for row in own.values()),
    }


def _drawn(found: relations.Web) -> str:
    places = {tip.pk: place for place, tip in enumerate(found.tips[:DRAWN])}
    lines = [
        charts.Line(places[row.low_id], places[row.high_id], broken=row.verdict == Verdict.INDEPENDENT)
        for row in found.relations
        if row.low_id in places and row.high_id in places
    ]
    return charts.web(
        "web",
        title=_("How the related tips hang together"),
        desc=_("A line joins tips that count as one source, a dotted line tips that do not. The list says the same."),
        knots=[tip.reference for tip in found.tips[:DRAWN]],
        lines=lines,
    )


RIGHT = "reports.hand_over"
STAYS = "stays-"


def handed(context: TipContext) -> dict[str, Any] | None:
    """Return the packs that the tip is in, as far as the member may know them."""
    if not context.user.has_perms([RIGHT, "reports.view_pack"]):
        return None
    found = Pack.objects.visible_to(context.user).filter(parts__tip=context.tip).exclude(state=PackState.WITHDRAWN)
    return {"packs": list(found.defer("sealed"))}


class DisclosureQuestion(NamedTuple):
    """What is asked about a text: the words, what they may tell, and the reason why they stay."""

    name: str
    asked: own_words.Asked
    because: str


def graded(context: TipContext) -> dict[str, Any] | None:
    """Return the suggested grading, or what was just typed in its place, and what the sender says they know it from."""
    if not context.user.has_perm(RIGHT):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Grading, tip=context.tip)}
    if context.reading is None or context.keys is None:
        return shown
    try:
        grade = grading.latest(tip=context.tip, keys=context.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    names = ("source", "information", "handling", "conditions")
    chosen = {name: getattr(grade, name) for name in names}
    if context.act == "grade":
        chosen = {name: context.typed.get(name, "") for name in names}
    return shown | {
        "grade": grade,
        "chosen": chosen,
        "said": _said(context),
        "lists": (grading.SOURCE.items(), grading.INFORMATION.items(), grading.HANDLING.items()),
    }


def sanitised(context: TipContext) -> dict[str, Any] | None:
    """Return the text in our words beside the sender's own, what is asked about it, and what was just typed."""
    if not context.user.has_perm(RIGHT):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Sanitised, tip=context.tip)}
    if context.reading is None or context.keys is None:
        return shown
    try:
        wording = own_words.latest(tip=context.tip, keys=context.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    typed = context.typed if context.act == "sanitise" else {}
    fields = {name: typed.get(name, getattr(wording, name)) for name in ("text", "removed", "contact")}
    return (
        shown
        | fields
        | {
            "wording": wording,
            "questions": [_question(one, typed) for one in wording.asked],
            "originals": [part for part in context.parts if part.what],
        }
    )


def _question(asked: own_words.Asked, typed: Any) -> DisclosureQuestion:
    name = f"{STAYS}{asked.leak.key}"
    return DisclosureQuestion(name, asked, typed.get(name, asked.because))


def _said(context: TipContext) -> list[tuple[Any, Any]]:
    """Return what the sender answered to "how do you know?", with what that is worth, once each."""
    answers = [answer for part in context.parts for answer in part.answers if answer.name == "source"]
    return list(dict.fromkeys((answer.text, answer.hint) for answer in answers))


class Section(NamedTuple):
    """A template under `admin/reports/tip/`, and the function that says what it shows."""

    template: str
    facts: Callable[[TipContext], dict[str, Any] | None]


MAIN = (
    Section("_sanitised.html", sanitised),
    Section("_talk.html", talk),
    Section("_related.html", related),
    Section("_notes.html", notes),
)
SIDE = (
    Section("_decide.html", decide),
    Section("_labels.html", labels),
    Section("_enquiries.html", linked_enquiries),
    Section("_grading.html", graded),
    Section("_urgent_calls.html", urgent_calls_of),
    Section("_handover.html", handed),
    Section("_contact.html", contact),
    Section("_retention.html", kept),
    Section("_history.html", record),
)


def shown(sections: Sequence[Section], context: TipContext) -> list[dict[str, Any]]:
    """Return what the page draws of these sections for this member, in their order."""
    drawn = [(section.template, section.facts(context)) for section in sections]
    return [{"template": f"admin/reports/tip/{template}", **facts} for template, facts in drawn if facts is not None]
