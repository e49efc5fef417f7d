"""“Do this now” on a tip's page: whom to call where someone is or may be in danger, and what was done about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.http import HttpRequest

from core.sent import sent_text
from reports.admin.pages.actions import Attempt
from reports.admin.tips.reading import Care
from reports.domain import state_files
from reports.domain.referrals import consent, urgent_calls
from reports.models import SafetyDecision, Tip

type Sections = Mapping[str, Any]
type Line = dict[str, Any]


class Page(Protocol):
    """What this part needs of the tip's page that it stands on."""

    request: HttpRequest
    tip: Tip
    attempt: Attempt | None
    child_untold: bool
    grounds: tuple[consent.Ground, ...]


def is_asked_for(request: HttpRequest) -> bool:
    """Return whether the member asks for the boxes of a call."""
    return sent_text(request.GET, "open") == "now"


def section(page: Page, its_care: Care | None, sections: Sections) -> dict[str, Any] | None:
    """Return the calls to make, in a fixed order, and what was done, oldest first; None where there is nothing of both.

    They stand on an urgent tip, on one whose sender is not sure about danger, and where the member asks for them.
    """
    says_danger = bool(its_care.reasons) if its_care else page.tip.urgent
    is_wanted = its_care is not None and is_asked_for(page.request)
    is_shown = says_danger or page.tip.unsure or is_wanted
    every_line = _lines(page, its_care, sections) if is_shown else []
    is_refused = page.attempt is not None and page.attempt.section == "calls"
    lines = [
        line
        for line in every_line
        if is_wanted or line["told"] or line["before"] or line["is_open"]
    ]
    calls = sections.get("calls", {}).get("calls", [])
    decisions = sections.get("safety", {}).get("rows", [])
    rows = sorted([*calls, *decisions], key=lambda line: line["row"].since)
    if not (lines or rows or is_refused or "alarm" in sections):
        return None
    asks = "alarm" in sections or not all(line["told"] for line in lines)
    return {"lines": lines, "rows": rows, "asks": asks, "takes_call": bool(lines) or is_refused}


def chosen(request: HttpRequest, lines: Sequence[Line]) -> dict[str, str]:
    """Return who is called, and on what ground, in the line that the member chose or the first that is not done."""
    untold = {line["to"]: line["ground"] for line in lines if not line["told"]}
    asked = sent_text(request.GET, "to")
    to = asked if asked in untold else next(iter(untold), "")
    if to:
        return {"to": to, "ground": untold[to]}
    return {}


def _lines(page: Page, its_care: Care | None, sections: Sections) -> list[Line]:
    """Return whom to tell: the police first, then who protects children, then who protects adults where they count.

    Each with what was told them, as far as known.
    """
    grounds = {
        urgent_calls.POLICE: consent.Ground.LIFE,
        urgent_calls.CHILDREN: consent.Ground.CHILD,
    }
    if consent.Ground.ADULT in page.grounds:
        grounds[urgent_calls.ADULTS] = consent.Ground.ADULT
    has_contact = bool(state_files.profile().safeguarding)
    lines = []
    for whom, ground in grounds.items():
        is_child = whom == urgent_calls.CHILDREN
        told = its_care.told.get(whom, "") if its_care else ""
        before = ""
        if its_care and not told:
            before = its_care.told_before.get(whom, "")
        is_open = _is_open(page, sections, is_child=is_child)
        lines.append(
            {
                "to": urgent_calls.SAFEGUARDING if is_child and has_contact else whom,
                "ground": ground,
                "is_police": whom == urgent_calls.POLICE,
                "is_adult": whom == urgent_calls.ADULTS,
                "told": told,
                "before": before,
                "is_open": is_open,
            }
        )
    return lines


def _is_open(page: Page, sections: Sections, *, is_child: bool) -> bool:
    """Return whether a call is still to be made: until the tip is decided, or a child's until somebody is told."""
    if not page.tip.decided or sections.get("alarm", {}).get("rings"):
        return True
    decisions = sections.get("safety", {}).get("rows", ())
    is_answered = any(line["row"].kind == SafetyDecision.Kind.CLOSED for line in decisions)
    return page.child_untold and is_child and not is_answered
