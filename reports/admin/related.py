"""Related tips: the page on which a machine shows what tips share and a member says what they are to each other."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reports.admin import lock, tip_actions
from reports.admin.lock import page, unlock_first
from reports.domain import enquiries
from reports.domain.errors import Refused
from reports.domain.keys.keyholders import Keys
from reports.domain.search import matching
from reports.domain.triage import relations
from reports.models import Enquiry, Relation, Tip, Verdict


class RelateAttempt(NamedTuple):
    """What an answer that did not go through leaves on the page: about which tip, what was typed, and why not."""

    other: str = ""
    typed: Mapping[str, str] = {}
    error: str = ""


class MatchRow(NamedTuple):
    """A tip that shares something: why, what was said of it with which reason, and where it can be linked to."""

    match: matching.Match
    said: Relation | None
    reason: str
    verdicts: list[Verdict]
    enquiries: list[Enquiry]


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the pages' addresses, below the tips'."""
    return [
        path("<uuid:pk>/related/", wrap(related), name="reports_tip_related"),
        path("<uuid:pk>/relate/", wrap(relate), name="reports_tip_relate"),
    ]


def related(request: HttpRequest, pk: str) -> HttpResponse:
    """Show what other tips share with this one, strongest first, once that is recorded."""
    tip, keys = tip_actions.tip_for(request, pk, right="reports.read_tip"), lock.keys_of(request)
    if keys is None:
        return redirect(unlock_first(request.path))
    return show(request, tip, keys)


@require_POST
def relate(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a member's answer about two tips; it needs no unlocked desk, and a refusal keeps what was typed."""
    tip = tip_actions.tip_for(request, pk, right="reports.triage_tip")
    by, other, keys = cast("User", request.user), request.POST.get("other", ""), lock.keys_of(request)
    try:
        row = relations.judge(
            tip=tip,
            other=_other(request, other),
            verdict=request.POST.get("verdict", ""),
            reason=request.POST.get("reason", ""),
            by=by,
        )
    except Refused as refusal:
        if keys is not None and by.has_perm("reports.read_tip"):
            return show(request, tip, keys, RelateAttempt(other, request.POST, str(refusal)))
        messages.error(request, str(refusal))
    else:
        said = _("%(tip)s and %(other)s: %(verdict)s.")
        words = {"tip": tip.reference, "other": other, "verdict": Verdict(row.verdict).label}
        messages.success(request, said % words)
    return redirect(lock.safe_next(request, default=reverse("admin:reports_tip_change", args=[tip.pk])))


def _other(request: HttpRequest, reference: str) -> Tip:
    found = Tip.objects.visible_to(request.user).filter(reference=reference).first()
    if found is None:
        raise Refused(_("There is no tip with this reference."))
    return found


def show(request: HttpRequest, tip: Tip, keys: Keys, state: RelateAttempt | None = None) -> TemplateResponse:
    """Return the page."""
    by = cast("User", request.user)
    after = _after(request)
    look = matching.look(tip=tip, by=by, keys=keys, after=after)
    judged = relations.judged(tip=tip, by=by)
    reasons = relations.reasons(relations=judged.values(), keys=keys)
    own = [one for one in enquiries.of_tip(tip=tip) if one.status != "closed"]
    linked = enquiries.linked_among(tips=[match.tip for match in look.matches], enquiries=own)
    rows = [_row(match, judged.get(match.tip.pk), reasons, own, linked) for match in look.matches]
    context = page(request, title=_("Related to %(tip)s") % {"tip": tip.reference}) | {
        "tip": tip,
        "look": look,
        "state": state or RelateAttempt(),
        "new": [row for row in rows if row.said is None],
        "confirmed": [row for row in rows if row.said and row.said.verdict != Verdict.DISMISSED],
        "dismissed": [row for row in rows if row.said and row.said.verdict == Verdict.DISMISSED],
        "next": f"{reverse('admin:reports_tip_related', args=[tip.pk])}{f'?after={after}' if after else ''}",
        "after": after,
        "onward": after + matching.SHOWN if look.more else None,
    }
    return TemplateResponse(request, "admin/reports/related/related.html", context)


def _after(request: HttpRequest) -> int:
    """Return how many of the strongest were shown before."""
    asked = request.GET.get("after", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0


def _row(
    match: matching.Match, said: Relation | None, reasons: Mapping[Any, str], own: list[Enquiry], linked: set[Any]
) -> MatchRow:
    verdicts = [one for one in Verdict if said is None or said.verdict != one]
    free = [one for one in own if (match.tip.pk, one.pk) not in linked]
    return MatchRow(match, said, reasons.get(said.pk, "") if said else "", verdicts, free)
