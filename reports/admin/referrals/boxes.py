"""What left in a referral, in boxes to copy from: many forces take in only what comes through a form of theirs.

Each that somebody opens is recorded.
"""

from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from core.rights import needs
from reports.admin.pages import lock
from reports.admin.referrals.page import referral_for
from reports.domain.errors import Refused
from reports.domain.referrals import exported, own_words
from reports.domain.referrals.exported import Exported
from reports.domain.rights import REFER
from reports.graphics import pdf

NO_HEADING = "Under no heading"


class Box(NamedTuple):
    """A text to copy, its name, and its id on the page."""

    name: str
    text: str
    id: str


@needs(get=REFER)
def boxes(request: HttpRequest, pk: str) -> HttpResponse:
    """Show what left of a referral in boxes, each with a button to copy it; that somebody opened it is recorded."""
    referral = referral_for(request, pk)
    by = cast("User", request.user)
    if (keys := lock.keys_of(request)) is None:
        return redirect(lock.unlock_first(request.path))
    context = lock.page(request, title=f"Copy {referral.reference}") | {
        "referral": referral,
        "problem": "",
    }
    try:
        left = exported.to_copy(referral=referral, by=by, keys=keys)
        context |= _in_boxes(left)
    except Refused as refusal:
        context["problem"] = str(refusal)
    return TemplateResponse(request, "admin/reports/referrals/boxes.html", context)


def _in_boxes(left: Exported) -> dict[str, Any]:
    content = left.document["content"]
    facts = {"Reference": content["referral"], **pdf.referral_facts(content)}
    if content["danger"]:
        facts["Danger"] = f"{pdf.GROUNDS[content.get('ground', 'life')]}. {content['danger']}"
    reports = [(report.number, _boxes(report.document)) for report in left.reports]
    return {"whole": Box("The referral", _lines(facts), "box-0"), "reports": reports}


def _boxes(report: dict[str, Any] | None) -> list[Box]:
    """Return a box for each heading that our wording has, and a last one for all else; none of a deleted tip."""
    if report is None:
        return []
    by_heading = own_words.by_heading(report["text"])
    rest = by_heading.pop("", "")
    facts = pdf.report_facts(report) | pdf.left_out_facts(report)
    by_heading[NO_HEADING] = "\n".join(filter(None, [rest, _lines(facts)]))
    number = report["number"]
    return [
        Box(name, text, f"box-{number}-{at}")
        for at, (name, text) in enumerate(by_heading.items(), start=1)
    ]


def _lines(facts: dict[str, str]) -> str:
    return "\n".join(f"{name}: {text}" for name, text in facts.items())
