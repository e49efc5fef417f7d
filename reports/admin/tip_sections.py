"""What stands beside and below a tip's text: one section a subject, in the page's order.

A section only shows; what its forms do are acts (`reports/admin/tip_actions.py`) or pages of their own. Each subject
has a function from the page's context to what its template needs, as `section.<name>`; None leaves the section out.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.admin import tip_forms
from reports.admin.actions import Attempt
from reports.admin.audit import history_lines
from reports.admin.tip_reading import Part
from reports.domain import enquiries, retention, triage
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words, versions
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips.opening import Reading
from reports.domain.triage import relations, urgent_calls
from reports.graphics import charts
from reports.models import (
    AuditEvent,
    Enquiry,
    Grading,
    Hold,
    Label,
    Pack,
    PackState,
    ReplyTemplate,
    Sanitised,
    Tip,
    UrgentCall,
    Verdict,
)


class TipContext(NamedTuple):
    """A tip, who looks at it, and on an unlocked desk the keys and the reading, which is on the record by now."""

    tip: Tip
    user: User
    unlocked: bool = False
    keys: Keys | None = None
    reading: Reading | None = None
    parts: Sequence[Part] = ()  # the reading as the page lays it out
    attempt: Attempt | None = None  # an act that did not go through

    def refused(self, action: str) -> bool:
        """Return whether it is this act."""
        return self.attempt is not None and self.attempt.action == action and self.attempt.phrase_form is None

    def form[Form: forms.Form](self, action: str, form_class: type[Form], **options: Any) -> Form:
        """Return the form to draw: the one that was refused, with all that was typed, or a new one."""
        if self.attempt and self.refused(action):
            return cast("Form", self.attempt.form)
        return form_class(**tip_forms.ids(action), **options)


HISTORY = 200  # events that the page looks at; repeated ones are shown as one


def notes(context: TipContext) -> dict[str, Any]:
    """Return the notes, or how many there are while they are sealed."""
    form = context.form("note", tip_forms.NoteForm, unlocked=context.unlocked)
    remarks = context.reading.notes if context.reading else ()
    return {"remarks": remarks, "count": context.tip.notes.count(), "form": form}


def decide(context: TipContext) -> dict[str, Any] | None:
    """Return where the tip may go, and to whom."""
    if not context.user.has_perm("reports.triage_tip"):
        return None
    return {
        "moves": triage.moves_from(context.tip.status),
        "move": context.form("move", tip_forms.MoveForm, initial={"then": context.unlocked}),
        "assign": context.form("assign", tip_forms.AssignForm, initial={"to": context.tip.assignee_id}),
    }


def contact(context: TipContext) -> dict[str, Any] | None:
    """Return whether there are contact details, and the reasons for which they may be revealed."""
    if context.reading is None or not context.user.has_perm("reports.reveal_contact"):
        return None
    form = context.form("reveal", tip_forms.RevealForm)
    return {"left": context.reading.has_contact, "form": form, "refused": context.refused("reveal")}


def kept(context: TipContext) -> dict[str, Any]:
    """Return the legal hold and the day of deletion, if there is one."""
    hold = Hold.objects.filter(tip=context.tip).first()
    in_use = retention.kept_by_enquiry(context.tip)
    return {"hold": hold, "in_use": in_use, "due_on": None if in_use else retention.due_on(context.tip)}


def record(context: TipContext) -> dict[str, Any]:
    """Return what was done with the tip, newest first."""
    return {"lines": history_lines(AuditEvent.objects.filter(subject=context.tip.reference)[:HISTORY])}


def talk(context: TipContext) -> dict[str, Any]:
    """Return the talk, or how much of it there is while it is sealed."""
    facts = {
        "count": context.tip.messages.count(),
        "burned": context.tip.burned is not None,
        "form": context.form("write", tip_forms.WriteForm),
        "start": tip_forms.ReplyForm(**tip_forms.ids("write")),
        "ready": ReplyTemplate.objects.exists(),
    }
    if context.reading is None or context.keys is None:
        return facts
    return facts | {"lines": messages.thread(reading=context.reading, keys=context.keys)}


def labels(context: TipContext) -> dict[str, Any]:
    """Return the labels that the tip has, and those that it can be given."""
    has = list(context.tip.labels.all())
    others = Label.objects.filter(retired=False).exclude(pk__in=[one.pk for one in has])
    form = context.form("label", tip_forms.LabelForm)
    form.fields["label"].queryset = others  # type: ignore[attr-defined]
    return {"labels": has, "form": form if context.user.has_perm("reports.triage_tip") and others.exists() else None}


def linked_enquiries(context: TipContext) -> dict[str, Any] | None:
    """Return the tip's enquiries, and those to which it can be linked."""
    if not context.user.has_perm("reports.view_enquiry"):
        return None
    linked = list(enquiries.of_tip(tip=context.tip))
    others = Enquiry.objects.under_way().exclude(pk__in=[one.pk for one in linked]).in_working_order()
    form = context.form("link", tip_forms.LinkForm)
    form.fields["enquiry"].queryset = others  # type: ignore[attr-defined]
    return {"linked": linked, "form": form, "others": others.exists()}


class CallRow(NamedTuple):
    """A call as the section shows it; `told` is empty on a locked desk, `form` is for the second person."""

    row: UrgentCall
    told: dict[str, Any]
    own: bool
    alone: bool
    form: tip_forms.ReviewForm


def urgent_calls_of(context: TipContext) -> dict[str, Any] | None:
    """Return the calls, and to whom one can be made."""
    if not context.user.has_perm("reports.triage_tip"):
        return None
    rows, name = list(context.tip.urgent_calls.all()), context.user.get_username()
    alone = bool(rows) and not urgent_calls.second_person(author=name)
    refused = context.attempt.form if context.attempt and context.refused("review") else None
    shown = []
    for row in rows:
        told = urgent_calls.content(row, keys=context.keys) if context.keys else {}
        form: Any = tip_forms.ReviewForm(**tip_forms.ids(f"review-{row.pk}"), initial={"call": row.pk})
        if refused and refused["call"].value() == str(row.pk):
            form, refused = refused, None
        shown.append(CallRow(row, told, row.author == name, alone, form))
    disclose = context.form("disclose", tip_forms.DiscloseForm)
    return {"calls": shown, "form": disclose, "refused": context.refused("disclose"), "lost": refused}


DRAWN = 9  # tips in the picture; the list has all


def related(context: TipContext) -> dict[str, Any]:
    """Return what members have said of this tip and others; the machine's finds are a page of their own."""
    found = relations.web(tip=context.tip, by=context.user)
    own = relations.judged(tip=context.tip, by=context.user)
    return {
        "tips": [(tip, own.get(tip.pk)) for tip in found.tips[1:]],
        "counted": f"{_tips(len(found.tips))}, {_sources(found.sources)}",
        "picture": mark_safe(_drawn(found)) if found.relations else "",  # noqa: S308 - charts escapes all text
        "undrawn": max(0, len(found.tips) - DRAWN),
        "form": context.form("alone", tip_forms.StandAloneForm),
        "refused": context.refused("alone"),
        "one_source": any(row.verdict == Verdict.RELATED for row in own.values()),
    }


def _tips(count: int) -> str:
    return ngettext("%(count)d tip", "%(count)d tips", count) % {"count": count}


def _sources(count: int) -> str:
    return ngettext("%(count)d source", "%(count)d sources", count) % {"count": count}


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


HAND_OVER = "reports.hand_over"


def handed(context: TipContext) -> dict[str, Any] | None:
    """Return the packs that the tip is in, as far as the member may know them."""
    if not context.user.has_perms([HAND_OVER, "reports.view_pack"]):
        return None
    found = Pack.objects.visible_to(context.user).filter(parts__tip=context.tip).exclude(state=PackState.WITHDRAWN)
    return {"packs": list(found.defer("sealed"))}


class DisclosureQuestion(NamedTuple):
    """What is asked about a text: the words, what they may tell, and the box for the reason why they stay."""

    asked: own_words.ReviewedLeak
    because: forms.BoundField


def graded(context: TipContext) -> dict[str, Any] | None:
    """Return the suggested grading, or what was just typed in its place, and what the sender says they know it from."""
    if not context.user.has_perm(HAND_OVER):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Grading, tip=context.tip)}
    if context.reading is None or context.keys is None:
        return shown
    try:
        grade = grading.latest(tip=context.tip, keys=context.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    names = ("source", "information", "handling", "conditions")
    form = context.form("grade", tip_forms.GradeForm, initial={name: getattr(grade, name) for name in names})
    said = _said(context)
    if said:
        hints = " ".join(f"grade_said_{number}" for number in range(1, len(said) + 1))
        form.fields["information"].widget.attrs["aria-describedby"] = hints
    codes = [grade.source, grade.information or "–", grade.handling or "–"]
    return shown | {"grade": grade, "codes": codes, "form": form, "said": said}


def sanitised(context: TipContext) -> dict[str, Any] | None:
    """Return the text in our words beside the sender's own, what is asked about it, and what was just typed."""
    if not context.user.has_perm(HAND_OVER):
        return None
    shown: dict[str, Any] = {"count": versions.latest_number(Sanitised, tip=context.tip)}
    if context.reading is None or context.keys is None:
        return shown
    try:
        wording = own_words.latest(tip=context.tip, keys=context.keys)
    except Refused as refusal:
        return shown | {"broken": str(refusal)}
    initial = {name: getattr(wording, name) for name in ("text", "removed", "contact")}
    form = context.form("sanitise", tip_forms.SanitiseForm, initial=initial)
    form.ask(wording.asked)
    return shown | {
        "wording": wording,
        "form": form,
        "refused": context.refused("sanitise"),
        "questions": [DisclosureQuestion(one, form[f"{tip_forms.STAYS}{one.leak.key}"]) for one in wording.asked],
        "originals": [part for part in context.parts if part.what],
    }


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
