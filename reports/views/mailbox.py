"""The mailbox: seven words open the desk's messages. Every request is a POST, and no page holds the words.

An open page carries a ticket instead (`reports/sealing/tickets.py`).
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from reports.domain import intake, mailbox
from reports.domain.errors import DeskBroken, NotReceived, Unreachable
from reports.forms import PhotoForm, ReplyForm, WordsForm
from reports.receipt_words import RECEIPT_WORDS
from reports.sealing import tickets
from reports.views import mailbox_page
from reports.views.anonymous import anonymous, is_foreign
from reports.views.mailbox_page import Visit

OVER = format_lazy(
    _("This page was open for more than an hour. Type your {number} words again to go on."), number=RECEIPT_WORDS
)
ONCE_MORE = format_lazy(
    _("We could not tell where this came from. Type your {number} words here."), number=RECEIPT_WORDS
)
TOO_MANY = format_lazy(
    _("Too many mailboxes are being opened at this moment. Wait a minute, then type your {number} words again."),
    number=RECEIPT_WORDS,
)
NOT_STORED = _("We could not store this. Press Send again in a minute, or call 101 or Crimestoppers on 0800 555 111.")
NOT_NOW = _("We cannot reach your mailbox now, so nothing was changed. Try again in a few minutes.")

type VisitView = Callable[[HttpRequest, Visit], HttpResponse]


class OpenMailboxResponse(HttpResponse):
    """An open mailbox. Its messages are marked as seen after the page is sent, so that the answer takes no longer."""

    letters: Sequence[mailbox.Letter] = ()

    def close(self) -> None:
        """Mark the messages as seen; they stay new if that fails."""
        with suppress(Unreachable):
            mailbox.mark_seen(letters=self.letters)
        super().close()


def _with_visit(view: VisitView) -> Callable[[HttpRequest], HttpResponse]:
    """Pass the visit of a receipt or a ticket to the view; show anybody else the page that asks for the words."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return redirect("mailbox")
        visit = _visit(request)
        return visit if isinstance(visit, HttpResponse) else view(request, visit)

    return wrapped


@anonymous
def opened(request: HttpRequest) -> HttpResponse:
    """Ask for the seven words, or show the mailbox that they open."""
    if request.method != "POST":
        return HttpResponse(mailbox_page.words(WordsForm()))
    visit = _visit(request)
    return visit if isinstance(visit, HttpResponse) else _mailbox_response(visit)


@anonymous
@_with_visit
def reply(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Receive a sender's reply; the page shows its text again only if it was not stored."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _mailbox_response(visit, reply_form=form)
    try:
        intake.reply(token=visit.token, text=form.cleaned_data["text"], after=_number(request, "after"))
    except (NotReceived, DeskBroken):
        form.add_error("text", str(NOT_STORED))
        return _mailbox_response(visit, status=503, reply_form=form)
    return _mailbox_response(_reloaded(visit), done="answered")


@anonymous
@_with_visit
def photos(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Receive pictures: the good ones are sent, each bad one is named."""
    welcome = intake.may_send_photos(token=visit.token, mark=intake.photo_mark(visit.token))
    form = PhotoForm(request.POST, request.FILES, welcome=welcome)
    sent = _send(form, visit.token)
    typed: dict[str, Any] = {"photo_form": form} if form.errors else {}
    return _mailbox_response(_reloaded(visit), done="pictures" if sent else "", count=sent, **typed)


@anonymous
@_with_visit
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Delete one message for good."""
    try:
        mailbox.delete(token=visit.token, number=_number(request, "number"))
    except Unreachable:
        return _mailbox_response(visit, status=503, problem=NOT_NOW)
    return _mailbox_response(_reloaded(visit), done="deleted")


@anonymous
@_with_visit
def burn(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask for confirmation, then burn the receipt."""
    if request.POST.get("sure") != "yes":
        return HttpResponse(mailbox_page.burning(visit))
    try:
        mailbox.burn(token=visit.token)
    except Unreachable:
        return _mailbox_response(visit, status=503, problem=NOT_NOW)
    return HttpResponse(mailbox_page.burned())


def _visit(request: HttpRequest) -> Visit | HttpResponse:
    """Return the visit, or the page that asks for the words (with the visitor's text)."""
    if is_foreign(request):
        return _ask_for_words(request, ONCE_MORE)
    if "words" in request.POST:
        token = WordsForm.read(request.POST)
        if token is None:
            return HttpResponse(mailbox_page.words(WordsForm(request.POST), text=request.POST.get("text", "")))
    else:
        token = tickets.read(request.POST.get("ticket", ""), secret=settings.SECRET_KEY, minute=mailbox_page.minute())
        if token is None:
            return _ask_for_words(request, OVER)
    return _open_mailbox(request, token) if mailbox.rate_limit.take() else _ask_for_words(request, TOO_MANY, status=429)


def _open_mailbox(request: HttpRequest, token: str) -> Visit | HttpResponse:
    """Return the visit, or the one page for every wrong, burned and deleted receipt."""
    try:
        opened_mailbox = mailbox.look(token=token)
    except Unreachable:
        return Visit(token, None)
    if opened_mailbox:
        return Visit(token, opened_mailbox)
    if request.POST.get("text"):
        return _ask_for_words(request, mailbox_page.NOTHING)
    return HttpResponse(mailbox_page.nothing(token))


def _reloaded(visit: Visit) -> Visit:
    """Return the visit with its mailbox read again."""
    try:
        return Visit(visit.token, mailbox.look(token=visit.token) or visit.mailbox)
    except Unreachable:
        return Visit(visit.token, None)


def _mailbox_response(visit: Visit, *, status: int = 200, done: str = "", count: int = 0, **typed: Any) -> HttpResponse:
    """Return the page of an open mailbox; without a database it says so, and still takes replies."""
    page = mailbox_page.opened(visit, done=done, count=count, **typed)
    response = OpenMailboxResponse(page, status=status if visit.mailbox else 503)
    response.letters = visit.mailbox.letters if visit.mailbox else ()
    return response


def _ask_for_words(request: HttpRequest, problem: Promise, *, status: int = 200) -> HttpResponse:
    """Return the page that asks for the words, with the reply that was posted."""
    form = WordsForm({"words": ""}, problem=problem)
    return HttpResponse(mailbox_page.words(form, text=request.POST.get("text", "")), status=status)


def _send(form: PhotoForm, token: str) -> int:
    """Send the good pictures and return their number; problems are in the form's errors."""
    form.is_valid()
    try:
        if form.pictures:
            intake.send_photos(token=token, pictures=form.pictures, answer=True)
    except (NotReceived, DeskBroken):
        form.add_error("photos", str(NOT_STORED))
        return 0
    return len(form.pictures)


def _number(request: HttpRequest, name: str) -> int:
    """Return a posted number; 0 if the field holds none."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
