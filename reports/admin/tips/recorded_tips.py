"""Writing down a tip that came by phone, by letter or at the door, and handing its words over."""

import time
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from core.rights import needs
from core.sent import sent_text
from reports import consent_words
from reports.admin.pages import lock, page_drafts
from reports.admin.tips.recorded_questions import RecordedTipForm
from reports.admin.tips.tip_forms import LeaveForm, ids
from reports.domain import state_files
from reports.domain.audit import staleness
from reports.domain.errors import DeskBroken, NotReceived
from reports.domain.intake import receiving, recorded_tips
from reports.domain.keys import keyholders
from reports.domain.rights import TRIAGE_TIP
from reports.models import Tip
from reports.sealing import receipts, tickets

MINUTES = 5  # for which a slip is shown again: a connection that breaks must not lose the words


@needs(TRIAGE_TIP)
def record_tip(request: HttpRequest) -> HttpResponse:
    """Show the form; once it is sent, go on to the words to hand over."""
    form = RecordedTipForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid() and (token := _store(request, form)):
        page_drafts.save(request, used=page_drafts.names(form))
        is_child = form.answers.get("under_18") or form.answers.get("kind") == "children"
        facts = {"slip": _ticket(request, token), "danger": receiving.danger_in(form.answers)}
        if is_child:
            facts["child"] = "yes"
        return redirect(f"{reverse('admin:reports_tip_slip')}?{urlencode(facts)}")
    page_drafts.save(request)
    token = (
        sent_text(request.POST, "token") or receiving.issue().token
    )  # so that a form that is sent twice is one tip
    draft = page_drafts.for_page(request, target="call", keys=lock.keys_of(request))
    context = lock.page(request, title="Record a tip") | {
        "form": draft.draw(form),
        "draft": draft,
        "token": token,
    }
    return TemplateResponse(request, "admin/reports/tips/record.html", context)


@needs(get=TRIAGE_TIP)
def slip(request: HttpRequest) -> HttpResponse:
    """Show the words of the tip just recorded, to print or read out, and the tip."""
    token = _token(request)
    lock.let_in(request)
    title = "Give these words to the sender" if token else "There are no words to show here"
    context = lock.page(request, title=title)
    if token:
        context |= {
            "words": receipts.words(token),
            "tip": Tip.objects.filter(lookup=receipts.lookup(token)).first(),
            "leave": LeaveForm(**ids("leave"), initial={"seen": staleness.now()}),
            "in_danger": sent_text(request.GET, "danger"),
            "is_child": sent_text(request.GET, "child"),
            "safeguarding": state_files.profile().safeguarding,
            "protects_adults": consent_words.speaks_of_adults(),
            "safeguarding_adults": state_files.profile().safeguarding_adults,
            "key_state": keyholders.state_of(cast("User", request.user)),
        }
    return TemplateResponse(request, "admin/reports/tips/slip.html", context)


def _ticket(request: HttpRequest, token: str) -> str:
    """Return what the slip's address carries instead of the token: only who recorded the tip can use it, and not long.

    Nothing of it is in the session, which a page in another tab may write over.
    """
    return tickets.write(token, secret=settings.SECRET_KEY, minute=_minute(), use=_use(request))


def _token(request: HttpRequest) -> str | None:
    facts: dict[str, Any] = {
        "secret": settings.SECRET_KEY,
        "minute": _minute(),
        "use": _use(request),
    }
    return tickets.read(sent_text(request.GET, "slip"), **facts, minutes=MINUTES + 1)


def _use(request: HttpRequest) -> bytes:
    return f"streetlight/1 slip for {request.user.pk}".encode()


def _minute() -> int:
    return int(time.time()) // 60


def _store(request: HttpRequest, form: RecordedTipForm) -> str:
    """Store it and return its token; "" when that fails, and what was typed stays on the page."""
    token = sent_text(request.POST, "token")
    by = cast("User", request.user)
    answers = form.answers
    channel = answers.pop("channel")
    try:
        return recorded_tips.store(token=token, answers=answers, channel=channel, by=by).token
    except (NotReceived, DeskBroken) as problem:
        messages.error(request, str(problem))
        return ""
