"""A page of its own for an act that takes a sealed reason: it says what will happen, and keeps what was typed."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from core.action_form import ActionForm
from reports.admin.pages import lock, page_drafts
from reports.admin.pages.actions import Attempt, TextArea
from reports.admin.tips.acts import TipActionView


class ReasonForm(ActionForm):
    """The reason."""

    reason = forms.CharField(
        help_text="We lock this at once. Team leads can read it.",
        required=False,
        strip=False,
        widget=TextArea(4),
    )


class ConfirmationView(TipActionView):
    """An act on a tip that asks for a reason first, on a page of its own.

    `title` is what is asked there, `consequences` what it leads to, `label` and `button` what stands at box and button.
    """

    http_method_names = ["get", "post"]
    form_class = ReasonForm
    refused_field = "reason"
    consequences: ClassVar[tuple[str, ...]]
    label: ClassVar[str]
    button: ClassVar[str]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is typed on the tip's page, whose button leads here, and ask; or do it."""
        if "ask" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.target = self.get_target()
        page_drafts.save(request)
        return redirect(request.path)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Name the fields as this page does, which has no other form."""
        return super().get_form_kwargs() | {"prefix": None, "auto_id": f"{self.action}_%s"}

    def get_form(self, form_class: Any = None) -> forms.Form:
        """Return the form with the act's own question, before anything of it is drawn."""
        form: forms.Form = super().get_form(form_class)
        form.fields["reason"].label = str(self.label)
        return form

    def show_target(self, attempt: Attempt) -> HttpResponse:
        """Return the page."""
        keys = lock.keys_of(self.request)
        target = f"{self.action}:{self.target.pk}"
        draft = page_drafts.for_page(self.request, target=target, tip=self.target, keys=keys)
        draft.draw(attempt.form)
        extra = {"draft": draft, "tip": self.target, "question": self, "attempt": attempt}
        context = lock.page(self.request, title=str(self.title)) | extra
        return TemplateResponse(self.request, "admin/reports/tips/confirmation.html", context)
