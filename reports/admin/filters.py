"""How the queue can be narrowed: the fields of one form, all of which combine."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from reports import questions
from reports.domain import desk
from reports.domain.triage.queue import FACTS, Narrowing
from reports.models import Label, Status

WAITING = [
    ("urgent", _("Urgent, not acknowledged")),
    ("unread", _("Unread")),
    ("answers", _("Answered, not read")),
    ("mine", _("Mine, not decided")),
    ("nobody", _("Given to nobody, not decided")),
]


ANY = ("", _("Any"))


class Choice(forms.ChoiceField):
    """A choice that may be left open; one that does not exist narrows nothing."""

    def clean(self, value: Any) -> str:
        """Return the choice, or nothing."""
        return str(value) if self.valid_value(value) else ""


class FilterForm(forms.Form):
    """What an address of the queue asks for."""

    waiting = Choice(label=_("What waits"), choices=[ANY, *WAITING], required=False)
    status = Choice(label=_("Status"), choices=[ANY, *Status.choices], required=False)
    category = Choice(label=_("Kind"), choices=[ANY, *questions.CHOICES["kind"]], required=False)
    area = Choice(label=_("Area"), choices=[ANY, *questions.CHOICES["area"]], required=False)
    appeal = Choice(label=_("Appeal"), required=False)
    label = Choice(label=_("Label"), required=False)
    urgent = Choice(label=_("Urgency"), choices=[ANY, ("1", _("Urgent"))], required=False)

    def __init__(self, asked: Mapping[str, str]) -> None:
        """Read the address; `appeals` are the open ones as the public form knows them, which asks no database."""
        super().__init__(asked, auto_id="filter_%s", label_suffix="")
        self.appeals = [(key, appeal.title) for key, appeal in desk.form_state().appeals.items()]
        self.labels = [(str(pk), name) for pk, name in Label.objects.values_list("pk", "name")]
        appeals, wanted = dict(self.appeals), asked.get("appeal")
        if wanted and wanted.isprintable():
            appeals.setdefault(wanted, wanted)  # one that has closed: its tips can still be found
        cast("Choice", self.fields["appeal"]).choices = [ANY, *appeals.items()]
        cast("Choice", self.fields["label"]).choices = [ANY, *self.labels]
        self.full_clean()

    @property
    def chosen(self) -> dict[str, str]:
        """Return what narrows the queue, as an address says it."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrowing(self) -> Narrowing:
        """Return the same for the queue."""
        chosen = self.chosen
        return Narrowing(
            waiting=chosen.get("waiting", ""),
            urgent="urgent" in chosen,
            facts={column: chosen[column] for column in FACTS if column in chosen},
            label=int(chosen["label"]) if "label" in chosen else None,
        )
