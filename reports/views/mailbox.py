"""The mailbox: seven words open the desk's messages. Every request is a POST, and no page holds the words.

An open page carries a ticket instead (`reports/sealing/tickets.py`).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from reports.domain.errors import TooManyLooks, Unreachable
from reports.domain.intake import receiving
from reports.domain.mailbox import senders_side
from reports.forms import LONGEST_RECEIPT, ReplyForm, WordsForm
from reports.sealing import tickets
from reports.security.origin import is_foreign, may_be_foreign
from reports.text.identity_warnings import IdentityWarning
from reports.views import mailbox_page
from reports.views.anonymous import (
    NOT_STORED,
    UNSTORED,
    anonymous,
    giveaways,
    page_language,
    posted_pictures,
    send_pictures,
    takes_pictures,
)
from reports.views.mailbox_page import Visit

OVER = gettext_lazy(
    "This page was open for more than an hour, so it no longer works. Type your seven words again."
)
ONCE_MORE = gettext_lazy("For your safety, type your seven words again. Nothing has been sent yet.")
TOO_MANY = gettext_lazy(
    "We cannot find anything for these words. Check the spelling and the order. Too many wrong words are being tried"
    " right now, so wait a minute before you try again."
)
NOT_NOW = gettext_lazy(
    "We cannot reach your messages now, so nothing was changed. Try again in a few minutes."
)

type VisitView = Callable[[HttpRequest, Visit], HttpResponse]


def _with_visit(view: VisitView) -> Callable[[HttpRequest], HttpResponse]:
    """Pass the visit of a receipt or a ticket to the view; show anybody else the page that asks for the words."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return redirect("mailbox")
        visit = _visit(request)
        if isinstance(visit, HttpResponse):
            return visit
        return view(request, visit)

    return wrapped


@anonymous
def opened(request: HttpRequest) -> HttpResponse:
    """Ask for the seven words, or show the mailbox that they open."""
    if request.method != "POST":
        return HttpResponse(mailbox_page.words(WordsForm()))
    # Only the page's language is changed: nobody looks.
    if "change" in request.POST and "words" in request.POST and not is_foreign(request):
        form = WordsForm(initial={"words": _typed(request)})
        return HttpResponse(
            mailbox_page.asked_again(form, reply=_typed_reply(request), slip=_slip(request))
        )
    visit = _visit(request)
    if isinstance(visit, HttpResponse):
        return visit
    typed: dict[str, Any] = {"slip": _slip_of_the_page(request, visit)}
    if reply := _typed_reply(request):  # written before the page's language was changed
        typed["reply_form"] = ReplyForm(initial=reply)
    return _mailbox_response(visit, **typed)


@anonymous
@_with_visit
def reply(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Receive a sender's reply; its text is shown again only if it was not stored."""
    form = ReplyForm(request.POST)
    if not form.is_valid() or "change" in request.POST:
        return _mailbox_response(visit, slip=_slip_of_the_page(request, visit), reply_form=form)
    if (warnings := _giveaways(request, form.cleaned_data)) != ():
        carried = _typed_reply(request) | _slip_of_the_page(request, visit)
        return HttpResponse(mailbox_page.checking(visit, carried=carried, giveaways=warnings))
    try:
        _send(request, visit, form)
    except UNSTORED:
        form.add_error("text", str(NOT_STORED))
        return _mailbox_response(
            visit, status=503, slip=_slip_of_the_page(request, visit), reply_form=form
        )
    return _mailbox_response(
        _reloaded(visit), done="answered", danger=receiving.danger_in(form.cleaned_data)
    )


@anonymous
@takes_pictures
@_with_visit
def photos(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Receive pictures: the good ones are sent, each bad one is named."""
    form = posted_pictures(request, token=visit.token, proof=receiving.photo_mark(visit.token))
    sent = send_pictures(form, token=visit.token, mark=_proven_mark(request, visit), answer=True)
    again = {"photo_form": form, "slip": _slip_of_the_page(request, visit)}
    typed: dict[str, Any] = again if form.errors else {}
    return _mailbox_response(_reloaded(visit), done="pictures" if sent else "", count=sent, **typed)


@anonymous
@_with_visit
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for confirmation, then delete one message for good."""
    number = _number(request, "number")
    if request.POST.get("sure") != "yes":
        return HttpResponse(mailbox_page.deleting(visit, number=number))
    try:
        senders_side.delete(token=visit.token, number=number)
    except Unreachable:
        return _mailbox_response(visit, status=503, problem=NOT_NOW)
    return _mailbox_response(_reloaded(visit), done="deleted")


@anonymous
@_with_visit
def stop(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for confirmation, then stop the receipt."""
    if request.POST.get("sure") != "yes":
        return HttpResponse(mailbox_page.stopping(visit))
    try:
        senders_side.stop(token=visit.token)
    except Unreachable:
        return _mailbox_response(visit, status=503, problem=NOT_NOW)
    return HttpResponse(mailbox_page.stopped())


def _giveaways(request: HttpRequest, reply: dict[str, Any]) -> tuple[IdentityWarning, ...] | None:
    """Return what could tell who wrote a reply, as `giveaways`; () if its sender has seen it, or it must not wait."""
    seen = request.POST.get("sure") == "yes"
    if seen or receiving.is_urgent(reply):
        return ()
    return giveaways({"what": reply["text"]})


def _send(request: HttpRequest, visit: Visit, form: ReplyForm) -> None:
    suspect = receiving.suspicions(
        token=visit.token, website=request.POST.get("website", ""), **_of_the_page(request)
    )
    mark = _proven_mark(request, visit)
    after = _number(request, "after")
    if visit.mailbox is not None:
        after = min(after, visit.mailbox.newest)  # nobody answers a message that they have not seen
    facts: dict[str, Any] = {"after": after, "suspect": suspect, "mark": mark}
    receiving.reply(token=visit.token, **form.cleaned_data, **facts, language=page_language())


def _typed_reply(request: HttpRequest) -> dict[str, str]:
    """Return what was posted of a reply, with what travels beside it; empty where it says nothing."""
    if not any(request.POST.get(name) for name in ReplyForm.base_fields):
        return {}
    return {name: request.POST.get(name, "") for name in ReplyForm.base_fields} | _slip(request)


def _slip(request: HttpRequest) -> dict[str, str]:
    """Return what was posted beside a reply; nothing that another site may know tells our next page from all others."""
    slip = {name: request.POST.get(name, "") for name in mailbox_page.SLIP}
    if may_be_foreign(request):
        slip |= dict.fromkeys(mailbox_page.OF_THE_PAGE, "")
    return slip


def _of_the_page(request: HttpRequest) -> dict[str, str]:
    """Return what tells the page that was posted from all others, by field."""
    return {name: request.POST.get(name, "") for name in mailbox_page.OF_THE_PAGE}


def _proven_mark(request: HttpRequest, visit: Visit) -> str:
    """Return the mark of the page that was posted; "" unless we made it for this visitor's receipt."""
    return receiving.proven_mark(token=visit.token, **_of_the_page(request))


def _slip_of_the_page(request: HttpRequest, visit: Visit) -> dict[str, str]:
    """Return what our next page carries on, so that what both send is stored once; a new one where that is no proof."""
    is_ours = _proven_mark(request, visit) and not may_be_foreign(request)
    if is_ours:
        return _of_the_page(request)
    return mailbox_page.new_slip(visit)


def _visit(request: HttpRequest) -> Visit | HttpResponse:
    """Return the visit, or the page that asks for the words (with the visitor's text)."""
    if is_foreign(request):
        return _ask_for_words(request, ONCE_MORE)
    if "words" in request.POST:
        form = WordsForm(request.POST)
        if not form.is_valid():
            return HttpResponse(
                mailbox_page.words(form, reply=_typed_reply(request), slip=_slip(request))
            )
        return _open_mailbox(request, form.cleaned_data["words"])
    token = tickets.read(
        request.POST.get("ticket", ""), secret=settings.SECRET_KEY, minute=mailbox_page.minute()
    )
    if token is None:
        return _ask_for_words(request, OVER)
    return _open_mailbox(request, token)


def _open_mailbox(request: HttpRequest, token: str) -> Visit | HttpResponse:
    """Return the visit, or the one page for every wrong, stopped and deleted receipt."""
    try:
        opened_mailbox = senders_side.open_mailbox(token=token)
    except TooManyLooks:
        return _ask_for_words(request, TOO_MANY, status=429, typed=_typed(request))
    except Unreachable:
        return Visit(token, None)
    if opened_mailbox:
        return Visit(token, opened_mailbox)
    typed = _typed(request)
    if _typed_reply(request):
        return _ask_for_words(request, mailbox_page.NOTHING, typed=typed)
    return HttpResponse(mailbox_page.nothing(token, typed=typed))


def _typed(request: HttpRequest) -> str:
    """Return the words as they were typed: they stay in their box, to be compared with the paper."""
    return request.POST.get("words", "")[:LONGEST_RECEIPT]


def _reloaded(visit: Visit) -> Visit:
    """Return the visit with its mailbox read again."""
    try:
        return Visit(visit.token, senders_side.open_mailbox(token=visit.token) or visit.mailbox)
    except Unreachable:
        return Visit(visit.token, None)


def _mailbox_response(
    visit: Visit,
    *,
    status: int = 200,
    done: str = "",
    count: int = 0,
    danger: str = "",
    **typed: Any,
) -> HttpResponse:
    """Return the page of an open mailbox; without a database it says so, and still takes replies."""
    page = mailbox_page.opened(visit, done=done, count=count, danger=danger, **typed)
    return HttpResponse(page, status=status if visit.mailbox else 503)


def _ask_for_words(
    request: HttpRequest, problem: Promise, *, status: int = 200, typed: str = ""
) -> HttpResponse:
    """Return the page that asks for the words, with the reply that was posted, and with words that open nothing."""
    form = WordsForm({"words": typed}, problem=problem)
    page = mailbox_page.asked_again(form, reply=_typed_reply(request), slip=_slip(request))
    return HttpResponse(page, status=status)


def _number(request: HttpRequest, name: str) -> int:
    """Return a posted number; 0 if the field holds none."""
    typed = request.POST.get(name, "")
    if typed.isascii() and typed.isdigit() and len(typed) < 9:
        return int(typed)
    return 0
