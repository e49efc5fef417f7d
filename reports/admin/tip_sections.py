"""What stands beside and below a tip's text: one section a subject.

A section only shows; what its buttons do are acts (`reports/admin/tip_actions.py`) or pages of their own. Each subject
has a function from the page's context to what its template needs, as `section.<name>`; None leaves the section out.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.admin import danger_fields, tip_forms
from reports.admin.actions import Attempt
from reports.admin.audit import history_lines, in_words
from reports.admin.decision import GRADE, HAND_OVER, DecisionForm
from reports.admin.drafts import PageDrafts
from reports.admin.tip_reading import Part
from reports.domain import enquiries, retention
from reports.domain.errors import Refused
from reports.domain.handover import grading, own_words, urgent_calls, versions
from reports.domain.handover.grading import Grade
from reports.domain.keys.keyholders import Keys
from reports.domain.mailbox import messages
from reports.domain.tips import asking, opening
from reports.domain.tips.opening import Reading
from reports.domain.triage import relations, safety, undo
from reports.graphics import charts
from reports.models import (
    AuditAct,
    AuditEvent,
    Hold,
    Pack,
    PackState,
    ReplyTemplate,
    Sanitised,
    Status,
    Tip,
    UrgentCall,
    Verdict,
)
from reports.models.tips import UNDECIDED


class TipContext(NamedTuple):
    """A tip, who looks at it, and on an unlocked desk the keys and the reading, which is on the record by now."""

    tip: Tip
    user: User
    draft: PageDrafts  # what the member typed here and did not save
    as_of: int = 0  # the record's number as of which the page is drawn
    keys: Keys | None = None
    reading: Reading | None = None
    parts: Sequence[Part] = ()  # the reading as the page lays it out
    attempt: Attempt | None = None  # an act that did not go through

    def refused(self, action: str) -> bool:
        """Return whether it is this act."""
        return self.attempt is not None and self.attempt.action == action

    def new[Form: forms.Form](self, action: str, form_class: type[Form], **options: Any) -> Form:
        """Return the form that was refused, with all that was typed, or a new one."""
        if self.attempt and self.refused(action):
            return cast("Form", self.attempt.form)
        return form_class(**tip_forms.ids(action), **options)

    def form[Form: forms.Form](self, action: str, form_class: type[Form], **options: Any) -> Form:
        """Return the same as the page draws it: a new one is filled with what was typed and not saved."""
        return self.draft.draw(self.new(action, form_class, **options))

    def is_open(self, form: forms.Form) -> bool:
        """Return whether a form that the page draws folds away has something that the member must see."""
        return form.is_bound or any(form.add_prefix(name) in self.draft.typed for name in form.fields)


HISTORY = 200  # events that the page looks at; repeated ones are shown as one
LATELY = timedelta(minutes=10)  # for which a colleague who read a tip is taken to have it open


def alarm(context: TipContext) -> dict[str, Any] | None:
    """Return whether the tip's alarm rings, which reading it does not silence, and who has taken care of it."""
    tip = context.tip
    if not tip.urgent or (tip.decided and tip.acknowledged_at):
        return None
    own = tip.acknowledged_by == context.user.get_username()
    return {"rings": tip.acknowledged_at is None, "taken": tip.acknowledged_at is not None, "own": own}


def notes(context: TipContext) -> dict[str, Any] | None:
    """Return the notes, or how many there are while they are sealed."""
    reading = context.reading
    count = len(reading.notes) if reading else context.tip.notes.count()
    remarks = [(remark, reading.doubt(remark.note)) for remark in reading.notes] if reading else []
    return {"remarks": remarks, "count": count} if count else None


def decide(context: TipContext) -> dict[str, Any] | None:
    """Return the working surface: everything that one press saves."""
    if context.reading is None or context.keys is None or not context.user.has_perm("reports.triage_tip"):
        return None
    form = context.new("save", DecisionForm, by=context.user)
    grade, broken = _graded(context)
    danger_fields.ask(form, context.draft, asked=context.tip.urgent and safety.is_asked(tip=context.tip))
    form.begin_from(context.tip, grade, as_of=context.as_of, asks=not asking.against(context.reading.arrivals))
    said = _said(context) if grade else []
    if said:
        hints = " ".join(f"grading-said-{number}" for number in range(1, len(said) + 1))
        form.fields["information"].widget.attrs["aria-describedby"] = hints
    context.draft.draw(form)
    linked = [box.data["value"].instance for box in form["linked"]] if "linked" in form.fields else []
    return {
        "form": form,
        "grade": grade,
        "grades": [form[name] for name in GRADE[:3]] if grade else [],
        "graded": [form[name].value() or "–" for name in GRADE[:3]] if grade else [],
        "broken": broken,
        "said": said,
        "linked": linked,
        "closing": [status.value for status in Status if status not in UNDECIDED],
        "open": context.is_open(form),
    }


def contact(context: TipContext) -> dict[str, Any] | None:
    """Return whether there are contact details, and the reasons for which they may be revealed."""
    if context.reading is None or not context.user.has_perm("reports.reveal_contact"):
        return None
    chosen = asking.may_phone(context.reading.arrivals)
    form = context.new("reveal", tip_forms.RevealForm)
    form.offer(() if chosen else (opening.DANGER,))
    context.draft.draw(form)
    facts = {"left": context.reading.has_contact, "chosen": chosen}
    return facts | {"form": form, "open": context.is_open(form)}


def kept(context: TipContext) -> dict[str, Any]:
    """Return the legal hold and the day of deletion, if there is one."""
    hold = Hold.objects.filter(tip=context.tip).first()
    in_use, to_look_at = retention.kept_by_enquiry(context.tip), retention.kept_for_a_lead(context.tip)
    due_on = None if in_use or to_look_at else retention.due_on(context.tip)
    return {"hold": hold, "in_use": in_use, "to_look_at": to_look_at, "due_on": due_on}


def record(context: TipContext) -> dict[str, Any]:
    """Return what was done with the tip, newest first, and which colleagues have read it in the last minutes."""
    done = AuditEvent.objects.filter(subject=context.tip.reference).exclude(act=AuditAct.VOUCHED)  # which is no deed
    events = list(done[:HISTORY])
    since, own = timezone.now() - LATELY, context.user.get_username()
    readers = {one.actor for one in events if one.act == AuditAct.READ and one.at > since and one.actor != own}
    return {"lines": history_lines(events), "readers": sorted(readers)}


class LastPress(NamedTuple):
    """What the last press did to the tip: its name, who pressed and when, and what it did, in words."""

    press: str
    by: AuditEvent
    did: list[str]


def can_be_undone(context: TipContext) -> dict[str, Any] | None:
    """Return what can be undone now, for who may do it."""
    if not context.user.has_perm("reports.triage_tip"):
        return None
    events = undo.of_tip(tip=context.tip)
    did = [in_words(event) for event in events]
    return {"last": LastPress(events[0].detail["press"], events[-1], did)} if events else None


def talk(context: TipContext) -> dict[str, Any]:
    """Return the talk, or how much of it there is while it is sealed; `closed` says why the sender is not asked.

    A draft of a question to them has no box then: it stands among the page's drafts, to be copied.
    """
    facts: dict[str, Any] = {"burned": context.tip.burned is not None}
    if context.reading is None or context.keys is None:
        return facts | {"count": context.tip.messages.count()}
    facts["lines"] = messages.thread(reading=context.reading, keys=context.keys)
    if refusal := asking.against(context.reading.arrivals):
        safety = context.form("safety", tip_forms.SafetyForm)
        return facts | {"closed": refusal, "safety": safety, "open": context.is_open(safety)}
    return facts | {
        "form": context.form("write", tip_forms.WriteForm),
        "start": tip_forms.ReplyForm(**tip_forms.ids("write")),
        "ready": ReplyTemplate.objects.exists(),
    }


def labels(context: TipContext) -> dict[str, Any] | None:
    """Return what stands in clear beside the tip, for a page without the working surface."""
    if context.reading is not None and context.user.has_perm("reports.triage_tip"):
        return None
    linked = enquiries.of_tip(tip=context.tip) if context.user.has_perm("reports.view_enquiry") else []
    return {"labels": list(context.tip.labels.all()), "linked": list(linked)}


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
    alone = bool(rows) and not urgent_calls.has_reviewer(author=name)
    shown = []
    for row in rows:
        told = urgent_calls.content(row, keys=context.keys) if context.keys else {}
        form = tip_forms.ReviewForm(**tip_forms.ids(f"review-{row.pk}"), initial={"call": row.pk})
        if context.attempt and context.attempt.form.prefix == form.prefix:
            form = cast("tip_forms.ReviewForm", context.attempt.form)
        shown.append(CallRow(row, told, row.author == name, alone, context.draft.draw(form)))
    disclose = context.form("disclose", tip_forms.DiscloseForm)
    return {"calls": shown, "form": disclose, "open": context.is_open(disclose)}


def safety_of(context: TipContext) -> dict[str, Any] | None:
    """Return the decisions about danger, what each says, and whether the member may mark it as looked at."""
    rows = list(context.tip.safety_decisions.all())
    if not rows or not context.user.has_perm("reports.triage_tip"):
        return None
    leads = context.user.has_perm("reports.run_desk")
    own = set(safety.waiting(user=context.user).filter(tip=context.tip)) if leads else set()
    said = {row: safety.content(row, keys=context.keys) if context.keys else {} for row in rows}
    return {"rows": [(row, said[row], row in own) for row in rows]}


DRAWN = 9  # tips in the picture; the list has all


def related(context: TipContext) -> dict[str, Any]:
    """Return what members have said of this tip and others; the machine's finds are a page of their own."""
    own = relations.judged(tip=context.tip, by=context.user)
    found = relations.web(tip=context.tip, by=context.user) if own else relations.Web((context.tip,), (), 1)
    alone = context.form("alone", tip_forms.StandAloneForm)
    return {
        "tips": [(tip, own.get(tip.pk)) for tip in found.tips[1:]],
        "counted": f"{_tips(len(found.tips))}, {_sources(found.sources)}",
        "picture": mark_safe(_drawn(found)) if found.relations else "",  # noqa: S308 - charts escapes all text
        "undrawn": max(0, len(found.tips) - DRAWN),
        "form": alone,
        "open": context.is_open(alone),
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


def handed(context: TipContext) -> dict[str, Any] | None:
    """Return the packs that the tip is in, as far as the member may know them."""
    if not context.user.has_perms([HAND_OVER, "reports.view_pack"]):
        return None
    found = Pack.objects.filter(parts__tip=context.tip).exclude(status=PackState.WITHDRAWN).defer("sealed")
    return {"packs": list(found.visible_to(context.user)) if found.exists() else []}


class DisclosureQuestion(NamedTuple):
    """What is asked about a text: the words, what they may tell, and the box for the reason why they stay."""

    asked: own_words.ReviewedLeak
    because: forms.BoundField


def _graded(context: TipContext) -> tuple[Grade | None, str]:
    """Return the suggested grading for who may give one, and why it cannot be read."""
    if context.keys is None or not context.user.has_perm(HAND_OVER):
        return None, ""
    try:
        return grading.latest(tip=context.tip, keys=context.keys), ""
    except Refused as refusal:
        return None, str(refusal)


def sanitised(context: TipContext) -> dict[str, Any] | None:
    """Return the text in our words beside the sender's own, what is asked about it, and what was just typed."""
    if not context.user.has_perm(HAND_OVER):
        return None
    if context.reading is None or context.keys is None:
        return {"count": versions.latest_number(Sanitised, tip=context.tip)}
    try:
        wording = own_words.latest(tip=context.tip, keys=context.keys)
    except Refused as refusal:
        return {"broken": str(refusal)}
    initial = {name: getattr(wording, name) for name in ("text", "removed", "contact")}
    form = context.new("sanitise", tip_forms.SanitiseForm, initial=initial | {"seen": wording.version})
    form.ask(wording.asked)
    context.draft.draw(form)
    return {
        "wording": wording,
        "form": form,
        "open": context.is_open(form),
        "seen": wording.version if form.is_bound else form["seen"].value(),
        "questions": [DisclosureQuestion(one, form[f"{tip_forms.STAYS}{one.leak.key}"]) for one in wording.asked],
        "originals": [part for part in context.parts if part.what],
    }


def _said(context: TipContext) -> list[tuple[Any, Any]]:
    """Return what the sender answered to "how do you know?", with what that is worth, once each."""
    answers = [answer for part in context.parts for answer in part.answers if answer.name == "source"]
    return list(dict.fromkeys((answer.text, answer.hint) for answer in answers))


# By the names under which tip.html draws them, in its own order.
SECTIONS: dict[str, Callable[[TipContext], dict[str, Any] | None]] = {
    "alarm": alarm,
    "related": related,
    "talk": talk,
    "own_words": sanitised,
    "calls": urgent_calls_of,
    "safety": safety_of,
    "handover": handed,
    "contact": contact,
    "retention": kept,
    "decision": decide,
    "labels": labels,
    "notes": notes,
    "history": record,
    "undo": can_be_undone,
}


def shown(context: TipContext) -> dict[str, dict[str, Any]]:
    """Return what the page draws of each section for this member; one that they have no right to is not there."""
    drawn = {name: facts(context) for name, facts in SECTIONS.items()}
    return {name: facts for name, facts in drawn.items() if facts is not None}
