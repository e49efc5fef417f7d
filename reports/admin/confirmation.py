"""A page of its own for an act that takes a sealed reason: it says what will happen, and keeps what was typed."""

from typing import Any, ClassVar, NamedTuple

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.admin import drafts, lock
from reports.admin.actions import Attempt, TextArea
from reports.admin.lock import page
from reports.admin.tip_actions import TipActionView


class ReasonForm(forms.Form):
    """The reason."""

    use_required_attribute = False
    reason = forms.CharField(
        help_text=_("Sealed to the desk at once. Leads can read it."), required=False, strip=False, widget=TextArea(4)
    )


class AskForm(forms.Form):
    """What the button on the tip's page sends, which leads to the question."""

    ask = forms.BooleanField()


class Question(NamedTuple):
    """What is asked, what it leads to, and what is said once it is done."""

    title: str | Promise
    consequences: tuple[str | Promise, ...]
    label: str | Promise
    button: str | Promise
    done: str | Promise


class ConfirmationView(TipActionView):
    """An act on a tip that asks for a reason first, on a page of its own; `call_verb` does it."""

    http_method_names = ["get", "post"]
    form_class = ReasonForm
    refused_field = "reason"
    question: ClassVar[Question]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask."""
        self.record = self.get_record()
        return self.show_record(Attempt(self.action, self.get_form()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is typed on the tip's page, whose button leads here, and ask; or do it."""
        if not AskForm(request.POST).is_valid():
            return super().post(request, *args, **kwargs)
        self.record = self.get_record()
        drafts.save(request)
        return redirect(request.path)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Name the fields as this page does, which has no other form."""
        return super().get_form_kwargs() | {"prefix": None, "auto_id": f"{self.action}_%s"}

    def get_form(self, form_class: type[forms.Form] | None = None) -> forms.Form:
        """Ask for the reason in the question's words."""
        form: forms.Form = super().get_form(form_class)
        form.fields["reason"].label = str(self.question.label)
        return form

    def show_record(self, attempt: Attempt) -> HttpResponse:
        """Return the page."""
        keys, record = lock.keys_of(self.request), f"{self.action}:{self.record.pk}"
        draft = drafts.begin(self.request, record=record, tip=self.record, keys=keys)
        draft.draw(attempt.form)
        context = page(self.request, title=str(self.question.title)) | {
            "draft": draft,
            "tip": self.record,
            "question": self.question,
            "attempt": attempt,
        }
        return TemplateResponse(self.request, "admin/reports/confirmation/confirmation.html", context)

    def perform(self, data: dict[str, Any]) -> str:
        """Do it and say so."""
        self.call_verb(data)
        return str(self.question.done) % {"tip": self.record.reference}
