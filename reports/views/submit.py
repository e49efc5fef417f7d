"""The public side of a tip: write, check, receipt, pictures. No cookie, no session and no database anywhere here."""

import secrets
from functools import lru_cache, wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page

from reports import questions as sheet
from reports.domain import desk, errors, intake, retention
from reports.domain.retention import ledger
from reports.forms import PhotoForm, TipForm
from reports.promises import PROMISES
from reports.sealing import receipts
from reports.text import identity_warnings
from reports.views.anonymous import View, anonymous, is_foreign

UNSTORED = (errors.NotReceived, errors.DeskBroken)
ABOUT = ("how-it-works", "privacy", "staying-safe", "accessibility")
SHELLS = 64  # kept in memory, about 30 kB each

ONCE_MORE = _("We could not tell where this came from. Look at it once more, then press Send.")
NOT_RECEIVED = _("We could not store this. Press Send again in a minute, or call 101 or Crimestoppers on 0800 555 111.")


class Slip(NamedTuple):
    """What travels beside the answers, from page to page, in hidden fields."""

    token: str
    issued: str
    mark: str
    appeal: str = ""
    website: str = ""


class Look(NamedTuple):
    """All that the form's first page depends on, but for the slip."""

    key: str
    appeal: desk.AppealPrompt | None
    line: str
    demo: bool
    town: str
    language: str | None


GAPS = Slip(*(secrets.token_hex(16) for _ in range(3)))  # stands in the form's shell for a visitor's own slip


def _posted(view: View) -> View:
    """Lead whoever comes without a form (a reload, a bookmark) back to its start."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect("report")

    return wrapped


def _while_open(view: View) -> View:
    """While the line is closed, say where to go instead, and give back what was written."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if desk.form_state().line != "closed":
            return view(request)
        form = TipForm(request.POST)
        form.is_valid()
        return render(request, "reports/closed.html", {"written": sheet.in_reading_order(form.answers)})

    return wrapped


@anonymous
@_while_open
def report(request: HttpRequest) -> HttpResponse:
    """Show the form: empty, or with the answers that somebody came back to change."""
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in TipForm.base_fields}
        return _form_page(request, TipForm(initial=typed, open_at={request.POST.get("change", "")}), _slip(request))
    return _empty_form(request)


@anonymous
@_posted
@_while_open
def check(request: HttpRequest) -> HttpResponse:
    """Show what was written, to be changed or sent."""
    answers, slip = TipForm.read(request.POST), _slip(request)
    if answers is None:
        return _form_page(request, TipForm(request.POST), slip)
    return _check_page(request, answers, slip)


@anonymous
@_posted
@_while_open
def receipt(request: HttpRequest) -> HttpResponse:
    """Take the tip and show its seven words; a foreign page cannot send in one step."""
    answers, slip = TipForm.read(request.POST), _slip(request)
    if answers is None:
        return _form_page(request, TipForm(request.POST), slip)
    if is_foreign(request):
        return _check_page(request, answers, slip, problem=ONCE_MORE)
    suspect = intake.suspicions(token=slip.token, issued=slip.issued, mark=slip.mark, website=slip.website)
    try:
        kept = intake.accept(token=slip.token, answers=answers | {"appeal": slip.appeal}, suspect=suspect)
    except UNSTORED:
        return _check_page(request, answers, slip, problem=NOT_RECEIVED, status=503)
    return _receipt_page(request, kept, None if suspect else PhotoForm())


@anonymous
@_posted
def photos(request: HttpRequest) -> HttpResponse:
    """Take pictures that follow a tip; whatever comes of them, its seven words are shown again."""
    token = request.POST.get("token", "")
    if not receipts.is_token(token):
        return redirect("report")
    proven = intake.may_send_photos(token=token, mark=request.POST.get("mark", ""))
    form = PhotoForm(request.POST, request.FILES, welcome=proven and not is_foreign(request))
    sent = _send_photos(form, token=token)
    kept = intake.Receipt(token, receipts.words(token))
    return _receipt_page(request, kept, form if form.errors else PhotoForm(), sent=sent)


def about(request: HttpRequest, page: str) -> HttpResponse:
    """Show one of the pages that say how this works."""
    if page not in ABOUT:
        raise Http404
    return render(request, f"reports/about/{page}.html", {"profile": desk.profile()} | what_is_kept())


def what_is_kept() -> dict[str, object]:
    """Return what the privacy page says of deletion, as the code has it, and what it promises."""
    return {
        "days_kept": retention.days_kept(),
        "review_months": retention.REVIEW_MONTHS,
        "days_late": retention.LAST_DAY.days,
        "deletions": ledger.months(),
        "few": ledger.FEW,
        "promises": PROMISES,
    }


def _send_photos(form: PhotoForm, *, token: str) -> int:
    """Send the good pictures and return how many; what went wrong stands in the form's errors."""
    form.is_valid()
    try:
        if form.pictures:
            intake.send_photos(token=token, pictures=form.pictures)
    except UNSTORED:
        form.add_error("photos", str(NOT_RECEIVED))
        return 0
    return len(form.pictures)


@gzip_page
def _empty_form(request: HttpRequest) -> HttpResponse:
    """Return the form for a new visitor, packed for slow lines: what holds answers never is, its length would tell."""
    key, appeal = _appeal(request.GET.get("appeal", ""))
    look = Look(key, appeal, desk.form_state().line, settings.DEMO, settings.TOWN, get_language())
    page, shell = intake.issue(), _shell(look)
    for gap, value in ((GAPS.token, page.token), (GAPS.issued, str(page.issued)), (GAPS.mark, page.mark)):
        shell = shell.replace(gap, value)
    return HttpResponse(shell)


def _form_page(request: HttpRequest, form: TipForm, slip: Slip) -> HttpResponse:
    context = {"form": form, "slip": slip, "line": desk.form_state().line, "appeal": _appeal(slip.appeal)[1]}
    return render(request, "reports/form.html", context)


def _check_page(
    request: HttpRequest, answers: dict[str, Any], slip: Slip, *, problem: Any = "", status: int = 200
) -> HttpResponse:
    context = {
        "slip": slip,
        "problem": problem,
        "carried": answers.items(),
        "sections": sheet.sections(answers),
        "giveaways": identity_warnings.find(answers),
        "urgent": answers.get("danger") == "yes" or "under_18" in answers,
        "under_18": "under_18" in answers,
        "words": receipts.words(slip.token),
    }
    return render(request, "reports/check.html", context, status=status)


def _receipt_page(
    request: HttpRequest, kept: intake.Receipt, photo_form: PhotoForm | None, *, sent: int = 0
) -> HttpResponse:
    context = {
        "receipt": kept,
        "words": kept.words,
        "photo_form": photo_form,
        "photo_mark": intake.photo_mark(kept.token),
        "sent": sent,
        "profile": desk.profile(),
    }
    return render(request, "reports/receipt.html", context)


@lru_cache(maxsize=SHELLS)
def _shell(look: Look) -> str:
    """Return the form's page with GAPS, rendered from a request of our own: nothing in it comes from a visitor."""
    form = TipForm(open_at=sheet.asked_about(look.appeal.questions if look.appeal else ()))
    context = {"form": form, "slip": GAPS._replace(appeal=look.key), "line": look.line, "appeal": look.appeal}
    return render_to_string("reports/form.html", context, request=HttpRequest())


def _appeal(key: str) -> tuple[str, desk.AppealPrompt | None]:
    """Return an open appeal with its key; an unknown or closed one is none, and its key is not carried on."""
    appeal = desk.form_state().appeals.get(key)
    return (key, appeal) if appeal and appeal.open else ("", None)


def _slip(request: HttpRequest) -> Slip:
    """Return what came with the form; a fresh slip where the token is unusable or a foreign page may know it."""
    post = request.POST
    carried = {"appeal": _appeal(post.get("appeal", ""))[0], "website": post.get("website", "")}
    if receipts.is_token(post.get("token", "")) and not is_foreign(request):
        return Slip(post["token"], post.get("issued", ""), post.get("mark", ""), **carried)
    page = intake.issue()
    return Slip(page.token, str(page.issued), page.mark, **carried)
