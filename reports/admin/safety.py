"""Decisions about danger: the Team leads' list of those that wait, and the button that marks one as looked at."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.rights import needs
from reports.admin import actions, lock
from reports.admin.lock import page
from reports.admin.tip_actions import TipActionView
from reports.domain.people import second_person
from reports.domain.triage import safety
from reports.models import SafetyDecision, Tip

RIGHT = "reports.run_desk"
SHOWN = 100  # decisions that the list opens at once


class LookForm(forms.Form):
    """Which decision a button marks as looked at."""

    decision = forms.ModelChoiceField(
        SafetyDecision.objects.none(),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("There is no such decision.")),
    )


class LookView(TipActionView):
    """Marks a decision as looked at; on a locked desk nobody can have read it."""

    action, title, form_class = "look", gettext_lazy("Mark as looked at"), LookForm
    section, right = "safety", RIGHT

    def get_form_kwargs(self) -> dict[str, Any]:
        """Take the field as the button sends it."""
        return super().get_form_kwargs() | {"prefix": None}

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        """Look only among the tip's decisions."""
        form: forms.Form = super().get_form(form_class)
        cast("forms.ModelChoiceField", form.fields["decision"]).queryset = self.record.safety_decisions.all()
        return form

    def call_verb(self, data: dict[str, Any]) -> str:
        """Write down that it was looked at."""
        safety.look(decision=data["decision"], by=self.member)
        return _("you have looked at what was done about the danger")


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the act's and the list's addresses, below the tips'."""
    acts = actions.addresses((LookView,), prefix="reports_tip", wrap=wrap)
    return [*acts, path("danger/", wrap(waiting), name="reports_tip_danger")]


@needs(RIGHT)
def waiting(request: HttpRequest) -> HttpResponse:
    """List the decisions that wait for this Team lead, with what they say once that is recorded."""
    user, keys = cast("User", request.user), lock.keys_of(request)
    if not user.has_perms(["reports.view_tip", RIGHT]):
        raise PermissionDenied
    rows, said, problem = list(safety.waiting(user=user)[:SHOWN]), dict[Any, dict[str, str]](), ""
    try:
        said = safety.read(rows=rows, by=user, keys=keys) if keys else {}
    except DatabaseError:
        problem = _("That you saw these could not be recorded, so nothing is shown. Try again, or tell a Team lead.")
    context = page(request, title=_("Danger: what was done")) | {
        "rows": [(row, said.get(row.pk)) for row in rows],
        "new_until": second_person.settles_at(user=user),
        "problem": problem,
        "here": reverse("admin:reports_tip_danger"),
        "opts": Tip._meta,  # noqa: SLF001 - Django's public name
    }
    status = 503 if problem else 200
    return TemplateResponse(request, "admin/reports/safety/safety.html", context, status=status)
