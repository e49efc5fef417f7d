"""Writing down a tip that came by phone, by letter or at the door, and handing its words over."""

from collections.abc import Callable
from copy import copy
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.admin.rights import needs
from reports.admin import drafts, lock
from reports.admin.lock import page
from reports.domain import intake
from reports.domain.errors import DeskBroken, NotReceived
from reports.domain.intake import recorded_tips
from reports.forms import TipForm
from reports.models import Tip


class TokenForm(forms.Form):
    """The token under which the tip is stored, so that a form that is sent twice is one tip."""

    token = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def token_sent(self) -> str:
        """Return the token, empty where none came."""
        return str(self.cleaned_data.get("token", "")) if self.is_valid() else ""


class RecordedTipForm(TipForm):
    """The tip form's own questions, and how the tip came."""

    @property
    def tip_answers(self) -> dict[str, Any]:
        """Return the answers without the channel."""
        return {name: value for name, value in self.answers.items() if name != "channel"}


CHANNEL = forms.ChoiceField(
    label=gettext_lazy("How did the tip come?"),
    choices=recorded_tips.CHANNELS,
    widget=forms.RadioSelect,
    error_messages={"required": gettext_lazy("Choose how the tip came")},
)
WHAT = copy(TipForm.base_fields["what"])
WHAT.help_text = gettext_lazy(
    "Use their own words as far as you can. If they say anything that shows who they are, do not write it down."
)
RecordedTipForm.base_fields = {"channel": CHANNEL, **TipForm.base_fields, "what": WHAT}


def addresses(wrap: Callable[[Any], Any]) -> list[URLPattern]:
    """Return the page's address, below the tips'."""
    return [path("record/", wrap(record), name="reports_tip_record")]


@needs("reports.triage_tip")
def record(request: HttpRequest) -> HttpResponse:
    """Show the form; once it is sent, the words to hand over, this once."""
    if not request.user.has_perms(["reports.view_tip", "reports.triage_tip"]):
        raise PermissionDenied
    form = RecordedTipForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and (receipt := _store(request, form)):
        drafts.save(request, used=drafts.names(form))
        context = _page(request, _("Give these words to the person")) | {"words": receipt.words}
        return TemplateResponse(request, "admin/reports/recorded_tips/recorded.html", context)
    drafts.save(request)
    token = TokenForm(request.POST).token_sent or intake.issue().token
    draft = drafts.for_page(request, record="call", keys=lock.keys_of(request))
    context = _page(request, _("Record a tip")) | {"form": draft.draw(form), "draft": draft, "token": token}
    return TemplateResponse(request, "admin/reports/recorded_tips/record.html", context)


def _store(request: HttpRequest, form: RecordedTipForm) -> intake.Receipt | None:
    """Store it; what was typed stays on the page when that fails."""
    token, by = TokenForm(request.POST).token_sent, cast("User", request.user)
    try:
        return recorded_tips.record(token=token, answers=form.tip_answers, channel=form.cleaned_data["channel"], by=by)
    except (NotReceived, DeskBroken) as problem:
        messages.error(request, str(problem))
        return None


def _page(request: HttpRequest, title: str) -> dict[str, Any]:
    return page(request, title=title) | {"opts": Tip._meta}  # noqa: SLF001 - Django's public name
