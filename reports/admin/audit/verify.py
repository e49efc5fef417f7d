"""The check of the audit log for tampering."""

from typing import cast

from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rights import needs
from reports.admin.desk import lock
from reports.domain.audit import verification, whole
from reports.domain.errors import Refused
from reports.models import Tip, hidden_from


class MarkForm(forms.Form):
    """A log check code that was noted; it is not secret, so it may be in the address."""

    use_required_attribute = False  # the page says what is missing, in its own words

    mark = forms.CharField(
        label=gettext_lazy("Log check code from your notes or from the weekly email"),
        max_length=40,
        error_messages={"required": gettext_lazy("Enter the log check code.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    known: bool | None = None  # whether the log has the code

    def clean_mark(self) -> str:
        """Look for the code in the log; refuse what is not one."""
        mark = str(self.cleaned_data["mark"])
        try:
            self.known = verification.knows(mark)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return mark


@needs("reports.view_auditevent")
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole audit log at a press of the button, show what was found, and add the check to the log."""
    context = lock.page(request, title=_("Check the audit log for tampering")) | {"mark": verification.mark()}
    if request.method == "POST":
        keys, user = lock.keys_of(request), cast("User", request.user)
        look = whole.verify(proof=keys.audit_keys if keys else None)
        verification.conclude(look, by=user)
        hidden = list(Tip.objects.filter(pk__in=hidden_from(user)).values_list("reference", flat=True))
        sentences = [sentence for sentence in look.findings if not any(reference in sentence for reference in hidden)]
        sentences = sentences[: verification.TOLD]  # the others are only counted
        context |= {"look": look, "sentences": sentences, "more": len(look.findings) - len(sentences)}
    context["mark_form"] = mark_form = MarkForm(request.GET if "mark" in request.GET else None)
    mark_form.is_valid()  # the page says first whether the log has the code
    return TemplateResponse(request, "admin/reports/audit/verify.html", context)
