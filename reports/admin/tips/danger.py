"""Calls and decisions about danger: the page of those that somebody else has to look at."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.rights import needs
from reports.admin.pages import lock
from reports.domain.people import second_person
from reports.domain.referrals import urgent_calls
from reports.domain.rights import RUN_DESK, VIEW_TIP
from reports.domain.triage import safety
from reports.models import Tip

# That the page lists at once.
CALLS = 200
DECISIONS = 100  # it opens each


@needs(VIEW_TIP)
def waiting(request: HttpRequest) -> HttpResponse:
    """List the calls that wait for a second person, and for a Team lead the decisions that wait for them."""
    user = cast("User", request.user)
    decisions = _decisions(request, user) if user.has_perm(RUN_DESK) else {}
    context = lock.page(request, title="Calls and decisions about danger") | {
        "calls": urgent_calls.waiting(user=user, today=timezone.localdate())[:CALLS],
        "alone": urgent_calls.no_reviewer(author=user.get_username()),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
        **decisions,
    }
    status = 503 if decisions.get("problem") else 200
    return TemplateResponse(request, "admin/reports/tips/danger.html", context, status=status)


def _decisions(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the decisions that wait for this Team lead, with what they say once that is recorded."""
    rows = list(safety.waiting(user=user)[:DECISIONS])
    keys = lock.keys_of(request)
    answers = dict[Any, dict[str, str]]()
    problem = ""
    try:
        answers = safety.read(rows=rows, by=user, keys=keys) if keys else {}
    except DatabaseError:
        problem = (
            "We could not record that you saw these decisions, so we do not show them. Try "
            "again, or tell a team lead."
        )
    lines = [{"row": row, "content": answers.get(row.pk), "may_look": True} for row in rows]
    return {
        "decisions": lines,
        "new_until": second_person.settles_at(RUN_DESK, user=user),
        "problem": problem,
        "here": reverse("admin:reports_tip_danger"),
    }
