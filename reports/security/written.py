"""What a visitor typed before an error: read from the form once more, so that the error's page gives it back."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from django.utils.translation import gettext_lazy

from core.languages import plain
from reports import questions
from reports.questions import Text
from reports.sealing import receipts
from reports.security.origin import is_foreign, may_be_foreign

JOURNEY = (
    "/report/",
    "/mailbox/",
)  # pages with text that nobody wants to lose, and that must be left at once
SLIP = (
    "token",
    "issued",
    "mark",
    "appeal",
    "website",
    "ticket",
    "after",
)  # what travels beside the text
AGAIN = (
    "/report/",
    "/report/check/",
    "/report/receipt/",
    "/mailbox/reply/",
)  # addresses that may be sent to again
BEFORE_SENDING = ("/report/", "/report/check/")  # where nothing is lost by a fresh token
AFTER_SENDING = ("/report/words/", "/report/photos/")  # where the seven words are known
REPLY = "text"  # the field of a sender's answer in the mailbox
UNREADABLE = (
    BadRequest,
    SuspiciousOperation,
    UnreadablePostError,
    MultiPartParserError,
    RawPostDataException,
)


class Written(NamedTuple):
    """What was posted: where to, the fields to send once more, the answers to show, and the receipt's words."""

    again: str = ""
    carried: Mapping[str, str] = {}
    answers: tuple[tuple[Text, Text], ...] = ()
    words: tuple[str, ...] = ()


def is_journey(request: HttpRequest) -> bool:
    """Return whether the request is on the way of a tip or in a mailbox."""
    return plain(request.path).startswith(JOURNEY)


def written(request: HttpRequest) -> Written:
    """Return what was typed on the way of a tip or in a mailbox; nothing where the body cannot be read."""
    post: Any = {}
    foreign = True
    if is_journey(request) and request.method == "POST":
        with suppress(*UNREADABLE):
            is_unsafe = is_foreign
            if plain(request.path) in BEFORE_SENDING:
                is_unsafe = may_be_foreign
            foreign = is_unsafe(request)
            post = request.POST
    answers = {name: post[name] for name in (*questions.names(), REPLY) if post.get(name)}
    slip = {}
    if not foreign:
        slip = {name: post[name] for name in SLIP if post.get(name)}
    answers_typed = [
        (question.label, answer) for question, answer in questions.in_reading_order(answers)
    ]
    if REPLY in answers:
        answers_typed.append((gettext_lazy("Write to us"), answers[REPLY]))
    again = ""
    if answers and plain(request.path) in AGAIN:
        again = request.path
    token = slip.get("token", "")
    words: tuple[str, ...] = ()
    if plain(request.path) in AFTER_SENDING and receipts.is_token(token):
        words = receipts.words(token)
    return Written(again=again, carried=slip | answers, answers=tuple(answers_typed), words=words)
