"""Decisions about danger: the Team leads' list of those that wait."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core.rights import needs
from reports.admin.desk import lock
from reports.admin.desk.lock import page
from reports.domain.people import second_person
from reports.domain.triage import safety
from reports.models import Tip

RIGHT = "reports.run_desk"
SHOWN = 100  # decisions that the list opens at once


@needs(RIGHT)
def waiting(request: HttpRequest) -> HttpResponse:
    """List the decisions that wait for this Team lead, with what they say once that is recorded."""
    user, keys = cast("User", request.user), lock.keys_of(request)
    rows, answers, problem = list(safety.waiting(user=user)[:SHOWN]), dict[Any, dict[str, str]](), ""
    try:
        answers = safety.read(rows=rows, by=user, keys=keys) if keys else {}
    except DatabaseError:
        problem = _(
            "We could not record that you saw these decisions, so we do not show them. Try again, or tell a team lead."
        )
    context = page(request, title=_("Decisions about danger")) | {
        "rows": [(row, answers.get(row.pk)) for row in rows],
        "new_until": second_person.settles_at(user=user),
        "problem": problem,
        "here": reverse("admin:reports_tip_danger"),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    status = 503 if problem else 200
    return TemplateResponse(request, "admin/reports/tips/safety.html", context, status=status)
