"""Writing down a tip that came by phone, by letter or at the door, and handing its words over."""

from copy import copy
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rights import needs
from core.sent import sent_text
from reports.admin.desk import drafts, lock
from reports.admin.tips.forms import LeaveForm, ids
from reports.domain import desk, intake
from reports.domain.audit import staleness
from reports.domain.errors import DeskBroken, NotReceived
from reports.domain.intake import recorded_tips
from reports.domain.keys import keyholders
from reports.forms import TipForm
from reports.models import Tip
from reports.sealing import receipts


class RecordedTipForm(TipForm):
    """The tip form's own questions, and how the tip came."""


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


@needs("reports.triage_tip")
def record_tip(request: HttpRequest) -> HttpResponse:
    """Show the form; once it is sent, the words to hand over, this once, and the tip."""
    form = RecordedTipForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and (receipt := _store(request, form)):
        drafts.save(request, used=drafts.names(form))
        lock.let_in(request)
        context = lock.page(request, title=_("Give these words to the person")) | {
            "words": receipt.words,
            "tip": Tip.objects.filter(lookup=receipts.lookup(receipt.token)).first(),
            "leave": LeaveForm(**ids("leave"), initial={"seen": staleness.now()}),
            "in_danger": intake.danger_in(form.answers),
            "is_child": form.answers.get("under_18") or form.answers.get("kind") == "children",
            "safeguarding": desk.profile().safeguarding,
            "key_state": keyholders.state_of(cast("User", request.user)),
        }
        return TemplateResponse(request, "admin/reports/tips/recorded.html", context)
    drafts.save(request)
    token = sent_text(request.POST, "token") or intake.issue().token  # so that a form that is sent twice is one tip
    draft = drafts.for_page(request, target="call", keys=lock.keys_of(request))
    context = lock.page(request, title=_("Record a tip")) | {"form": draft.draw(form), "draft": draft, "token": token}
    return TemplateResponse(request, "admin/reports/tips/record.html", context)


def _store(request: HttpRequest, form: RecordedTipForm) -> intake.Receipt | None:
    """Store it; what was typed stays on the page when that fails."""
    token, by, answers = sent_text(request.POST, "token"), cast("User", request.user), form.answers
    channel = answers.pop("channel")
    try:
        return recorded_tips.store(token=token, answers=answers, channel=channel, by=by)
    except (NotReceived, DeskBroken) as problem:
        messages.error(request, str(problem))
        return None
