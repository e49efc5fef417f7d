"""“Do this now” on a tip's page: whom to call where someone is or may be in danger, and who was called."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from core.sent import sent_text
from reports.admin.tips import forms as tip_forms
from reports.domain import desk
from reports.domain.referrals import consent, urgent_calls
from reports.models import SafetyDecision

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest

    from reports.admin.desk.actions import Attempt
    from reports.admin.desk.drafts import PageDrafts
    from reports.admin.tips.reading import Care
    from reports.models import Tip

type Sections = Mapping[str, Any]


class Page(Protocol):
    """What this part needs of the tip's page that it stands on."""

    request: "HttpRequest"
    tip: "Tip"
    attempt: "Attempt | None"
    draft: "PageDrafts"
    child_untold: bool

    def call_form(self, action: str, **initial: Any) -> tip_forms.DiscloseForm:
        """Return the form for a call that was made now."""

    def is_open(self, form: "forms.Form") -> bool:
        """Return whether a form has something that the member must see."""


def section(page: Page, its_care: "Care | None", sections: Sections) -> dict[str, Any] | None:
    """Return the calls to make and those that were made, in a fixed order; None where there is nothing of both.

    They stand on an urgent tip, on one whose sender is not sure about danger, and where the member asks for them.
    """
    protector = urgent_calls.SAFEGUARDING if desk.profile().safeguarding else urgent_calls.CHILDREN
    grounds = {urgent_calls.POLICE: consent.Ground.LIFE, protector: consent.Ground.CHILD}
    wanted = sent_text(page.request.GET, "open") == "now" or _has_begun(page, grounds)
    says_danger = bool(its_care.reasons) if its_care else page.tip.urgent
    shown = grounds.items() if says_danger or page.tip.unsure or (its_care and wanted) else ()
    lines = []
    for to, ground in shown:
        is_police = to == urgent_calls.POLICE
        told = its_care.told.get(is_police, "") if its_care else ""
        before = its_care.told_before.get(is_police, "") if its_care and not told else ""
        if not (told or before or wanted or _is_open_line(page, sections, is_police=is_police)):
            continue  # before its form is drawn: of a form that the page does not show all seems to be emptied
        line = {"to": to, "is_police": is_police, "told": told, "before": before}
        lines.append(line)
        if its_care and not told and "calls" in sections:
            form = page.call_form(f"disclose-{to}", to=to, ground=ground)
            form.fields["ground"].choices = consent.Ground.choices  # type: ignore[attr-defined]
            ticked = not is_police and its_care.under_18
            form.fields["danger"].help_text = "The sender is under 18: you can leave this empty." if ticked else ""
            line |= {"form": form, "open": page.is_open(form) or (wanted and is_police)}
    has_more = "alarm" in sections or "safety" in sections or sections.get("calls", {}).get("calls")
    asks = "alarm" in sections or not all(line["told"] for line in lines)
    is_refused = page.attempt is not None and page.attempt.section == "calls"
    return {"lines": lines, "asks": asks} if lines or has_more or is_refused else None


def can_record(now: dict[str, Any] | None, sections: Sections) -> bool:
    """Return whether the member may record a call and no line has the form for it: a link leads to one."""
    lines = now["lines"] if now else ()
    return "calls" in sections and not any("form" in line for line in lines)


def _has_begun(page: Page, lines: Iterable[str]) -> bool:
    """Return whether the member has begun to record a call in one of these lines."""
    forms = [tip_forms.DiscloseForm(**tip_forms.ids(f"disclose-{to}")) for to in lines]
    refused = page.attempt.form.prefix if page.attempt else None
    return any(form.prefix == refused or page.draft.holds(form, ("whom", "danger")) for form in forms)


def _is_open_line(page: Page, sections: Sections, *, is_police: bool) -> bool:
    """Return whether a call is still to be made: until the tip is decided, or a child's until somebody is told."""
    if not page.tip.decided or sections.get("alarm", {}).get("rings"):
        return True
    rows = sections.get("safety", {}).get("rows", ())
    is_answered = any(row.kind == SafetyDecision.Kind.CLOSED for row, _answers, _own in rows)
    return page.child_untold and not is_police and not is_answered
