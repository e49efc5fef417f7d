"""The mailbox: seven words in, what the desk wrote out. Everything is posted, and no page holds the words.

What an open page carries for its next step is a ticket (`reports/sealing/tickets.py`).
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

type Act = Callable[[HttpRequest, Visit], HttpResponse]


class Shown(HttpResponse):
    """An open mailbox. That its messages were seen is kept once the page is out: it must take no longer for that."""

    letters: Sequence[mailbox.Letter] = ()

    def close(self) -> None:
        """Keep it; the messages stay new where that fails."""
        with suppress(Unreachable):
            mailbox.mark_seen(letters=self.letters)
        super().close()


def _admitted(act: Act) -> Callable[[HttpRequest], HttpResponse]:
    """Let in who comes with a receipt or a ticket; ask everybody else for the words, with what they wrote."""

    @wraps(act)
    def wrapped(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return redirect("mailbox")
        came = _visit(request)
        return came if isinstance(came, HttpResponse) else act(request, came)

    return wrapped


@anonymous
def opened(request: HttpRequest) -> HttpResponse:
    """Ask for the seven words, and show what they open."""
    if request.method != "POST":
        return HttpResponse(mailbox_page.words(WordsForm()))
    came = _visit(request)
    return came if isinstance(came, HttpResponse) else _shown(came)


@anonymous
@_admitted
def reply(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take what a sender writes; the page shows it again only where it was not stored."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _shown(visit, reply_form=form)
    try:
        intake.reply(token=visit.token, text=form.cleaned_data["text"], after=_number(request, "after"))
    except (NotReceived, DeskBroken):
        form.add_error("text", str(NOT_STORED))
        return _shown(visit, status=503, reply_form=form)
    return _shown(_again(visit), done="answered")


@anonymous
@_admitted
def photos(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Take pictures: each bad one is named, the good ones are sent."""
    welcome = intake.may_send_photos(token=visit.token, mark=intake.photo_mark(visit.token))
    form = PhotoForm(request.POST, request.FILES, welcome=welcome)
    sent = _send(form, visit.token)
    typed: dict[str, Any] = {"photo_form": form} if form.errors else {}
    return _shown(_again(visit), done="pictures" if sent else "", count=sent, **typed)


@anonymous
@_admitted
def delete(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Delete one message for good."""
    try:
        mailbox.delete(token=visit.token, number=_number(request, "number"))
    except Unreachable:
        return _shown(visit, status=503, problem=NOT_NOW)
    return _shown(_again(visit), done="deleted")


@anonymous
@_admitted
def burn(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask once more, then burn the receipt."""
    if request.POST.get("sure") != "yes":
        return HttpResponse(mailbox_page.burning(visit))
    try:
        mailbox.burn(token=visit.token)
    except Unreachable:
        return _shown(visit, status=503, problem=NOT_NOW)
    return HttpResponse(mailbox_page.burned())


def _visit(request: HttpRequest) -> Visit | HttpResponse:
    """Return who came and what they may see, or the page that asks for the words, with what they wrote."""
    if is_foreign(request):
        return _asked(request, ONCE_MORE)
    if "words" in request.POST:
        token = WordsForm.read(request.POST)
        if token is None:
            return HttpResponse(mailbox_page.words(WordsForm(request.POST), text=request.POST.get("text", "")))
    else:
        token = tickets.read(request.POST.get("ticket", ""), secret=settings.SECRET_KEY, minute=mailbox_page.minute())
        if token is None:
            return _asked(request, OVER)
    return _looked(request, token) if mailbox.bucket.take() else _asked(request, TOO_MANY, status=429)


def _looked(request: HttpRequest, token: str) -> Visit | HttpResponse:
    """Return the visit, or the one page that stands for every wrong, burned and deleted receipt."""
    try:
        found = mailbox.look(token=token)
    except Unreachable:
        return Visit(token, None)
    if found:
        return Visit(token, found)
    if request.POST.get("text"):
        return _asked(request, mailbox_page.NOTHING)
    return HttpResponse(mailbox_page.nothing(token))


def _again(visit: Visit) -> Visit:
    """Return the visit with the mailbox as it is after an act."""
    try:
        return Visit(visit.token, mailbox.look(token=visit.token) or visit.mailbox)
    except Unreachable:
        return Visit(visit.token, None)


def _shown(visit: Visit, *, status: int = 200, done: str = "", count: int = 0, **typed: Any) -> HttpResponse:
    """Show an open mailbox; one that cannot be shown now says so, and still takes what is written."""
    page = mailbox_page.opened(visit, done=done, count=count, **typed)
    response = Shown(page, status=status if visit.mailbox else 503)
    response.letters = visit.mailbox.letters if visit.mailbox else ()
    return response


def _asked(request: HttpRequest, problem: Promise, *, status: int = 200) -> HttpResponse:
    """Ask for the words, with what was written beside them."""
    form = WordsForm({"words": ""}, problem=problem)
    return HttpResponse(mailbox_page.words(form, text=request.POST.get("text", "")), status=status)


def _send(form: PhotoForm, token: str) -> int:
    """Send the good pictures and return how many; what went wrong stands in the form's errors."""
    form.is_valid()
    try:
        if form.pictures:
            intake.send_photos(token=token, pictures=form.pictures, answer=True)
    except (NotReceived, DeskBroken):
        form.add_error("photos", str(NOT_STORED))
        return 0
    return len(form.pictures)


def _number(request: HttpRequest, name: str) -> int:
    """Return a posted number, 0 for what is none."""
    typed = request.POST.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0
