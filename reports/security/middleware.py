"""Middleware: a limit on the size of a request, response headers, and Django's own middleware for /admin/ alone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django_otp.middleware import OTPMiddleware

from core.languages import named, plain
from reports.domain.storage import database_threads
from reports.security import errors, known_browsers
from reports.security.written import is_journey

DESK = "/admin/"
NEWS_PICTURES = "/admin/newsroom/image/"
PHOTO_PATHS = ("/report/photos/", "/mailbox/photos/")


def speak(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the language of the address, and let no language stay with the thread."""

    def middleware(request: HttpRequest) -> HttpResponse:
        code = named(request.path)
        with translation.override(
            code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        ):
            return get_response(request)

    return middleware


def limit_body(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413, with a page that says what to do, before any of an oversized body is parsed.

    Django would read on and silently drop what does not fit.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        path = plain(request.path)
        limit = _limit(path)
        if not length.isdigit() or int(length) > limit:
            journey = is_journey(request)
            photos = path.startswith(PHOTO_PATHS)
            return render(
                request,
                "413.html",
                {"photos": photos, "limit": limit, "journey": journey},
                status=413,
            )
        return get_response(request)

    return middleware


def _limit(path: str) -> int:
    """Return how many bytes a request to this address may have."""
    if path.startswith(PHOTO_PATHS):
        return settings.PHOTO_READ_LIMIT
    if path.startswith(NEWS_PICTURES):
        return settings.PHOTO_BODY_LIMIT
    if path.startswith(DESK):
        return settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return settings.FORM_BODY_LIMIT


def response_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add settings.RESPONSE_HEADERS to every response."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in settings.RESPONSE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def leave_threads_to_the_form(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 503 under /admin/ where so many threads wait for the database that none would be left for the form.

    In browsers where nobody has signed in before, already where none would be left for members.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(DESK):
            return get_response(request)
        with database_threads.places.take(stranger=not known_browsers.is_known(request)) as free:
            if free:
                return get_response(request)
            return errors.busy()

    return middleware


class AtTheDesk:
    """A mixin for a middleware of Django's that runs it under /admin/ only: public pages have no session or user."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """Run the middleware under /admin/, and skip it everywhere else."""
        if request.path.startswith(DESK):
            return super().__call__(request)  # type: ignore[misc] # the class that it is mixed into
        return self.get_response(request)


class DeskSessions(AtTheDesk, SessionMiddleware):
    """Sealed sessions (`sessions.py`), under /admin/."""


class DeskUsers(AtTheDesk, AuthenticationMiddleware):
    """The signed-in user, under /admin/."""


class DeskSecondFactor(AtTheDesk, OTPMiddleware):  # type: ignore[misc] # django-otp has no types
    """The user's second factor, under /admin/."""


class DeskMessages(AtTheDesk, MessageMiddleware):
    """Messages for the next page, under /admin/."""
