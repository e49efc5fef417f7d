"""What every request passes: a limit on its size, and Django's own middleware under /admin/ alone."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django_otp.middleware import OTPMiddleware

DESK = "/admin/"
PHOTO_PATHS = ("/report/photos/", "/mailbox/photos/", DESK)


def limit_body(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer 413 with a page that says what to do, before one byte of too large a body is parsed.

    Django would keep reading, and drop what does not fit in silence.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        photos = request.path.startswith(PHOTO_PATHS)
        limit = settings.PHOTO_BODY_LIMIT if photos else settings.FORM_BODY_LIMIT
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > limit:
            return render(request, "413.html", {"photos": photos, "limit": limit}, status=413)
        return get_response(request)

    return middleware


def response_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Add settings.RESPONSE_HEADERS to every answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in settings.RESPONSE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def keep_nothing_of_the_desk(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let no browser keep an answer from under /admin/, whoever made it: a refusal, an error, a lockout too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(DESK):
            add_never_cache_headers(response)
        return response

    return middleware


class AtTheDesk:
    """Before one of Django's own: it works under /admin/ alone. Elsewhere nobody has a session, a user or a message."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """Pass the request on, through the middleware at the desk and past it everywhere else."""
        if request.path.startswith(DESK):
            return super().__call__(request)  # type: ignore[misc] # the middleware it stands before
        return self.get_response(request)


class DeskSessions(AtTheDesk, SessionMiddleware):
    """Sealed sessions."""


class DeskUsers(AtTheDesk, AuthenticationMiddleware):
    """Who is signed in."""


class DeskSecondFactor(AtTheDesk, OTPMiddleware):  # type: ignore[misc] # django-otp has no types
    """Whether they have shown a second factor."""


class DeskMessages(AtTheDesk, MessageMiddleware):
    """What to tell them on the next page."""
