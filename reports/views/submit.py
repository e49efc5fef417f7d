"""The public side of a tip: write, check, receipt, pictures. No cookie, no session and no database anywhere here."""

import re
import secrets
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.gzip import gzip_page

from newsroom.domain.appeals import AppealState
from newsroom.markup import to_html
from reports import consent_words, questions
from reports.domain import place, state_files
from reports.domain.intake import receiving
from reports.domain.intake.photos import MAX_PICTURES
from reports.domain.retention import ledger, schedule
from reports.forms import PhotoForm, TipForm
from reports.promises import PROMISES
from reports.sealing import receipts
from reports.security.origin import is_foreign, may_be_foreign
from reports.text import identity_warnings, languages
from reports.views.anonymous import (
    NOT_STORED,
    UNSTORED,
    View,
    anonymous,
    giveaways,
    page_language,
    posted_pictures,
    send_pictures,
    takes_pictures,
)

ABOUT = (
    *("who-we-are", "how-it-works", "staying-safe"),
    *("privacy", "your-data", "promises", "accessibility"),
)
INDENTS = re.compile(
    r"\n\s+"
)  # without them the form is 5% smaller; nothing typed is in it yet that this would change
OF_RECEIPT = {
    "receipt_mark": "receipt",
    "danger": "cannot-wait",
    "kept": "kept",
}  # beside its token, in its forms
SHELLS = 64  # kept in memory, about 30 kB each

ONCE_MORE = gettext_lazy(
    "Please check your message once more, then press Send. It has not been sent yet."
)


class Slip(NamedTuple):
    """The hidden fields that travel with the answers from page to page."""

    token: str
    issued: str
    mark: str
    appeal: str = ""
    website: str = ""


GAPS = Slip(
    *(secrets.token_hex(16) for _ in range(3))
)  # placeholders in the form's shell for a visitor's own slip


def _posted(view: View) -> View:
    """Redirect a request without a form (a reload, a bookmark) to the empty form."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            return view(request)
        return redirect("report")

    return wrapped


def _while_open(view: View) -> View:
    """While the line is closed, answer with where to turn instead, and with the visitor's text."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if state_files.form_state().line != "closed":
            return view(request)
        form = TipForm(request.POST)
        form.is_valid()
        return render(
            request, "reports/closed.html", {"written": questions.in_reading_order(form.answers)}
        )

    return wrapped


@anonymous
@_while_open
def report(request: HttpRequest) -> HttpResponse:
    """Show the form: empty, or with the answers of a visitor who wants to change them."""
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in TipForm.base_fields}
        return _form_page(
            request,
            TipForm(initial=typed, open_at={request.POST.get("change", "")}),
            _slip(request),
        )
    return _empty_form(request)


@anonymous
def leaving(request: HttpRequest) -> HttpResponse:
    """Explain once how to leave the pages that follow, and lead on to the form."""
    context = {"appeal": _appeal(request.GET.get("appeal", ""))}
    return render(request, "reports/exit.html", context)


@anonymous
def other_languages(request: HttpRequest) -> HttpResponse:
    """Say what matters in languages without pages of their own, name other ways to tell us, and lead on to the form."""
    greetings = _languages()
    if not greetings and not settings.PLACE.other_ways:
        return redirect("report")
    context = {"appeal": _appeal(request.GET.get("appeal", "")), "languages": greetings}
    return render(request, "reports/languages.html", context)


@anonymous
@_posted
@_while_open
def check(request: HttpRequest) -> HttpResponse:
    """Show the answers, to be changed or sent."""
    form = TipForm(request.POST)
    slip = _slip(request)
    if form.is_valid():
        return _check_page(request, form.answers, slip)
    return _form_page(request, form, slip)


@anonymous
@_posted
@_while_open
def receipt(request: HttpRequest) -> HttpResponse:
    """Receive the tip and show its seven words; a post from another site gets the check page instead."""
    form = TipForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, _slip(request))
    answers = form.answers
    slip = _slip(request, is_unsafe=is_foreign)
    if is_foreign(request):
        return _check_page(request, answers, slip, problem=ONCE_MORE)
    suspect = receiving.suspicions(
        token=slip.token, issued=slip.issued, mark=slip.mark, website=slip.website
    )
    try:
        new_receipt = _accept(slip, answers, suspect)
    except UNSTORED:
        return _check_page(request, answers, slip, problem=NOT_STORED, status=503)
    mark = receiving.receipt_mark(new_receipt.token, pictures=receiving.pictures_after(suspect))
    return _receipt_page(
        request,
        new_receipt.token,
        receipt_mark=mark,
        danger=receiving.danger_in(answers),
        goes_on=True,
    )


@anonymous
@_posted
def words(request: HttpRequest) -> HttpResponse:
    """Show the receipt again, in an entry of the browser's history that has nothing of the tip; receive nothing.

    Another site names no tip.
    """
    token = request.POST.get("token", "")
    if not receipts.is_token(token) or is_foreign(request):
        return redirect("report")
    return _receipt_page(request, token, sent=_pictures_sent(request), **_of_receipt(request))


@anonymous
@takes_pictures
@_posted
def photos(request: HttpRequest) -> HttpResponse:
    """Receive pictures that follow a tip; show its seven words again, unless their sender has kept them.

    Another site names no tip.
    """
    token = request.POST.get("token", "")
    if not receipts.is_token(token) or is_foreign(request):
        return redirect("report")
    facts = _of_receipt(request)
    mark = request.POST.get("mark", "")
    form = posted_pictures(request, token=token, proof=mark)
    sent = send_pictures(form, token=token, mark=mark)
    if form.errors:
        return _receipt_page(request, token, photo_form=form, photo_mark=mark, sent=sent, **facts)
    return _receipt_page(
        request, token, photo_form=PhotoForm(), photo_mark=mark, sent=sent, goes_on=True, **facts
    )


def about(request: HttpRequest, page: str) -> HttpResponse:
    """Show one of the pages of ABOUT; any other name is a 404."""
    if page not in ABOUT:
        raise Http404
    own = settings.PLACE.who_we_are_in.get(get_language(), "")
    about_us = mark_safe(to_html(own or settings.PLACE.who_we_are))  # noqa: S308 - cleaned
    context = {"about_us": about_us, "is_translated": bool(own)} | what_is_kept()
    context["apart_from_home_office"] = place.is_apart_from_home_office()
    return render(request, f"reports/about/{page}.html", context)


def _languages() -> tuple[languages.OtherLanguage, ...]:
    """Return the greetings in the languages that have no pages of their own."""
    place = settings.PLACE
    offered = dict(settings.LANGUAGES)
    others = [code for code in place.languages if code not in offered]
    return languages.greeted(others, place.own_languages, **place.numbers)


def what_is_kept() -> dict[str, object]:
    """Return what the privacy page says of deletion, as the code has it, and what it promises."""
    return {
        "days_kept": schedule.days_kept(),
        "review_months": schedule.REVIEW_MONTHS,
        "days_late": schedule.LAST_DAY.days,
        "deletions": ledger.months(),
        "few": ledger.FEW,
        "promises": PROMISES,
    }


@gzip_page
def _empty_form(request: HttpRequest) -> HttpResponse:
    """Return the empty form, compressed for slow lines. Pages with answers never are: their length would tell."""
    issued = receiving.issue()
    appeal = _appeal(request.GET.get("appeal", ""))
    adults = consent_words.speaks_of_adults()
    line = state_files.form_state().line
    shell = _shell(
        appeal, line, settings.DEMO, settings.PLACE.digest, get_language(), adults=adults
    )
    for gap, value in (
        (GAPS.token, issued.token),
        (GAPS.issued, str(issued.issued)),
        (GAPS.mark, issued.mark),
    ):
        shell = shell.replace(gap, value)
    return HttpResponse(shell)


def _form_page(request: HttpRequest, form: TipForm, slip: Slip) -> HttpResponse:
    context = {
        "form": form,
        "slip": slip,
        "line": state_files.form_state().line,
        "appeal": _appeal(slip.appeal),
    }
    return render(request, "reports/form.html", context)


def _check_page(
    request: HttpRequest,
    answers: dict[str, Any],
    slip: Slip,
    *,
    problem: Any = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "slip": slip,
        "problem": problem,
        "carried": answers.items(),
        "sections": questions.sections(answers),
        "giveaways": giveaways(answers),
        "looked_through": identity_warnings.MOST_SEARCHED
        if identity_warnings.is_cut(answers)
        else 0,
        "urgent": receiving.is_urgent(answers),
        "answers": answers,
        "words": receipts.words(slip.token),
    }
    return render(request, "reports/check.html", context, status=status)


def _accept(slip: Slip, answers: dict[str, Any], suspect: tuple[str, ...]) -> receiving.Receipt:
    mark = receiving.proven_mark(token=slip.token, issued=slip.issued, mark=slip.mark)
    facts: dict[str, Any] = {"suspect": suspect, "language": page_language(), "mark": mark}
    return receiving.accept(token=slip.token, answers=answers | {"appeal": slip.appeal}, **facts)


def _of_receipt(request: HttpRequest) -> dict[str, Any]:
    return {name: request.POST.get(field, "") for name, field in OF_RECEIPT.items()}


def _pictures_sent(request: HttpRequest) -> int:
    """Return how many pictures the page before said that we have, or 0."""
    said = request.POST.get("sent", "")
    if said in map(str, range(1, MAX_PICTURES + 1)):
        return int(said)
    return 0


def _receipt_page(
    request: HttpRequest, token: str, *, receipt_mark: str, **facts: object
) -> HttpResponse:
    """Return the page of a receipt; its mark says whether pictures may follow."""
    pictures = receiving.pictures_of_receipt(token=token, mark=receipt_mark)
    context = {
        "token": token,
        "receipt_mark": receipt_mark,
        "words": receipts.words(token),
        "pictures": pictures,
        "photo_form": PhotoForm() if pictures == "welcome" else None,
        "photo_mark": receiving.photo_mark(token),
    }
    return render(request, "reports/receipt.html", context | facts)


@lru_cache(maxsize=SHELLS)
def _shell(
    appeal: AppealState | None,
    line: str,
    demo: bool,
    place: str,
    language: str | None,
    *,
    adults: bool,
) -> str:
    """Return the form's page with GAPS, rendered from an empty request: its arguments are all that it depends on."""
    context = {
        "form": TipForm(),
        "slip": GAPS._replace(appeal=_key(appeal)),
        "line": line,
        "appeal": appeal,
    }
    greetings = _languages()
    context |= {"languages": greetings, "elsewhere": greetings or settings.PLACE.other_ways}
    return INDENTS.sub("\n", render_to_string("reports/form.html", context, request=HttpRequest()))


def _appeal(key: str) -> AppealState | None:
    """Return the appeal if it is open; None if it is unknown or closed."""
    appeal = state_files.form_state().appeals.get(key)
    if appeal and appeal.open:
        return appeal
    return None


def _key(appeal: AppealState | None) -> str:
    return appeal.key if appeal else ""


def _slip(
    request: HttpRequest, *, is_unsafe: Callable[[HttpRequest], bool] = may_be_foreign
) -> Slip:
    """Return the slip of a posted form; a fresh one where the token is malformed or another site may know it.

    Send alone keeps a token of a browser that does not say where it comes from: sent twice, it must be stored once.
    """
    post = request.POST
    carried = {"appeal": _key(_appeal(post.get("appeal", ""))), "website": post.get("website", "")}
    if receipts.is_token(post.get("token", "")) and not is_unsafe(request):
        return Slip(post["token"], post.get("issued", ""), post.get("mark", ""), **carried)
    issued = receiving.issue()
    return Slip(issued.token, str(issued.issued), issued.mark, **carried)
